/**
 * A condition variable with a timeout and an abort signal.
 *
 * @module
 */

import { type Deadlines, endWait, newWait } from "./deadlines.ts";

/** Callers wait; `notify` wakes all of them. */
export class Notifier {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next `notify`, when `signal` is aborted, or after `timeoutMs`. */
  wait(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal?.addEventListener("abort", done);
      this.#waiting.add(done);
    });
  }

  /** Resolves at the next `notify`, or when `deadlines` says so: no timer is made for it. */
  waitWithin(deadlines: Deadlines): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        endWait(wait);
        this.#waiting.delete(done);
        resolve();
      };
      const wait = newWait(done);
      this.#waiting.add(done);
      deadlines.begin(wait);
    });
  }

  /** Wakes the callers that wait now. */
  notify(): void {
    for (const done of this.#waiting) done();
  }
}
