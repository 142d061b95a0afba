/**
 * One deadline for many: what is added waits equally long, so the first added is the first to expire. A timer for each
 * would cost a microsecond, an entry of a Map and a look at the clock 0.2, a link in a list 0.02.
 *
 * @module
 */

/** A timeout is as precise as this part of it. */
const TICKS = 16;

/**
 * A wait, which is itself a link in the ring of those that began before and behind it: thousands are under way, and one
 * more object for each would be copied by the garbage collector again and again.
 */
export interface Waiting {
  /** The wait that began before; undefined outside of a ring. */
  previousWait: Waiting | undefined;
  /** The one that began behind. */
  nextWait: Waiting | undefined;
  /** When it began. */
  waitTick: number;
  /** What was waited for has not come. */
  expired(): void;
}

/** What a wait waits for has come; idempotent. */
export function endWait(wait: Waiting): void {
  const { previousWait, nextWait } = wait;
  if (!previousWait || !nextWait) return;
  previousWait.nextWait = nextWait;
  nextWait.previousWait = previousWait;
  wait.previousWait = wait.nextWait = undefined;
}

/** A wait for `Deadlines.begin`, for those that are no object yet. */
export function newWait(expired: () => void): Waiting {
  return { previousWait: undefined, nextWait: undefined, waitTick: 0, expired };
}

/** A ring without waits. */
function emptyRing(): Waiting {
  const ring = newWait(() => {});
  ring.previousWait = ring.nextWait = ring;
  return ring;
}

/** Waits of one length. */
export class Deadlines {
  readonly #tickMs: number;
  readonly #ring = emptyRing();
  /** The ticks so far while anything waited. */
  #tick = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Nothing waits yet. */
  constructor(timeoutMs: number) {
    this.#tickMs = timeoutMs / TICKS;
  }

  /** Calls `expired` after the timeout, or a sixteenth of it later, unless the wait ends before. */
  begin(wait: Waiting): void {
    const last = this.#ring.previousWait!;
    wait.waitTick = this.#tick;
    wait.previousWait = last;
    wait.nextWait = this.#ring;
    last.nextWait = this.#ring.previousWait = wait;
    this.#timer ??= setTimeout(this.#onTick, this.#tickMs);
  }

  /** Expires nothing any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #onTick = (): void => {
    this.#tick++;
    while (this.#ring.nextWait !== this.#ring) {
      const first = this.#ring.nextWait!;
      if (this.#tick - first.waitTick <= TICKS) break;
      endWait(first);
      first.expired();
    }
    const isIdle = this.#ring.nextWait === this.#ring;
    this.#timer = isIdle ? undefined : setTimeout(this.#onTick, this.#tickMs);
  };
}
