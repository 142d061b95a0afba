/**
 * Who has a producer: the number of its leases.
 *
 * @module
 */

import type { Producer } from "./producer.ts";

/** Numbers of leases; a producer without any is not kept here. */
export class LeaseCounts {
  readonly #counts = new Map<Producer, number>();

  /** Number of leases of a producer. */
  of(producer: Producer): number {
    return this.#counts.get(producer) ?? 0;
  }

  /** One more lease begins; returns the producer. */
  use(producer: Producer): Producer {
    this.#counts.set(producer, this.of(producer) + 1);
    return producer;
  }

  /** A lease ends; returns how many are left. */
  leave(producer: Producer): number {
    const left = this.of(producer) - 1;
    if (left > 0) this.#counts.set(producer, left);
    else this.#counts.delete(producer);
    return left;
  }
}
