/**
 * A queue of callers that wait for room, first come, first served.
 *
 * @module
 */

import { Notifier } from "./notifier.ts";

/** A position in the queue, held until `leave`. */
export interface Place {
  /** Resolves when there may be room, when `signal` is aborted, or after `timeoutMs`. */
  turn(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Leaves the queue: the caller has its room or gives up. */
  leave(): void;
}

/** Wakes callers in order, and only those for whom there is room. */
export class WaitQueue {
  readonly #waiting = new Map<Notifier, () => boolean>();

  /**
   * Appends a caller.
   *
   * @param mayGo whether there is room for the caller
   */
  join(mayGo: () => boolean): Place {
    const notifier = new Notifier();
    this.#waiting.set(notifier, mayGo);
    return {
      turn: (timeoutMs, signal) => notifier.wait(timeoutMs, signal),
      leave: () => this.#waiting.delete(notifier),
    };
  }

  /** Wakes the callers that have room now. */
  advance(): void {
    for (const [notifier, mayGo] of this.#waiting) if (mayGo()) notifier.notify();
  }
}
