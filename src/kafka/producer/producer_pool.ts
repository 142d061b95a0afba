/**
 * A producer for each connection. When a connection is closed and its messages are delivered, its producer is kept for
 * a while for the next one: a new one takes threads, connections to the brokers and metadata.
 *
 * @module
 */

import type { Sender } from "../client/observer.ts";
import type { Producer } from "./producer.ts";
import { type Lessor, ProducerLease } from "./producer_lease.ts";
import type { ProducerSet } from "./producer_set.ts";
import type { Producers } from "./producers.ts";

/** A producer with more topics is not kept: it never forgets a topic, at the cost of the next connection. */
const MAX_KEPT_TOPICS = 1_000;

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

  get idleCount(): number {
    return this.#idle.length;
  }

  get outstanding(): number {
    return this.#all.outstanding;
  }

  lease(name: string | undefined, sender: Sender): ProducerLease {
    const clientId = this.#all.clientId(name);
    const idle = this.#takeIdle(clientId);
    if (!idle && this.#idle.length > 0 && this.#all.refusal()) this.#endOldest();
    return new ProducerLease(this, idle ?? this.#all.open(clientId), sender);
  }

  get outstandingBytes(): number {
    return this.#all.outstandingBytes;
  }

  get draining(): Producers["draining"] {
    return this.#all.draining;
  }

  replace(producer: Producer): Producer {
    return this.#all.replace(producer);
  }

  release(producer: Producer): void {
    if (producer.outstanding.messages > 0) void this.#drain(producer);
    else if (this.#isWorthKeeping(producer)) this.#keep(producer);
    else void this.#all.retire(producer, 0);
  }

  async #drain(producer: Producer): Promise<void> {
    if (await this.#all.drain(producer)) this.release(producer);
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    this.#idle.length = 0;
    await this.#all.closeAll(timeoutMs);
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
