/**
 * Keeps a log readable when the same thing happens a thousand times a second: the first of a kind is logged at
 * once, those that follow are counted and logged as one line when the interval is over.
 *
 * @module
 */

/** How often a kind is logged while it goes on. */
const INTERVAL_MS = 10_000;
/** Kinds that are told apart at the same time; what comes on top of them is one kind. */
const MAX_KINDS = 1_000;
const MORE_KINDS = "more kinds";

/** What to log about a kind of event. */
export interface Occurrences<T> {
  /** The latest of them. */
  readonly latest: T;
  /** How many since the last line about this kind. */
  readonly count: number;
  /** In how many notes: one may be about several. */
  readonly times: number;
  /** When the first of them happened. */
  readonly firstAt: Date;
  /** When the latest happened. */
  readonly lastAt: Date;
  /** They are of kinds that are not told apart; `latest` stands for itself only. */
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

/** Sums up events by kind. */
export class LogSummary<T> {
  readonly #log: (occurrences: Occurrences<T>) => void;
  readonly #intervalMs: number;
  readonly #kinds = new Map<string, Pending<T> | undefined>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `log` writes one line. */
  constructor(log: (occurrences: Occurrences<T>) => void, intervalMs: number = INTERVAL_MS) {
    this.#log = log;
    this.#intervalMs = intervalMs;
  }

  /** `count` more events of this kind. */
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

  /** Logs what is still counted and ends. */
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

  /** A kind that did not happen in the interval is forgotten: its next event is a first one again. */
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
