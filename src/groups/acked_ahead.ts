/**
 * What the metadata of a commit said of messages that are not fetched yet: which are acked, and how often the others were
 * delivered. Messages come in the order of their offsets, so what is behind them is forgotten.
 *
 * @module
 */

import { NO_PROGRESS, type Progress } from "./commit_metadata.ts";

/** Acked stretches in front of a partition's position. */
export class AckedAhead {
  /** First offsets of the acked stretches, and the offsets behind their last. */
  readonly #stretches: (readonly [start: number, end: number])[] = [];
  readonly #deliveries: ReadonlyMap<number, number>;
  /** Nothing is known from here on. */
  readonly #end: number;
  #at = 0;

  /** What is known behind a committed offset. */
  constructor(offset = 0, { runs, deliveries }: Progress = NO_PROGRESS) {
    let start = offset;
    runs.forEach((length, at) => {
      if (at % 2 === 1) this.#stretches.push([start, start + length]);
      start += length;
    });
    this.#end = start;
    this.#deliveries = new Map(deliveries.map(([distance, count]) => [offset + distance, count]));
  }

  /** The acked offset that is farthest, plus 1; 0 when there is none. */
  get end(): number {
    return this.#stretches.at(-1)?.[1] ?? 0;
  }

  /** Whether a message is acked; offsets of calls increase. */
  has(offset: number): boolean {
    while (this.#at < this.#stretches.length && this.#stretches[this.#at]![1] <= offset) this.#at++;
    return this.#at < this.#stretches.length && this.#stretches[this.#at]![0] <= offset;
  }

  /** How often a message that is not acked was delivered. */
  deliveriesOf(offset: number): number {
    return offset >= this.#end ? 0 : this.#deliveries.get(offset) ?? 1;
  }

  /** The acked stretches from an offset on. */
  stretchesFrom(offset: number): (readonly [start: number, end: number])[] {
    return this.#stretches.slice(this.#at).filter(([, end]) => end > offset)
      .map(([start, end]) => [Math.max(start, offset), end]);
  }

  /** Deliveries other than 1 of messages from an offset on. */
  deliveriesFrom(offset: number): (readonly [offset: number, count: number])[] {
    return offset >= this.#end
      ? []
      : [...this.#deliveries].filter(([delivered]) => delivered >= offset);
  }
}
