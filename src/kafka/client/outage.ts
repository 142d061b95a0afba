/**
 * Outages of the whole cluster. librdkafka reports "all brokers down" once for each client, also when idle connections
 * were closed, and never that brokers are back: the cluster is asked, and an outage logged once for all clients.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";

/** Pause between two requests. */
const PAUSE_MS = 1_000;

const logger = getLogger(["rafka", "kafka"]);

/** The outages of one cluster, one after the other. */
export class Outage {
  readonly #isAnswering: () => Promise<boolean>;
  /** For the log. */
  readonly #to: string;
  #watching: Promise<void> | undefined;
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

  /** A client has no connection to any broker: finds out whether that is an outage. */
  suspect(): void {
    if (this.#closed) return;
    this.#watching ??= this.#watch().finally(() => this.#watching = undefined);
  }

  /** Sends no more requests; the client that sends them must live until this resolves. */
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
      if (!said) {
        logger.error("Kafka does not answer{to}: no broker can be reached", { to: this.#to });
      }
      said = true;
      await this.#wait();
      if (this.#closed) return;
    }
    const durationMs = Math.round(performance.now() - sinceMs);
    if (said) {
      logger.info("Kafka answers{to} again, after {durationMs} ms", { to: this.#to, durationMs });
    }
  }

  async #wait(): Promise<void> {
    this.#pause = Promise.withResolvers();
    const timer = setTimeout(this.#pause.resolve, PAUSE_MS);
    await this.#pause.promise;
    clearTimeout(timer);
  }
}
