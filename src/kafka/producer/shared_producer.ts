/**
 * One producer for all connections: few threads, large batches. Each connection has a share of its queue, and of its
 * topics. A producer that takes no more topics, or has a fatal error, is replaced; a connection that has used up its
 * share of topics gets a producer of its own.
 *
 * @module
 */

import type { Sender } from "../client/observer.ts";
import { LeaseCounts } from "./lease_counts.ts";
import type { Producer } from "./producer.ts";
import { type Lessor, ProducerLease } from "./producer_lease.ts";
import type { ProducerSet } from "./producer_set.ts";
import type { Producers } from "./producers.ts";

/** How long messages of other connections have when the producer has a fatal error. */
const RETIRE_TIMEOUT_MS = 5_000;

/** A producer that is made for the first lease, and closed with the gateway. */
export class SharedProducer implements Producers, Lessor {
  readonly #all: ProducerSet;
  #producer: Producer | undefined;
  /** Number of leases of each producer: the shared one, its predecessors, those of one connection. */
  readonly #leases = new LeaseCounts();

  /** Makes its producers in `all`. */
  constructor(all: ProducerSet) {
    this.#all = all;
  }

  get count(): number {
    return this.#all.count;
  }

  get unhurried(): ProducerSet["unhurried"] {
    return this.#all.unhurried;
  }

  get idleCount(): number {
    return this.#producer && this.#leases.of(this.#producer) === 0 ? 1 : 0;
  }

  get outstanding(): number {
    return this.#all.outstanding;
  }

  get outstandingBytes(): number {
    return this.#all.outstandingBytes;
  }

  get draining(): Producers["draining"] {
    return this.#all.draining;
  }

  lease(_name: string | undefined, sender: Sender): ProducerLease {
    return new ProducerLease(this, this.#leases.use(this.#current()), sender);
  }

  replace(producer: Producer): Producer {
    const ownUse = producer === this.#producer && !producer.isFull && !producer.fatalError;
    const next = this.#leases.use(ownUse ? this.#open() : this.#current());
    this.release(producer);
    return next;
  }

  /** All lease it anyway. */
  handOn(): void {}

  release(producer: Producer): void {
    if (this.#leases.leave(producer) === 0 && producer !== this.#producer) void this.#end(producer);
  }

  async close(timeoutMs: number): Promise<void> {
    await this.#all.closeAll(timeoutMs);
  }

  /** The shared producer; the first call that finds it unusable, or without room for topics, replaces it. */
  #current(): Producer {
    const { fatalError, isFull } = this.#producer ?? {};
    if (this.#producer && (fatalError || isFull)) {
      const old = this.#producer;
      this.#producer = undefined;
      if (fatalError) void this.#all.retire(old, RETIRE_TIMEOUT_MS);
      else if (this.#leases.of(old) === 0) void this.#end(old);
    }
    this.#producer ??= this.#open();
    return this.#producer;
  }

  #open(): Producer {
    return this.#all.open(this.#all.clientId(undefined));
  }

  /** Closes a producer without users when no message is outstanding. */
  async #end(producer: Producer): Promise<void> {
    const drained = producer.outstanding.messages === 0 || await this.#all.drain(producer);
    if (drained) await this.#all.retire(producer, 0);
  }
}
