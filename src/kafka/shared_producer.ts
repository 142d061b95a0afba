/**
 * @module
 * One producer for all connections: few threads, large batches. Each connection has a share of its queue.
 */

import type { Sender } from "./observer.ts";
import type { Producer } from "./producer.ts";
import { type Lessor, ProducerLease, type Unflushed } from "./producer_lease.ts";
import type { ProducerSet } from "./producer_set.ts";
import type { Producers } from "./producers.ts";

/** How long the messages of other connections get whose producer can't be used any more. */
const RETIRE_TIMEOUT_MS = 5_000;

/** A producer that is made when the first connection produces, and ends with the gateway. */
export class SharedProducer implements Producers, Lessor {
  readonly #all: ProducerSet;
  #producer: Producer | undefined;
  #leases = 0;

  /** Makes its producer in `all`. */
  constructor(all: ProducerSet) {
    this.#all = all;
  }

  get count(): number {
    return this.#all.count;
  }

  get idleCount(): number {
    return this.#producer && this.#leases === 0 ? 1 : 0;
  }

  get outstanding(): number {
    return this.#all.outstanding;
  }

  lease(_name: string | undefined, sender: Sender): ProducerLease {
    const lease = new ProducerLease(this, this.#current(), sender);
    this.#leases++;
    return lease;
  }

  replace(): Producer {
    return this.#current();
  }

  release(_producer: Producer, left: number): Promise<Unflushed> {
    this.#leases--;
    return Promise.resolve({ givenUp: 0, left });
  }

  async close(timeoutMs: number): Promise<void> {
    await this.#all.closeAll(timeoutMs);
  }

  /** One that can't be used any more is replaced, by whoever notices first. */
  #current(): Producer {
    if (this.#producer?.fatalError) {
      void this.#all.retire(this.#producer, RETIRE_TIMEOUT_MS);
      this.#producer = undefined;
    }
    this.#producer ??= this.#all.open(this.#all.clientId(undefined));
    return this.#producer;
  }
}
