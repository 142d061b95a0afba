/**
 * Offsets that a consumer has delivered since their partitions were assigned. An ack for any other offset would move the
 * group past messages that no worker has seen, or back behind acks of others.
 *
 * @module
 */

import type { Message } from "../client/message.ts";

interface Range {
  first: bigint;
  last: bigint;
}

/** First and last delivered offset by topic and partition. */
export class DeliveredOffsets {
  readonly #topics = new Map<string, Map<number, Range>>();

  /** Adds the offsets of delivered messages. */
  add(messages: readonly Message[]): void {
    for (const { topic, partition, offset } of messages) {
      const range = this.#partitionsOf(topic).get(partition);
      // it is lower where a topic was deleted and recreated
      if (range && offset >= range.first) range.last = offset;
      else this.#partitionsOf(topic).set(partition, { first: offset, last: offset });
    }
  }

  /** Whether the offset may be acked. */
  has(topic: string, partition: number, offset: bigint): boolean {
    const range = this.#topics.get(topic)?.get(partition);
    return range !== undefined && range.first <= offset && offset <= range.last;
  }

  /** Forgets a partition that is assigned or revoked. */
  forget({ topic, partition }: { readonly topic: string; readonly partition: number }): void {
    this.#topics.get(topic)?.delete(partition);
  }

  /** Forgets all partitions. */
  forgetAll(): void {
    this.#topics.clear();
  }

  #partitionsOf(topic: string): Map<number, Range> {
    let partitions = this.#topics.get(topic);
    if (!partitions) this.#topics.set(topic, partitions = new Map());
    return partitions;
  }
}
