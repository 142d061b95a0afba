/**
 * Topics as channels: one feed for each that has subscribers, however many they are, and under whatever names. Patterns
 * of topics have the feeds of those that match, also of topics that are made later.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { ERR__CRIT_SYS_RESOURCE } from "../ffi/constants.ts";
import { KafkaError } from "../kafka/client/error.ts";
import { isInternalTopic } from "../kafka/client/topic_name.ts";
import { matchesGlob } from "../resp/glob_match.ts";
import { MIN_ID } from "../streams/stream_id.ts";
import type { ReadFrom, StreamReading } from "../streams/stream_reading.ts";
import { byteText, Channel, type ChannelKind, type Subscriber } from "./channel.ts";
import { TopicFeed } from "./topic_feed.ts";

/** What feeds need of Kafka. */
export interface FeedSource {
  /** Reads a topic on from somewhere. */
  readonly reading: (topic: string, from: ReadFrom, connectionId: number) => StreamReading;
  /** The names of all topics. */
  readonly topicNames: () => Promise<readonly string[]>;
}

/** Limits of feeds. */
export interface FeedLimits {
  /** Each takes a client of Kafka. */
  readonly maxFeeds: number;
  /** Whether patterns find Kafka's own topics. */
  readonly internalTopics: boolean;
}

/** What a channel or a pattern is to Kafka: one topic, or all with a name that matches. */
export type FeedTopics = { readonly topic: string } | { readonly glob: string };

/** Connections count from 1. */
const NO_CONNECTION = 0;
/** How often topics that are new are looked for, as long as there is a pattern. */
const LOOK_FOR_TOPICS_MS = 5_000;
/** What names of topics begin with, as channels. */
const TOPICS = "topics:";

const encoder = new TextEncoder();
const logger = getLogger(["rafka", "pubsub"]);

interface OpenChannel {
  readonly channel: Channel;
  readonly feeds: Set<TopicFeed>;
  /** Of a pattern. */
  readonly glob: string | undefined;
}

