/**
 * The channels in memory of this gateway: those that are no topics. A channel is there as long as it has subscribers; a
 * message without any is gone, as in Redis.
 *
 * @module
 */

import { matchesGlob } from "../resp/glob_match.ts";
import { byteText, Channel, type ChannelKind, type Subscriber } from "./channel.ts";

/** How many channels there may be. */
export interface ChannelLimits {
  /** Channels with subscribers. */
  readonly maxChannels: number;
  /** Patterns with subscribers: each message is compared with each. */
  readonly maxPatterns: number;
}

/** There are too many channels or patterns. */
export class TooManyChannels extends Error {
  /** Shown in stack traces. */
  override name = "TooManyChannels";
}

/** Names whose patterns are remembered: those that are published to are few, and patterns seldom change. */
const MAX_REMEMBERED = 1_000;

/** As in Redis, `*` does not match the channel without a name. */
function matches(pattern: string, name: string): boolean {
  return name === "" ? pattern === "" : matchesGlob(pattern, name);
}

/** All channels in memory. */
export class Channels {
  readonly #limits: ChannelLimits;
  readonly #channels: Readonly<Record<ChannelKind, Map<string, Channel>>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };
  readonly #matching = new Map<string, readonly Channel[]>();

  /** None yet. */
  constructor(limits: ChannelLimits) {
    this.#limits = limits;
  }

  /** Those of a kind that have subscribers. */
  of(kind: ChannelKind): readonly Channel[] {
    return [...this.#channels[kind].values()];
  }

  /** Number of those of a kind that have subscribers. */
  count(kind: ChannelKind): number {
    return this.#channels[kind].size;
  }

  /** Number of subscribers. */
  subscribers(kind: ChannelKind, name: Uint8Array<ArrayBuffer>): number {
    return this.#channels[kind].get(byteText(name))?.subscribers.size ?? 0;
  }

  /**
   * Adds a subscriber.
   *
   * @throws {TooManyChannels} when the channel would be one too many
   */
  subscribe(kind: ChannelKind, name: Uint8Array<ArrayBuffer>, subscriber: Subscriber): Channel {
    const text = byteText(name);
    let channel = this.#channels[kind].get(text);
    if (!channel) {
      this.#requireRoom(kind);
      channel = new Channel(kind, name);
      this.#channels[kind].set(text, channel);
      if (kind === "pattern") this.#matching.clear();
    }
    channel.subscribers.add(subscriber);
    return channel;
  }

  /** Removes a subscriber; the channel ends with the last. */
  unsubscribe(channel: Channel, subscriber: Subscriber): void {
    channel.subscribers.delete(subscriber);
    if (channel.subscribers.size > 0) return;
    this.#channels[channel.kind].delete(byteText(channel.name));
    if (channel.kind === "pattern") this.#matching.clear();
  }

  /**
   * Gives a message to the subscribers of the channel, and to those of the patterns that match it.
   *
   * @returns how many times it was given
   */
  publish(
    kind: "channel" | "shard",
    name: Uint8Array<ArrayBuffer>,
    payload: Uint8Array<ArrayBuffer>,
  ): number {
    const text = byteText(name);
    let receivers = this.#channels[kind].get(text)?.publish(payload, name) ?? 0;
    if (kind === "shard" || this.count("pattern") === 0) return receivers;
    for (const pattern of this.#patternsOf(text)) receivers += pattern.publish(payload, name);
    return receivers;
  }

  #patternsOf(name: string): readonly Channel[] {
    const known = this.#matching.get(name);
    if (known) return known;
    const patterns = this.of("pattern").filter((one) => matches(byteText(one.name), name));
    if (this.#matching.size >= MAX_REMEMBERED) this.#matching.clear();
    this.#matching.set(name, patterns);
    return patterns;
  }

  #requireRoom(kind: ChannelKind): void {
    const { maxChannels, maxPatterns } = this.#limits;
    if (kind === "pattern" && this.count("pattern") >= maxPatterns) {
      throw new TooManyChannels(
        `there are ${maxPatterns} patterns, as many as server.pubsub.maxPatterns allows`,
      );
    }
    if (kind !== "pattern" && this.count("channel") + this.count("shard") >= maxChannels) {
      throw new TooManyChannels(
        `there are ${maxChannels} channels, as many as server.pubsub.maxChannels allows`,
      );
    }
  }
}
