/**
 * One thread serves all connections. Reads and writes that need not wait do not return to the event loop, so a
 * connection that has much to do stops by itself now and then, or nobody else would be served.
 *
 * @module
 */

/** How long all connections together go on before others are looked at. */
const MAX_TURN_MS = 10;
/**
 * The shortest wait in which the event loop sleeps, if only for 2 ms, and so looks at all sockets. `setImmediate`, a
 * message to oneself and a timer that has expired are run without: a PING took 600 ms beside them.
 */
const SLEEP_MS = 1;
/** How much work is done between two looks at the clock: a look takes as long as a tenth of a small command. */
const LOOK_AFTER = 64;

/** Who goes on, and who waits for the event loop's next turn. */
export class TimeSlice {
  #work = 0;
  /** When the clock was first looked at in this turn of the event loop; undefined before. */
  #startedAtMs: number | undefined;
  /** One of them goes on in each turn. */
  readonly #line: (() => void)[] = [];

  /** Some work was done, in small pieces: a word of a request is one, as is a KiB of a chunk. */
  charge(pieces: number): void {
    this.#work += pieces;
  }

  /** Something was done that may have taken long. */
  chargeAll(): void {
    this.#work = LOOK_AFTER;
  }

  /** Whether this turn has lasted long enough: who has more to do waits for `yield`. */
  exhausted(): boolean {
    if (this.#work < LOOK_AFTER) return false;
    this.#work = 0;
    if (this.#startedAtMs !== undefined) {
      return performance.now() - this.#startedAtMs >= MAX_TURN_MS;
    }
    this.#start();
    return false;
  }

  /** The next turn for who asks: others have been served, and those who asked before. */
  yield(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#line.push(resolve) === 1) setTimeout(this.#onSlept, SLEEP_MS);
    });
  }

  #start(): void {
    this.#startedAtMs = performance.now();
    setTimeout(this.#onEnd, 0);
  }

  /** Nobody had so much to do that the event loop did not get its turn. */
  readonly #onEnd = (): void => {
    this.#startedAtMs = undefined;
  };

  readonly #onSlept = (): void => {
    const goOn = this.#line.shift()!;
    if (this.#line.length > 0) setTimeout(this.#onSlept, SLEEP_MS);
    this.#startedAtMs = undefined;
    goOn();
  };
}
