/**
 * Handshakes take a millisecond of the one thread each: when many clients connect at once, those that are connected
 * keep their latency.
 *
 * @module
 */

/** How long handshakes run before the event loop polls the other sockets. */
const MAX_TURN_MS = 5;
/** The shortest timer for which the event loop polls all sockets, see TimeSlice. */
const SLEEP_MS = 1;

/** Runs the steps of handshakes, in order. */
export class HandshakeQueue {
  readonly #waiting: (() => void)[] = [];
  #spentMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Calls `step` now, or in a later turn of the event loop when this one has had enough of them. */
  run<T>(step: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const timed = (): void => {
        const startedAtMs = performance.now();
        try {
          resolve(step());
        } catch (error) {
          reject(error);
        }
        this.#spentMs += performance.now() - startedAtMs;
        this.#timer ??= setTimeout(this.#onTurn, SLEEP_MS);
      };
      if (this.#waiting.length === 0 && this.#spentMs < MAX_TURN_MS) timed();
      else this.#waiting.push(timed);
    });
  }

  readonly #onTurn = (): void => {
    this.#timer = undefined;
    this.#spentMs = 0;
    while (this.#spentMs < MAX_TURN_MS && this.#waiting.length > 0) this.#waiting.shift()!();
  };
}
