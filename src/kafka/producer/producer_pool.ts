/**
 * A producer for each connection that produces. When a connection has ended, the next one gets its producer, while the
 * last messages are still on their way: those of connections that come and go are sent together. When they are
 * delivered and nobody has the producer, it is kept for a while: a new one takes threads, connections to the brokers and
 * metadata.
 *
 * @module
 */

import type { Sender } from "../client/observer.ts";
import { LeaseCounts } from "./lease_counts.ts";
import type { Producer } from "./producer.ts";
import { type Lessor, ProducerLease } from "./producer_lease.ts";
import type { ProducerSet } from "./producer_set.ts";
import type { Producers } from "./producers.ts";

/** A producer with more topics is not kept: it never forgets a topic, at the cost of the next connection. */
const MAX_KEPT_TOPICS = 1_000;
/** Messages of former connections that a connection may find in its producer: they are sent before its own. */
const MAX_MESSAGES_LEFT = 100;

/** Limits of idle producers. */
export interface PoolOptions {
  /** How long an idle producer is kept. */
  readonly idleMs: number;
  /** Maximum number of idle producers. */
  readonly maxIdle: number;
}

/** Producers that are leased to one connection at a time. */
export class ProducerPool implements Producers, Lessor {
  readonly #all: ProducerSet;
  readonly #options: PoolOptions;
  /** Leases of each producer: of one connection, and of former ones whose messages are on their way. */
  readonly #leases = new LeaseCounts();
  /** Producers of former connections only, the latest last. */
  readonly #handedOn: Producer[] = [];
  /** Longest idle first. */
  readonly #idle: { readonly producer: Producer; readonly sinceMs: number }[] = [];
  /** Set while there are idle producers: the end of the first. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closing = false;

  /** A pool of the producers in `all`. */
  constructor(all: ProducerSet, options: PoolOptions) {
    this.#all = all;
    this.#options = options;
  }

  get count(): number {
    return this.#all.count;
  }

  get unhurried(): ProducerSet["unhurried"] {
    return this.#all.unhurried;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  get outstanding(): number {
    return this.#all.outstanding;
  }

  lease(name: string | undefined, sender: Sender): ProducerLease {
    const clientId = this.#all.clientId(name);
    const ready = this.#takeHandedOn(clientId) ?? this.#takeIdle(clientId);
    if (!ready && this.#idle.length > 0 && this.#all.refusal()) this.#endOldest();
    return new ProducerLease(this, this.#leases.use(ready ?? this.#all.open(clientId)), sender);
  }

  get outstandingBytes(): number {
    return this.#all.outstandingBytes;
  }

  get draining(): Producers["draining"] {
    return this.#all.draining;
  }

  replace(producer: Producer): Producer {
    const isLast = this.#leases.of(producer) === 1;
    const next = isLast ? this.#all.replace(producer) : this.#all.open(producer.name.clientId);
    this.#leases.leave(producer);
    return this.#leases.use(next);
  }

  handOn(producer: Producer): void {
    if (this.#isWorthKeeping(producer)) this.#handedOn.push(producer);
  }

  release(producer: Producer): void {
    if (this.#leases.leave(producer) > 0) return;
    const at = this.#handedOn.indexOf(producer);
    if (at >= 0) this.#handedOn.splice(at, 1);
    this.#endUse(producer);
  }

  #endUse(producer: Producer): void {
    if (producer.outstanding.messages > 0) void this.#drain(producer);
    else if (this.#isWorthKeeping(producer)) this.#keep(producer);
    else void this.#all.retire(producer, 0);
  }

  async #drain(producer: Producer): Promise<void> {
    if (await this.#all.drain(producer)) this.#endUse(producer);
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    this.#idle.length = 0;
    this.#handedOn.length = 0;
    await this.#all.closeAll(timeoutMs);
  }

  /** Takes the latest that works and has little to send. */
  #takeHandedOn(clientId: string): Producer | undefined {
    const at = this.#handedOn.findLastIndex(({ name, fatalError, trouble, outstanding }) =>
      name.clientId === clientId && !fatalError && trouble === undefined &&
      outstanding.messages <= MAX_MESSAGES_LEFT
    );
    return at < 0 ? undefined : this.#handedOn.splice(at, 1)[0];
  }

  /** Takes the one that was used last, so that surplus ones age and end. */
  #takeIdle(clientId: string): Producer | undefined {
    const at = this.#idle.findLastIndex(({ producer }) =>
      producer.name.clientId === clientId && !producer.fatalError
    );
    return at < 0 ? undefined : this.#idle.splice(at, 1)[0]!.producer;
  }

  #isWorthKeeping({ fatalError, topicCount }: Producer): boolean {
    return this.#options.maxIdle > 0 && !this.#closing && !fatalError &&
      topicCount <= MAX_KEPT_TOPICS;
  }

  #keep(producer: Producer): void {
    this.#idle.push({ producer, sinceMs: performance.now() });
    if (this.#idle.length > this.#options.maxIdle) this.#endOldest();
    this.#timer ??= setTimeout(() => this.#endIdle(), this.#options.idleMs);
  }

  #endOldest(): void {
    void this.#all.retire(this.#idle.shift()!.producer, 0);
  }

  #endIdle(): void {
    const keptSinceMs = performance.now() - this.#options.idleMs;
    while (this.#idle[0] && this.#idle[0].sinceMs <= keptSinceMs) this.#endOldest();
    const oldest = this.#idle[0];
    this.#timer = oldest && setTimeout(() => this.#endIdle(), oldest.sinceMs - keptSinceMs);
  }
}
