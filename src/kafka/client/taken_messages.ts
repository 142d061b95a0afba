/**
 * Messages on their way to a reply: as BLPOP replies with them, or as objects where they cannot be written at once.
 *
 * @module
 */

import type { Message } from "./message.ts";
import { isSamePartition, type TopicPartition } from "./topic_partitions.ts";

/** Messages of a partition that follow each other. */
export interface MessageRange extends TopicPartition {
  /** Offset of the first one. */
  readonly first: bigint;
  /** Offset of the last one, which is not lower. */
  readonly last: bigint;
  /** Number of messages; there may be offsets without one between them. */
  readonly count: number;
}

/** What one call has taken. */
export class TakenMessages {
  /** In their order: bytes are whole replies, of any number of messages. */
  readonly parts: (Uint8Array<ArrayBuffer> | Message)[] = [];
  /** In the order of the parts. */
  readonly ranges: MessageRange[] = [];
  readonly #outdated = new Set<MessageRange>();
  #count = 0;

  /** These messages. */
  static of(messages: readonly Message[]): TakenMessages {
    const taken = new TakenMessages();
    for (const message of messages) taken.add(message);
    return taken;
  }

  /** Number of messages. */
  get count(): number {
    return this.#count;
  }

  /** Those that may be acked. */
  get current(): readonly MessageRange[] {
    if (this.#outdated.size === 0) return this.ranges;
    return this.ranges.filter((range) => !this.#outdated.has(range));
  }

  /** What was taken so far of a partition is of a topic that was deleted and created again. */
  outdate(place: TopicPartition): void {
    for (const range of this.ranges) if (isSamePartition(range, place)) this.#outdated.add(range);
  }

  /** Adds a message. */
  add(message: Message): void {
    const { topic, partition, offset } = message;
    this.parts.push(message);
    this.addRange({ topic, partition, first: offset, last: offset, count: 1 });
  }

  /** Adds messages whose replies are in a part. */
  addRange(range: MessageRange): void {
    this.ranges.push(range);
    this.#count += range.count;
  }
}
