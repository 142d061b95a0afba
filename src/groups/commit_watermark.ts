/**
 * How far a partition is: what is delivered next, which offset is committed, and what is acked behind it.
 *
 * @module
 */

import { AckedAhead } from "./acked_ahead.ts";
import { encodeProgress, type Progress } from "./commit_metadata.ts";
import { NONE, type PendingEntries } from "./pending_entries.ts";

/** An offset with its metadata. */
export interface WatermarkCommit {
  /** The first offset that is not acked. */
  readonly offset: number;
  /** What is acked behind it. */
  readonly metadata: string;
}

/** The position of one partition. Everything before it is acked, but for the entries that are pending. */
export class CommitWatermark {
  readonly #pending: PendingEntries;
  #ahead: AckedAhead;
  #position: number;

  /**
   * A partition that begins at a committed offset.
   *
   * @param offset NONE when nothing is committed
   * @param progress what is known of the messages behind it
   */
  constructor(pending: PendingEntries, offset: number, progress: Progress) {
    this.#pending = pending;
    this.#position = offset;
    this.#ahead = new AckedAhead(offset, progress);
  }

  /** The next offset to deliver; NONE when it is not known. */
  get position(): number {
    return this.#position;
  }

  /** Whether a message that comes next is acked already. Offsets of calls increase. */
  isAcked(offset: number): boolean {
    return this.#ahead.has(offset);
  }

  /** How often a message that comes next was delivered before. */
  deliveriesOf(offset: number): number {
    return this.#ahead.deliveriesOf(offset);
  }

  /** The next message has this offset, or a larger one. */
  advanceTo(offset: number): void {
    this.#position = offset;
  }

  /** Goes on anywhere; what was known of the messages there is forgotten. */
  moveTo(offset: number): void {
    this.#position = offset;
    this.#ahead = new AckedAhead();
  }

  /**
   * What is to be committed; undefined as long as no offset is known.
   *
   * @param maxCharacters of the metadata
   */
  toCommit(maxCharacters: number): WatermarkCommit | undefined {
    if (this.#position === NONE) return undefined;
    const { first, offsets } = this.#pending;
    const offset = first === NONE ? this.#position : Math.min(offsets[first]!, this.#position);
    return { offset, metadata: encodeProgress(offset, this.#progressFrom(offset), maxCharacters) };
  }

  /** Number of messages before `end` that are not acked. */
  unfinishedBefore(end: number): number {
    const position = this.#position === NONE ? 0 : this.#position; // it begins at the first message
    let count = Math.max(0, end - position);
    for (const [start, stop] of this.#ahead.stretchesFrom(position)) {
      count -= Math.max(0, Math.min(stop, end) - start);
    }
    return count + this.#pendingBefore(position);
  }

  /** Number of messages before `end` that were delivered, or need not be: they are acked or deleted. */
  readBefore(end: number): number {
    const position = this.#position === NONE ? 0 : this.#position;
    let count = Math.min(position, end);
    for (const [start, stop] of this.#ahead.stretchesFrom(position)) {
      count += Math.max(0, Math.min(stop, end) - start);
    }
    return count;
  }

  #pendingBefore(position: number): number {
    const { count, first, last, offsets } = this.#pending;
    if (last === NONE || offsets[last]! < position) return count;
    let before = 0;
    for (let slot = first; slot !== NONE; slot = this.#pending.after(slot)) {
      if (offsets[slot]! < position) before++;
    }
    return before;
  }

  #progressFrom(offset: number): Progress {
    const runs = new RunList(offset);
    const deliveries: (readonly [number, number])[] = [];
    const pending = this.#pending;
    for (let slot = pending.first; slot !== NONE; slot = pending.after(slot)) {
      const at = pending.offsets[slot]!;
      if (at >= this.#position) break; // claimed before it was delivered
      runs.extend(at, true);
      runs.extend(at + 1, false);
      const count = pending.deliveries[slot]!;
      if (count !== 1) deliveries.push([at - offset, count]);
    }
    runs.extend(this.#position, true);
    for (const [start, stop] of this.#ahead.stretchesFrom(this.#position)) {
      runs.extend(start, false);
      runs.extend(stop, true);
    }
    for (const [at, count] of this.#ahead.deliveriesFrom(this.#position)) {
      if (at < runs.end) deliveries.push([at - offset, count]);
    }
    return { runs: runs.lengths, deliveries };
  }
}

/** Lengths of runs of offsets, not acked and acked by turns. */
class RunList {
  readonly lengths: number[] = [];
  end: number;

  constructor(start: number) {
    this.end = start;
  }

  extend(to: number, isAcked: boolean): void {
    if (to <= this.end) return;
    const isSame = this.lengths.length % 2 === (isAcked ? 0 : 1) && this.lengths.length > 0;
    if (isSame) this.lengths[this.lengths.length - 1]! += to - this.end;
    else this.lengths.push(to - this.end);
    this.end = to;
  }
}
