/**
 * What one connection subscribes to.
 *
 * @module
 */

import { byteText, Channel, type ChannelKind, type Subscriber } from "./channel.ts";
import { type Channels, TooManyChannels } from "./channels.ts";
import type { FeedTopics, TopicFeeds } from "./topic_feeds.ts";

/** Where a topic is subscribed to. */
export interface TopicSource {
  /** The feeds of the connection's principal. */
  readonly feeds: TopicFeeds;
  /** Which topics. */
  readonly topics: FeedTopics;
}

interface Subscription {
  readonly channel: Channel;
  /** undefined for a channel in memory. */
  readonly feeds: TopicFeeds | undefined;
}

/** The subscriptions of one connection. */
export class Subscriptions {
  readonly #channels: Channels;
  readonly #subscriber: Subscriber;
  readonly #maxCount: number;
  readonly #own: Readonly<Record<ChannelKind, Map<string, Subscription>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };

  /**
   * None yet.
   *
   * @param maxCount of one connection
   */
  constructor(channels: Channels, subscriber: Subscriber, maxCount: number) {
    this.#channels = channels;
    this.#subscriber = subscriber;
    this.#maxCount = maxCount;
  }

  /** Number of subscriptions of a kind. */
  count(kind: ChannelKind): number {
    return this.#own[kind].size;
  }

  /** Number of all. */
  get total(): number {
    return this.count("channel") + this.count("pattern") + this.count("shard");
  }

  /** The number that a reply about this kind has: channels and patterns are counted together, as in Redis. */
  replyCount(kind: ChannelKind): number {
    return kind === "shard" ? this.count("shard") : this.count("channel") + this.count("pattern");
  }

  /** The names of a kind. */
  names(kind: ChannelKind): Uint8Array<ArrayBuffer>[] {
    return [...this.#own[kind].values()].map(({ channel }) => channel.name);
  }

  /** Whether there is this subscription. */
  has(kind: ChannelKind, name: Uint8Array<ArrayBuffer>): boolean {
    return this.#own[kind].has(byteText(name));
  }

  /**
   * Subscribes to a channel in memory; another time has no effect.
   *
   * @param name must not change
   * @throws {TooManyChannels} of this connection, or of all
   */
  add(kind: ChannelKind, name: Uint8Array<ArrayBuffer>): void {
    if (this.has(kind, name)) return;
    this.#requireRoom();
    const channel = this.#channels.subscribe(kind, name, this.#subscriber);
    this.#own[kind].set(byteText(name), { channel, feeds: undefined });
  }

  /**
   * Subscribes to topics; another time has no effect.
   *
   * @param name must not change
   * @throws {TooManyChannels} of this connection
   * @throws {KafkaError} when a topic can't be read, or too many others are
   * @throws the reason of `signal`
   */
  async addTopics(
    kind: ChannelKind,
    name: Uint8Array<ArrayBuffer>,
    { feeds, topics }: TopicSource,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.has(kind, name)) return;
    this.#requireRoom();
    const channel = await feeds.subscribe(kind, name, topics, this.#subscriber, signal);
    this.#own[kind].set(byteText(name), { channel, feeds });
  }

  /** Ends a subscription, if there is one. */
  remove(kind: ChannelKind, name: Uint8Array<ArrayBuffer>): void {
    const text = byteText(name);
    const subscription = this.#own[kind].get(text);
    if (!subscription) return;
    this.#own[kind].delete(text);
    const { channel, feeds } = subscription;
    (feeds ?? this.#channels).unsubscribe(channel, this.#subscriber);
  }

  /** Ends all. */
  clear(): void {
    for (const kind of ["channel", "pattern", "shard"] as const) {
      for (const name of this.names(kind)) this.remove(kind, name);
    }
  }

  #requireRoom(): void {
    if (this.total < this.#maxCount) return;
    throw new TooManyChannels(
      `this connection has ${this.#maxCount} subscriptions, as many as ` +
        "server.pubsub.maxSubscriptions allows",
    );
  }
}
