/**
 * The entries of a range of ids, page by page, over all partitions of a topic; forwards or backwards.
 *
 * @module
 */

import { messageBytes } from "../kafka/client/message.ts";
import type { RangePart, ReadRange } from "../kafka/reader/range_read.ts";
import { compareIds, type StreamId } from "./stream_id.ts";
import type { BeforeStart, Offsets } from "./stream_offsets.ts";
import { entryOf, type EntrySource, firstOf, lastOf, type ReadEntry } from "./stream_order.ts";

/** Reads parts of partitions. */
export type ReadParts = (ranges: readonly ReadRange[]) => Promise<ReadonlyMap<number, RangePart>>;

/** A range of ids, and the offsets between which its entries are. */
export interface RangeBounds {
  /** The first id; undefined when all entries from `from` on are in the range. */
  readonly start: StreamId | undefined;
  /** The last id. */
  readonly end: StreamId;
  /** The first offsets. */
  readonly from: Offsets;
  /** The offsets behind the last. */
  readonly to: Offsets;
  /** The message before the range, if there is one with its id. */
  readonly before?: BeforeStart | undefined;
  /** Of what is behind these offsets most is behind the range. */
  readonly late?: Offsets | undefined;
}

/** Limits of a page; the first entry comes in any case. */
export interface PageBounds {
  /** Maximum number of entries. */
  readonly maxCount: number;
  /** Maximum size. */
  readonly maxBytes: number;
}

/** Entries, and where the next page goes on. */
export interface EntryPage {
  /** In the order of the direction. */
  readonly entries: readonly ReadEntry[];
  /** Forwards the first offset that is left of each partition, backwards the one behind the last that is left. */
  readonly positions: Offsets;
  /** The limit of its size has ended it. */
  readonly isCut: boolean;
}

/** Memory for what is read ahead of all partitions together. */
const READ_AHEAD_BYTES = 8 * 1024 * 1024;
/** A read of less is not worth its time. */
const LEAST_BYTES = 64 * 1024;
/** Offsets that the first read backwards steps over, at most; a later one more, as there may be gaps. */
const FIRST_STEP = 1_000;
const STEP_GROWTH = 8;

/** The part of a range in one partition. */
abstract class RangePartition implements EntrySource {
  readonly partition: number;
  protected readonly bounds: RangeBounds;
  protected entries: ReadEntry[] = [];
  /** Not read yet are the offsets between these two. */
  protected from: bigint;
  protected to: bigint;

  constructor(partition: number, bounds: RangeBounds) {
    this.partition = partition;
    this.bounds = bounds;
    this.from = bounds.from[partition] ?? 0n;
    this.to = bounds.to[partition]!;
  }

  abstract get head(): ReadEntry | undefined;
  /** Takes the head. */
  abstract take(): void;
  /** What to read next. */
  abstract next(limits: PageBounds): ReadRange;
  /** Takes what was read. */
  abstract add(part: RangePart): void;
  /** Where another range goes on. */
  abstract get position(): bigint;

  /** It has nothing at hand, and there may be more. */
  get isHungry(): boolean {
    return this.head === undefined && this.from < this.to;
  }

  protected isInRange({ id }: ReadEntry): boolean {
    const { start, end } = this.bounds;
    return (!start || compareIds(id, start) >= 0) && compareIds(id, end) <= 0;
  }
}

class ForwardPartition extends RangePartition {
  #at = 0;
  #before: BeforeStart | undefined;
  /** The entries follow the one before the range, so they are in it whatever their timestamps are. */
  #followsStart = false;
  readonly #byTime: bigint;

  constructor(partition: number, bounds: RangeBounds) {
    super(partition, bounds);
    const { before } = bounds;
    this.#byTime = this.from;
    if (before?.partition !== partition) return;
    this.#before = before;
    this.from = before.offset;
  }

