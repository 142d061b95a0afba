/**
 * Producers of closed connections with outstanding messages: each keeps trying until `message.timeout.ms`, within a
 * maximum number of producers and of bytes. Above it, the one that has tried longest gives up.
 *
 * @module
 */

import type { Producer } from "./producer.ts";

/** Maximum of what drains at a time. */
export interface DrainLimits {
  /** Number of producers; each takes about five threads. */
  readonly maxDraining: number;
  /** Bytes of the messages of all of them, with keys and headers; a single producer may have more. */
  readonly maxDrainingBytes: number;
}

/** Waits for the outstanding messages of producers without users. */
export class DrainingProducers {
  readonly #limits: DrainLimits;
  readonly #giveUp: (producer: Producer, why: string) => void;
  /** Longest draining first. */
  readonly #producers = new Set<Producer>();

  /** `giveUp` ends a producer above the limits, and gets the reason. */
  constructor(limits: DrainLimits, giveUp: (producer: Producer, why: string) => void) {
    this.#limits = limits;
    this.#giveUp = giveUp;
  }

  /** Number of draining producers. */
  get count(): number {
    return this.#producers.size;
  }

  /** Number of their outstanding messages. */
  get messages(): number {
    return this.#sum(({ outstanding }) => outstanding.messages);
  }

  /** Resolves when the producer has no outstanding messages any more: false when it was closed before. */
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
