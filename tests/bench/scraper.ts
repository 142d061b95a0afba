/**
 * A monitor that reads /metrics again and again, as Prometheus does.
 *
 * @module
 */
import { get } from "../support/http.ts";

/** Scrapes until it is ended; a scrape that fails ends the bench. */
export class Scraper implements Disposable {
  readonly #timers: ReturnType<typeof setInterval>[] = [];

  /** The first scrape is after half of the interval. */
  constructor(port: number, intervalSeconds: number) {
    const scrape = async (): Promise<void> => {
      const { status, body } = await get(port, "/metrics");
      if (status !== 200 || !body.includes("rafka_")) throw new Error(`A scrape failed: ${body}`);
    };
    const intervalMs = intervalSeconds * 1_000;
    const first = (): void => {
      this.#timers.push(setInterval(scrape, intervalMs));
      void scrape();
    };
    this.#timers.push(setTimeout(first, intervalMs / 2));
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
