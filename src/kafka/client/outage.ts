/**
 * Outages of the whole cluster. librdkafka reports "all brokers down" once for each client, also when idle connections
 * were closed, and never that brokers are back: the cluster is asked, and an outage logged once for all clients.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";

/** Pause between two requests. */
const PAUSE_MS = 1_000;
/** An answer that is no older stands for the next one. */
const FRESH_MS = 1_000;

const logger = getLogger(["rafka", "kafka"]);

/** The outages of one cluster, one after the other. */
export class Outage {
  readonly #isAnswering: () => Promise<boolean>;
  /** For the log. */
  readonly #to: string;
  /** Since when no broker answers, on the clock of `performance.now()`; undefined while one does. */
  sinceMs: number | undefined;
  #watching: Promise<void> | undefined;
  /** Resolves with the first answer, or when there is none. */
  #looked: Promise<void> = Promise.resolve();
  #answeredAtMs = -Infinity;
  #pause: PromiseWithResolvers<void> | undefined;
  #closed = false;

  /**
   * Of the cluster that `isAnswering` sends a request to; it waits for a while when that does not answer.
   *
   * @param principal whose login the requests have, if that is not the gateway's own
   */
  constructor(isAnswering: () => Promise<boolean>, principal?: string) {
    this.#isAnswering = isAnswering;
    this.#to = principal === undefined ? "" : ` principal ${principal}`;
  }

  /** Finds out whether the cluster answers, unless it has answered just now; resolves when that is known. */
  check(): Promise<void> {
    return performance.now() - this.#answeredAtMs < FRESH_MS ? Promise.resolve() : this.suspect();
  }

  /** A client has no connection to any broker: finds out whether that is an outage; resolves when that is known. */
  suspect(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (!this.#watching) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#looked = promise;
      this.#watching = this.#watch(resolve).finally(() => this.#watching = undefined);
    }
    return this.#looked;
  }

  /** Sends no more requests; the client that sends them must live until this resolves. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#pause?.resolve();
    await this.#watching;
  }

  async #watch(looked: () => void): Promise<void> {
    const askedAtMs = performance.now();
    while (!await this.#isAnswering()) {
      if (this.#closed) break;
      if (this.sinceMs === undefined) {
        logger.error("Kafka does not answer{to}: no broker can be reached", { to: this.#to });
      }
      this.sinceMs ??= askedAtMs;
      looked();
      await this.#wait();
      if (this.#closed) break;
    }
    if (!this.#closed) this.#answered();
    looked();
  }

  #answered(): void {
    this.#answeredAtMs = performance.now();
    if (this.sinceMs === undefined) return;
    const durationMs = Math.round(this.#answeredAtMs - this.sinceMs);
    this.sinceMs = undefined;
    logger.info("Kafka answers{to} again, after {durationMs} ms", { to: this.#to, durationMs });
  }

  async #wait(): Promise<void> {
    this.#pause = Promise.withResolvers();
    const timer = setTimeout(this.#pause.resolve, PAUSE_MS);
    await this.#pause.promise;
    clearTimeout(timer);
  }
}
