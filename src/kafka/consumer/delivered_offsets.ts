/**
 * Which offsets a consumer has handed out since it was given their partitions. An ack for any other would move the
 * group to where its worker has not been: over messages that nobody has seen, or back behind what others have acked.
 *
 * @module
 */

import type { Message } from "../client/message.ts";

interface Range {
  first: bigint;
  last: bigint;
}

/** The first and the last offset by topic and partition. */
export class DeliveredOffsets {
  readonly #topics = new Map<string, Map<number, Range>>();

  /** These go to the worker. */
  add(messages: readonly Message[]): void {
    for (const { topic, partition, offset } of messages) {
      const range = this.#partitionsOf(topic).get(partition);
      // it goes back where a topic was deleted and made again
      if (range && offset >= range.first) range.last = offset;
      else this.#partitionsOf(topic).set(partition, { first: offset, last: offset });
    }
  }

  /** Whether the offset may be acked. */
  has(topic: string, partition: number, offset: bigint): boolean {
    const range = this.#topics.get(topic)?.get(partition);
    return range !== undefined && range.first <= offset && offset <= range.last;
  }

  /** The partition is given or taken. */
  forget({ topic, partition }: { readonly topic: string; readonly partition: number }): void {
    this.#topics.get(topic)?.delete(partition);
  }

  /** All are taken. */
  forgetAll(): void {
    this.#topics.clear();
  }

  #partitionsOf(topic: string): Map<number, Range> {
    let partitions = this.#topics.get(topic);
    if (!partitions) this.#topics.set(topic, partitions = new Map());
    return partitions;
  }
}
