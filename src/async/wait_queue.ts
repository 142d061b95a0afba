/**
 * Those who wait for room in a queue, in the order in which they came.
 *
 * @module
 */

import { Notifier } from "./notifier.ts";

/** A place in the line, kept until it is left. */
export interface Place {
  /** Resolves when it may be one's turn, when `signal` is aborted, or after `timeoutMs`. */
  turn(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Somebody who has room or has given up. */
  leave(): void;
}

/** First come, first served; who could not go anyway is not woken. */
export class WaitQueue {
  readonly #waiting = new Map<Notifier, () => boolean>();

  /** Goes to the end of the line; `mayGo` says whether there is room for this one. */
  join(mayGo: () => boolean): Place {
    const notifier = new Notifier();
    this.#waiting.set(notifier, mayGo);
    return {
      turn: (timeoutMs, signal) => notifier.wait(timeoutMs, signal),
      leave: () => this.#waiting.delete(notifier),
    };
  }

  /** Room has come free. */
  advance(): void {
    for (const [notifier, mayGo] of this.#waiting) if (mayGo()) notifier.notify();
  }
}
