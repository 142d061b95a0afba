/**
 * Producers whose connection is gone and whose messages are not delivered yet: each goes on trying until
 * `message.timeout.ms`, within a number of producers and of bytes. With more, the one that has tried longest gives up.
 *
 * @module
 */

import type { Producer } from "./producer.ts";

/** How many may drain at a time. */
export interface DrainLimits {
  /** Producers; each takes about five threads. */
  readonly maxDraining: number;
  /** What the messages of all of them may take, keys and values; a single one may have more. */
  readonly maxDrainingBytes: number;
}

/** Waits for the last messages of producers without a user. */
export class DrainingProducers {
  readonly #limits: DrainLimits;
  readonly #giveUp: (producer: Producer, why: string) => void;
  /** The one that has tried longest first. */
  readonly #producers = new Set<Producer>();

  /** `giveUp` ends a producer that is one too many, and says why. */
  constructor(limits: DrainLimits, giveUp: (producer: Producer, why: string) => void) {
    this.#limits = limits;
    this.#giveUp = giveUp;
  }

  /** How many there are. */
  get count(): number {
    return this.#producers.size;
  }

  /** How many messages they have outstanding. */
  get messages(): number {
    return this.#sum(({ outstanding }) => outstanding.messages);
  }

  /** Resolves when nothing of the producer is outstanding any more: false when it was ended before. */
  async drained(producer: Producer): Promise<boolean> {
    this.#producers.add(producer);
    this.#makeRoom();
    while (!producer.closed && await producer.flush(Infinity) > 0);
    this.#producers.delete(producer);
    return !producer.closed;
  }

  #makeRoom(): void {
    const { maxDraining, maxDrainingBytes } = this.#limits;
    for (const producer of this.#producers) {
      if (this.count > maxDraining) {
        this.#end(producer, `maxDrainingProducers is ${maxDraining}`);
      } else if (this.count > 1 && this.#bytes > maxDrainingBytes) {
        this.#end(producer, `maxDrainingBytes is ${maxDrainingBytes}`);
      } else return;
    }
  }

  #end(producer: Producer, limit: string): void {
    this.#producers.delete(producer);
    this.#giveUp(producer, `more messages of connections that are gone wait to be sent, ${limit}`);
  }

  get #bytes(): number {
    return this.#sum(({ outstandingBytes }) => outstandingBytes);
  }

  #sum(of: (producer: Producer) => number): number {
    let sum = 0;
    for (const producer of this.#producers) sum += of(producer);
    return sum;
  }
}
