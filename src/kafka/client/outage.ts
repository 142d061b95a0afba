/**
 * Whether the brokers are away, all of them. librdkafka says so also when their connections have only been closed for
 * being idle, once for each client, and never says that they are back: so it is asked, and said once for all clients.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";

/** How long it is waited between two questions. */
const PAUSE_MS = 1_000;

const logger = getLogger(["rafka", "kafka"]);

/** The outages of one cluster, one after the other. */
export class Outage {
  readonly #isAnswering: () => Promise<boolean>;
  #watching: Promise<void> | undefined;
  #pause: PromiseWithResolvers<void> | undefined;
  #closed = false;

  /** `isAnswering` asks the cluster something, and takes its time when it is away. */
  constructor(isAnswering: () => Promise<boolean>) {
    this.#isAnswering = isAnswering;
  }

  /** A client has no connection to any broker. */
  suspect(): void {
    if (this.#closed) return;
    this.#watching ??= this.#watch().finally(() => this.#watching = undefined);
  }

  /** Asks no more; the client that was asked must not end before. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#pause?.resolve();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const sinceMs = performance.now();
    let said = false;
    while (!await this.#isAnswering()) {
      if (this.#closed) return;
      if (!said) logger.error("Kafka does not answer: no broker can be reached");
      said = true;
      await this.#wait();
      if (this.#closed) return;
    }
    const durationMs = Math.round(performance.now() - sinceMs);
    if (said) logger.info("Kafka answers again, after {durationMs} ms", { durationMs });
  }

  async #wait(): Promise<void> {
    this.#pause = Promise.withResolvers();
    const timer = setTimeout(this.#pause.resolve, PAUSE_MS);
    await this.#pause.promise;
    clearTimeout(timer);
  }
}
