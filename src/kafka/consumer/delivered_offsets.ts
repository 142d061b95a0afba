/**
 * Acks as in the first Rafka: one stands for its partition up to its offset.
 *
 * @module
 */

import type { Message } from "../client/message.ts";
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
      const range = this.#partitionsOf(topic).get(partition);
      // it is lower where a topic was deleted and recreated
      if (range && offset >= range.first) range.last = offset;
      else this.#partitionsOf(topic).set(partition, { first: offset, last: offset });
    }
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
