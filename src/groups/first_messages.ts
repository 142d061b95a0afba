/**
 * Waits for the first messages of topics that a group begins to use: a reader that does not block would find nothing
 * else.
 *
 * @module
 */

import type { OwnedPartition } from "./owned_partition.ts";

interface Expected {
  readonly partition: OwnedPartition;
  /** The end of the partition when it was assigned. */
  readonly end: number;
}

/** The first messages of one group's topics. */
export class FirstMessages {
  readonly #expected = new Map<string, Expected[]>();
  #waiting: { readonly topic: string; readonly resolve: () => void }[] = [];

  /** A partition is assigned; messages before `end` arrive soon. */
  expect(topic: string, partition: OwnedPartition, end: number): void {
    const expected = this.#expected.get(topic) ?? [];
    this.#expected.set(topic, [...expected, { partition, end }]);
  }

  /** Waits until each partition of a topic has a message, or is known to have none; at most `timeoutMs`. */
  wait(topic: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.push({ topic, resolve: done });
    });
  }

  /** Messages may have arrived. */
  look(): void {
    this.#waiting = this.#waiting.filter(({ topic, resolve }) => {
      const expected = this.#expected.get(topic);
      if (!expected?.every(hasBegun)) return true;
      resolve();
      return false;
    });
    if (this.#waiting.length === 0) this.#expected.clear();
  }
}

function hasBegun({ partition, end }: Expected): boolean {
  return partition.position >= end || partition.heldBack || partition.isReady();
}