  get head(): ReadEntry | undefined {
    return this.entries[this.#at];
  }

  take(): void {
    this.#at++;
  }

  next({ maxCount, maxBytes }: PageBounds): ReadRange {
    const { partition, from: start, to: end } = this;
    return { partition, start, end, maxCount: maxCount + (this.#before ? 1 : 0), maxBytes };
  }

  add({ messages, next }: RangePart): void {
    const entries = messages.map(entryOf);
    if (this.#before && !this.#findBefore(entries)) return;
    this.entries = entries.filter((entry) => this.isInRange(entry));
    this.#at = 0;
    this.from = next;
  }

  get position(): bigint {
    return this.head?.message.offset ?? this.from;
  }

  protected override isInRange(entry: ReadEntry): boolean {
    if (!this.#followsStart) return super.isInRange(entry);
    return compareIds(entry.id, this.bounds.end) <= 0;
  }

  /** Returns false when the range has to be read by time: there is no message with that id. */
  #findBefore(entries: ReadEntry[]): boolean {
    const { id } = this.#before!;
    this.#before = undefined;
    if (entries[0] && compareIds(entries[0].id, id) === 0) {
      this.#followsStart = true;
      entries.shift();
      return true;
    }
    const isByTime = this.from === this.#byTime;
    this.from = this.#byTime;
    return isByTime;
  }
}

class BackwardPartition extends RangePartition {
  #step: number | undefined;
  #start = 0n;

  get head(): ReadEntry | undefined {
    return this.entries.at(-1);
  }

  take(): void {
    this.entries.pop();
  }

  next({ maxCount, maxBytes }: PageBounds): ReadRange {
    this.#step ??= Math.min(maxCount, FIRST_STEP);
    const { partition, to: end } = this;
    const late = this.bounds.late?.[partition] ?? end;
    const least = (late < end ? late : end) - BigInt(this.#step);
    this.#start = least > this.from ? least : this.from;
    return { partition, start: this.#start, end, maxCount: Infinity, maxBytes, fromEnd: true };
  }

  add({ messages, first }: RangePart): void {
    this.entries = messages.map(entryOf).filter((entry) => this.isInRange(entry));
    this.to = first;
    this.#step = first > this.#start ? Math.max(1, messages.length) : this.#step! * STEP_GROWTH;
  }

  get position(): bigint {
    const { head } = this;
    return head ? head.message.offset + 1n : this.to;
  }
}

/** Reads one page, from the first entry on or, `reverse`, from the last one on. */
export async function readPage(
  bounds: RangeBounds,
  limits: PageBounds,
  reverse: boolean,
  read: ReadParts,
): Promise<EntryPage> {
  const Partition = reverse ? BackwardPartition : ForwardPartition;
  const partitions = bounds.to.map((_, partition) => new Partition(partition, bounds));
  const next = reverse ? lastOf<RangePartition> : firstOf<RangePartition>;
  const entries: ReadEntry[] = [];
  let bytes = 0;
  while (entries.length < limits.maxCount && bytes < limits.maxBytes) {
    await feed(partitions, { ...limits, maxCount: limits.maxCount - entries.length }, read);
    const source = next(partitions);
    if (!source) break;
    entries.push(source.head!);
    bytes += messageBytes(source.head!.message);
    source.take();
  }
  const isLeft = partitions.some(({ head, isHungry }) => head !== undefined || isHungry);
  const isCut = isLeft && entries.length < limits.maxCount;
  return { entries, positions: partitions.map(({ position }) => position), isCut };
}

/** Reads on in each partition that has nothing at hand: the next entry may be there. */
async function feed(
  partitions: readonly RangePartition[],
  { maxCount, maxBytes }: PageBounds,
  read: ReadParts,
): Promise<void> {
  for (;;) {
    const hungry = partitions.filter(({ isHungry }) => isHungry);
    if (hungry.length === 0) return;
    const share = Math.max(LEAST_BYTES, READ_AHEAD_BYTES / partitions.length);
    const limits = { maxCount, maxBytes: Math.min(maxBytes, share) };
    const parts = await read(hungry.map((partition) => partition.next(limits)));
    for (const partition of hungry) partition.add(parts.get(partition.partition)!);
  }
}