/** All topics that somebody subscribes to, as one principal. */
export class TopicFeeds {
  readonly #source: FeedSource;
  readonly #limits: FeedLimits;
  readonly #feeds = new Map<string, TopicFeed>();
  readonly #open = new Map<string, OpenChannel>();
  /** The topics that there were when new ones were last looked for; undefined without a pattern. */
  #known: ReadonlySet<string> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Reads nothing yet. */
  constructor(source: FeedSource, limits: FeedLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** Number of topics that are read. */
  get count(): number {
    return this.#feeds.size;
  }

  /** The channels or patterns that have subscribers. */
  of(kind: ChannelKind): readonly Channel[] {
    return [...this.#open.values()].filter(({ channel }) => channel.kind === kind)
      .map(({ channel }) => channel);
  }

  /** Number of connections' subscriptions that get what is produced to a topic. */
  subscribers(topic: string): number {
    return this.#feeds.get(topic)?.subscribers ?? 0;
  }

  /**
   * Adds a subscriber, as soon as nothing will be missed that is produced from then on.
   *
   * @throws {KafkaError} when a topic can't be read, or too many others are
   * @throws the reason of `signal`
   */
  async subscribe(
    kind: ChannelKind,
    name: Uint8Array<ArrayBuffer>,
    topics: FeedTopics,
    subscriber: Subscriber,
    signal: AbortSignal,
  ): Promise<Channel> {
    const glob = "glob" in topics ? topics.glob : undefined;
    const names = "glob" in topics ? await this.#matching(topics.glob) : [topics.topic];
    const feeds = new Set<TopicFeed>();
    try {
      for (const topic of names) {
        const feed = this.#feedOf(topic);
        feed.waiting++;
        feeds.add(feed);
      }
      await Promise.all([...feeds].map(({ begun }) => begun));
      signal.throwIfAborted();
      const open = this.#openChannel(kind, name, glob);
      for (const feed of feeds) this.#attach(open, feed);
      open.channel.subscribers.add(subscriber);
      return open.channel;
    } finally {
      for (const feed of feeds) {
        feed.waiting--;
        this.#closeIdle(feed);
      }
      if (this.#globs.length === 0) this.#stopLooking();
    }
  }

  /** Removes a subscriber; topics without any are read no more. */
  unsubscribe(channel: Channel, subscriber: Subscriber): void {
    channel.subscribers.delete(subscriber);
    const key = keyOf(channel.kind, channel.name);
    const open = this.#open.get(key);
    if (channel.subscribers.size > 0 || open?.channel !== channel) return;
    this.#open.delete(key);
    for (const feed of open.feeds) {
      feed.remove(channel);
      this.#closeIdle(feed);
    }
    if (open.glob !== undefined && this.#globs.length === 0) this.#stopLooking();
  }

  /** Reads no more. */
  close(): void {
    this.#stopLooking();
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  get #globs(): readonly OpenChannel[] {
    return [...this.#open.values()].filter(({ glob }) => glob !== undefined);
  }

  #openChannel(
    kind: ChannelKind,
    name: Uint8Array<ArrayBuffer>,
    glob: string | undefined,
  ): OpenChannel {
    const key = keyOf(kind, name);
    let open = this.#open.get(key);
    if (!open) {
      open = { channel: new Channel(kind, name), feeds: new Set(), glob };
      this.#open.set(key, open);
    }
    if (glob !== undefined) {
      this.#timer ??= setInterval(() => void this.#look(), LOOK_FOR_TOPICS_MS);
    }
    return open;
  }

  /** @throws {KafkaError} when there are too many */
  #feedOf(topic: string): TopicFeed {
    const known = this.#feeds.get(topic);
    if (known) return known;
    const { maxFeeds } = this.#limits;
    if (this.#feeds.size >= maxFeeds) {
      throw new KafkaError(
        `there are subscribers of ${maxFeeds} topics, as many as server.streams.maxReaders allows`,
        ERR__CRIT_SYS_RESOURCE,
        "_CRIT_SYS_RESOURCE",
      );
    }
    // what a topic has that was not there before is new to the patterns that match it
    const from = this.#known && !this.#known.has(topic) ? MIN_ID : "end";
    const feed = new TopicFeed(topic, this.#source.reading(topic, from, NO_CONNECTION));
    this.#feeds.set(topic, feed);
    for (const open of this.#globs) {
      if (this.#isFound(open.glob!, topic)) this.#attach(open, feed);
    }
    return feed;
  }

  #attach(open: OpenChannel, feed: TopicFeed): void {
    const { channel, glob } = open;
    feed.add(channel, glob === undefined ? channel.name : encoder.encode(TOPICS + feed.topic));
    open.feeds.add(feed);
  }

  #closeIdle(feed: TopicFeed): void {
    if (!feed.isIdle || this.#feeds.get(feed.topic) !== feed) return;
    this.#feeds.delete(feed.topic);
    feed.close();
  }

  async #matching(glob: string): Promise<string[]> {
    const names = await this.#source.topicNames();
    this.#known ??= new Set(names); // a later one finds new topics as those before it do
    // some that are subscribed to may not exist yet
    return [...new Set([...names, ...this.#feeds.keys()])]
      .filter((topic) => this.#isFound(glob, topic));
  }

  #isFound(glob: string, topic: string): boolean {
    return matchesGlob(glob, topic) && (this.#limits.internalTopics || !isInternalTopic(topic));
  }

  /** What a new topic has is new, so it is read from its first message on. */
  async #look(): Promise<void> {
    let names: readonly string[];
    try {
      names = await this.#source.topicNames();
    } catch {
      return; // it is asked again
    }
    const known = this.#known;
    if (!known || !this.#timer) return;
    for (const topic of names) {
      const isWanted = this.#globs.some(({ glob }) => this.#isFound(glob!, topic));
      if (known.has(topic) || this.#feeds.has(topic) || !isWanted) continue;
      try {
        this.#feedOf(topic);
      } catch (error) {
        const why = (error as Error).message;
        logger.error("Topic {topic} is not read for patterns that match it: {why}", { topic, why });
      }
    }
    this.#known = new Set(names);
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#known = undefined;
  }
}

function keyOf(kind: ChannelKind, name: Uint8Array<ArrayBuffer>): string {
  return `${kind} ${byteText(name)}`;
}
