/**
 * One thread serves all connections. Reads and writes that complete immediately do not return to the event loop, so a
 * busy connection yields from time to time; otherwise it would starve the others.
 *
 * @module
 */

/** How long busy connections together run before the event loop polls the other sockets. */
const MAX_TURN_MS = 10;
/**
 * The shortest timer for which the event loop sleeps, if only for 2 ms, and so polls all sockets. `setImmediate`, a
 * message to the same thread and an expired timer run without polling: a PING took 600 ms beside them.
 */
const SLEEP_MS = 1;
/** Pieces of work between two reads of the clock: a read costs a tenth of a small command. */
const LOOK_AFTER = 64;

/** Decides when a connection yields to the event loop, and resumes one connection per turn. */
export class TimeSlice {
  #work = 0;
  /** The first read of the clock in this turn of the event loop; undefined before. */
  #startedAtMs: number | undefined;
  /** Waiting connections; one resumes per turn. */
  readonly #line: (() => void)[] = [];

  /** Charges small pieces of work: one for each argument of a request or KiB of a chunk. */
  charge(pieces: number): void {
    this.#work += pieces;
  }

  /** Charges work of unknown duration: the clock is read next. */
  chargeAll(): void {
    this.#work = LOOK_AFTER;
  }

  /** Whether this turn has lasted long enough: a connection with more work awaits `yield`. */
  exhausted(): boolean {
    if (this.#work < LOOK_AFTER) return false;
    this.#work = 0;
    if (this.#startedAtMs !== undefined) {
      return performance.now() - this.#startedAtMs >= MAX_TURN_MS;
    }
    this.#start();
    return false;
  }

  /** Resolves in a later turn, after the other sockets were polled and earlier callers have resumed. */
  yield(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#line.push(resolve) === 1) setTimeout(this.#onSlept, SLEEP_MS);
    });
  }

  #start(): void {
    this.#startedAtMs = performance.now();
    setTimeout(this.#onEnd, 0);
  }

  /** The event loop had its turn in time: the next slice starts anew. */
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
