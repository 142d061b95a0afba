/**
 * Acks as in the first Rafka: one stands for its partition up to its offset.
 *
 * @module
 */

import type { Message } from "../client/message.ts";
import type { MessageRange } from "../client/taken_messages.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";
import type { AckTracker } from "./ack_tracker.ts";

interface Range {
  first: bigint;
  last: bigint;
}

/** First and last delivered offset by topic and partition. */
export class DeliveredOffsets implements AckTracker {
  readonly #topics = new Map<string, Map<number, Range>>();

  add(messages: readonly Message[]): void {
    for (const { topic, partition, offset } of messages) {
      this.addRange({ topic, partition, first: offset, last: offset });
    }
  }

  /** Adds messages that are delivered, from one offset to another. */
  addRange({ topic, partition, first, last }: Omit<MessageRange, "count">): void {
    const partitions = this.#partitionsOf(topic);
    const range = partitions.get(partition);
    // it is lower where a topic was deleted and recreated
    if (range && first >= range.first) range.last = last;
    else partitions.set(partition, { first, last });
  }

  has(topic: string, partition: number, offset: bigint): boolean {
    const range = this.#topics.get(topic)?.get(partition);
    return range !== undefined && range.first <= offset && offset <= range.last;
  }

  ack(_topic: string, _partition: number, offset: bigint): bigint {
    return offset + 1n;
  }

  forget({ topic, partition }: TopicPartition): void {
    this.#topics.get(topic)?.delete(partition);
  }

  forgetAll(): void {
    this.#topics.clear();
  }

  #partitionsOf(topic: string): Map<number, Range> {
    let partitions = this.#topics.get(topic);
    if (!partitions) this.#topics.set(topic, partitions = new Map());
    return partitions;
  }
}
