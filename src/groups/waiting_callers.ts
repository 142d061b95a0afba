/**
 * Callers that wait for entries of one or several groups, each woken in its turn.
 *
 * @module
 */

/** Largest delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Callers that wait for one group. */
export class WaitingCallers {
  readonly #callers = new Set<() => void>();

  /** Number of callers. */
  get count(): number {
    return this.#callers.size;
  }

  /** Adds a caller behind all others; `wake` is called once, unless it leaves. */
  join(wake: () => void): void {
    this.#callers.add(wake);
  }

  /** Removes a caller. */
  leave(wake: () => void): void {
    this.#callers.delete(wake);
  }

  /** Wakes the caller that has waited longest. */
  wakeFirst(): void {
    const [first] = this.#callers;
    first?.();
  }

  /** Wakes all callers. */
  wakeAll(): void {
    for (const wake of [...this.#callers]) wake();
  }
}

/**
 * Waits in several lines at a time, until the caller is woken in one of them, or for `timeoutMs`.
 *
 * @throws the reason of `signal`
 */
export function waitIn(
  lines: readonly WaitingCallers[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      for (const line of lines) line.leave(wake);
    };
    const wake = (): void => {
      end();
      resolve();
    };
    const abort = (): void => {
      end();
      reject(signal.reason);
    };
    const timer = timeoutMs < Infinity
      ? setTimeout(wake, Math.min(timeoutMs, MAX_TIMER_MS))
      : undefined;
    signal.addEventListener("abort", abort);
    for (const line of lines) line.join(wake);
  });
}
