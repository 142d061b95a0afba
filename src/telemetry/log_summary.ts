/**
 * Keeps the log readable when an event happens a thousand times a second: the first event of a kind is logged
 * immediately, those that follow are counted and logged as one line at the end of the interval.
 *
 * @module
 */

/** Interval between two lines of a kind. */
const INTERVAL_MS = 10_000;
/** Maximum number of distinct kinds at a time; all further ones are logged as one. */
const MAX_KINDS = 1_000;
const MORE_KINDS = "more kinds";

/** Events of one kind since the line before. */
export interface Occurrences<T> {
  /** The latest event. */
  readonly latest: T;
  /** Number of events. */
  readonly count: number;
  /** Number of calls of `note`: each may report several events. */
  readonly times: number;
  /** Time of the first event. */
  readonly firstAt: Date;
  /** Time of the latest event. */
  readonly lastAt: Date;
  /** The events are of several kinds; `latest` is one of them. */
  readonly mixed: boolean;
}

interface Pending<T> {
  readonly mixed: boolean;
  latest: T;
  count: number;
  times: number;
  firstAt: Date;
  lastAt: Date;
}

/** Summarizes events by kind. */
export class LogSummary<T> {
  readonly #log: (occurrences: Occurrences<T>) => void;
  readonly #intervalMs: number;
  readonly #kinds = new Map<string, Pending<T> | undefined>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Starts empty.
   *
   * @param log writes one line
   */
  constructor(log: (occurrences: Occurrences<T>) => void, intervalMs: number = INTERVAL_MS) {
    this.#log = log;
    this.#intervalMs = intervalMs;
  }

  /** Adds `count` events of a kind. */
  note(kind: string, event: T, count = 1): void {
    const now = new Date();
    if (!this.#kinds.has(kind) && this.#kinds.size >= MAX_KINDS) kind = MORE_KINDS;
    if (!this.#kinds.has(kind)) {
      this.#kinds.set(kind, undefined);
      this.#startTimer();
      this.#log({ latest: event, count, times: 1, firstAt: now, lastAt: now, mixed: false });
      return;
    }
    const pending = this.#kinds.get(kind) ?? nothingYet(event, now, kind === MORE_KINDS);
    pending.latest = event;
    pending.count += count;
    pending.times++;
    pending.lastAt = now;
    this.#kinds.set(kind, pending);
  }

  /** Logs the pending events and stops the timer. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const pending of this.#kinds.values()) if (pending) this.#log(pending);
    this.#kinds.clear();
  }

  #startTimer(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#endInterval(), this.#intervalMs);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  /** A kind without events in the interval is dropped: its next event is logged immediately again. */
  #endInterval(): void {
    for (const [kind, pending] of this.#kinds) {
      if (pending) {
        this.#log(pending);
        this.#kinds.set(kind, undefined);
      } else {
        this.#kinds.delete(kind);
      }
    }
    if (this.#kinds.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function nothingYet<T>(event: T, now: Date, mixed: boolean): Pending<T> {
  return { latest: event, count: 0, times: 0, firstAt: now, lastAt: now, mixed };
}
