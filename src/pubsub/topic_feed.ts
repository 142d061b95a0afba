/**
 * What is appended to a topic, for all who subscribe to it: read once, from the end that it had when the first of them
 * came. What Kafka hinders is tried again, at the place where it was: no message is left out.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { Notifier } from "../async/notifier.ts";
import { KafkaError } from "../kafka/client/error.ts";
import { NO_BYTES } from "../resp/bytes.ts";
import type { StreamReading } from "../streams/stream_reading.ts";
import type { ReadEntry } from "../streams/stream_order.ts";
import type { Channel } from "./channel.ts";

/** Of one read. */
const PAGE = { maxCount: 1_000, maxBytes: 4 * 1024 * 1024 };
/** Timers take no longer time. */
const FOREVER_MS = 2 ** 31 - 1;
/** Between two tries. */
const RETRY_MS = 1_000;

const logger = getLogger(["rafka", "pubsub"]);

/** Messages of one topic for its channels. */
export class TopicFeed {
  /** Name of the topic. */
  readonly topic: string;
  /** Number of those who wait until it has begun. */
  waiting = 0;
  readonly #reading: StreamReading;
  /** The channels, and the name that the topic has in messages to each. */
  readonly #channels = new Map<Channel, Uint8Array<ArrayBuffer>>();
  readonly #ended = new AbortController();
  readonly #begun: Promise<void>;

  /** Begins to read. */
  constructor(topic: string, reading: StreamReading) {
    this.topic = topic;
    this.#reading = reading;
    this.#begun = this.#begin();
    this.#begun.catch(() => {}); // told to whoever awaits `begun`
  }

  /**
   * Resolves when all that is produced from now on will be delivered.
   *
   * @throws {KafkaError} when the topic can't be read, or too many others are
   */
  get begun(): Promise<void> {
    return this.#begun;
  }

  /** Nobody needs it. */
  get isIdle(): boolean {
    return this.#channels.size === 0 && this.waiting === 0;
  }

  /** Number of subscribers of all channels. */
  get subscribers(): number {
    let count = 0;
    for (const { subscribers } of this.#channels.keys()) count += subscribers.size;
    return count;
  }

  /** Delivers to a channel from now on. */
  add(channel: Channel, name: Uint8Array<ArrayBuffer>): void {
    this.#channels.set(channel, name);
  }

  /** Delivers no more to a channel. */
  remove(channel: Channel): void {
    this.#channels.delete(channel);
  }

  /** Reads no more. */
  close(): void {
    this.#ended.abort();
  }

  async #begin(): Promise<void> {
    const { signal } = this.#ended;
    const first = await this.#reading.next(PAGE, true, signal);
    await this.#reading.wait(0, signal); // its reader is there, or there is no such topic yet
    setTimeout(() => void this.#run(first)); // behind those who have waited for this
  }

  /** @param first what a topic that is read from its beginning on has already */
  async #run(first: readonly ReadEntry[]): Promise<void> {
    const { signal } = this.#ended;
    this.#deliver(first);
    let isFailing = false;
    while (!signal.aborted) {
      try {
        await this.#reading.wait(FOREVER_MS, signal);
        this.#deliver(await this.#reading.next(PAGE, true, signal));
        if (isFailing) logger.info("Topic {topic} is read again", { topic: this.topic });
        isFailing = false;
      } catch (error) {
        if (signal.aborted) return;
        this.#noteFailure(error, isFailing);
        isFailing = true;
        await new Notifier().wait(RETRY_MS, signal);
      }
    }
  }

  #deliver(entries: readonly ReadEntry[]): void {
    for (const { message } of entries) {
      const payload = message.value ?? NO_BYTES;
      for (const [channel, name] of this.#channels) channel.publish(payload, name);
    }
  }

  #noteFailure(error: unknown, isKnown: boolean): void {
    if (isKnown && error instanceof KafkaError) return;
    const why = error instanceof KafkaError ? error.message : (error as Error).stack;
    logger.error("Topic {topic} cannot be read for its subscribers: {why}", {
      topic: this.topic,
      why,
    });
  }
}
