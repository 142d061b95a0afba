/**
 * Offsets of a topic's partitions: first and last ones, and those of ids.
 *
 * @module
 */

import type { OffsetSpec, PartitionOffsets } from "../kafka/client/admin.ts";
import { firstOffsetFrom, MAX_ID, placeOf, previousId, type StreamId } from "./stream_id.ts";

/** By partition. */
export type Offsets = readonly bigint[];

/**
 * How far timestamps of a partition may go backwards for the end of a range to be right: an entry that comes later than
 * this behind one with a larger timestamp is not found by a range that ends between the two.
 */
export const LATE_MS = 200;
/** Messages without a timestamp have ids with this, and Kafka finds none of them by time. */
const FIRST_MS = 1;

/** Where a range of ids begins. */
export interface RangeStart {
  /** All entries of the range have these offsets, or larger ones. */
  readonly offsets: Offsets;
  /** The message right before the range, if there is one with its id: what follows in its partition is in the range. */
  readonly before: BeforeStart | undefined;
}

/** The id right before a range. */
export interface BeforeStart {
  /** Its id. */
  readonly id: StreamId;
  /** Its partition. */
  readonly partition: number;
  /** Its offset. */
  readonly offset: bigint;
}

/** Whether more was read than there is: the topic was made anew. Partitions without a known end may be new. */
export function isBeyond(positions: Offsets, ends: Offsets): boolean {
  return positions.some((position, partition) => position > (ends[partition] ?? position));
}

/** The positions, and behind them those that were known of further partitions. */
export function withOthers(positions: Offsets, known: Offsets | undefined): Offsets {
  if (!known || known.length <= positions.length) return positions;
  return [...positions, ...known.slice(positions.length)];
}

/** Asks Kafka for offsets. */
export type ListOffsets = (
  topic: string,
  partitions: number,
  spec: OffsetSpec,
) => Promise<PartitionOffsets>;

/** Asks for offsets of one topic. */
export class StreamOffsets {
  readonly #list: (spec: OffsetSpec) => Promise<PartitionOffsets>;

  /** Offsets of the partitions 0 to `partitions` - 1. */
  constructor(list: ListOffsets, topic: string, partitions: number) {
    this.#list = (spec) => list(topic, partitions, spec);
  }

  /** The first offsets. */
  async first(): Promise<Offsets> {
    return known(await this.#list("earliest"));
  }

  /** The offsets behind the last messages. */
  async end(): Promise<Offsets> {
    return known(await this.#list("latest"));
  }

  /** Where the entries from an id on begin; `ends` must have been asked for before. */
  async from(start: StreamId, ends: Offsets): Promise<RangeStart> {
    if (start.ms > FIRST_MS) return rangeStart(start, ends, await this.#around(start));
    const previous = previousId(start);
    return { offsets: await this.first(), before: previous && this.#beforeFirst(previous, ends) };
  }

  /** The same, with the ends, which are asked for at the same time: what takes a round trip is half of a short read. */
  async fromAndEnds(start: StreamId): Promise<RangeStart & { readonly ends: Offsets }> {
    if (start.ms <= FIRST_MS) {
      const ends = await this.end();
      return { ...await this.from(start, ends), ends };
    }
    const [ends, around] = await Promise.all([this.end(), this.#around(start)]);
    // where Kafka has found nothing, the message before the end may be one that was appended meanwhile
    const isSure = around.every((offsets) => !offsets?.includes(undefined));
    return { ...(isSure ? rangeStart(start, ends, around) : await this.from(start, ends)), ends };
  }

  /** The first offsets with the time of an id, and those behind it where some of them may come before the id. */
  #around({ ms, seq }: StreamId): Promise<[PartitionOffsets, PartitionOffsets | undefined]> {
    return Promise.all([
      this.#list({ timestampMs: ms }),
      seq === 0n ? undefined : this.#list({ timestampMs: ms + 1 }),
    ]);
  }

  /** Offsets that all entries up to an id are before, and `late`, from which on only few of them are. */
  async behind(
    end: StreamId,
    ends: Offsets,
  ): Promise<{ readonly offsets: Offsets; readonly late: Offsets }> {
    if (end.ms + LATE_MS >= MAX_ID.ms) return { offsets: ends, late: ends };
    const [late, offsets] = await Promise.all([
      this.#byTime(end.ms + 1, ends),
      this.#byTime(end.ms + 1 + LATE_MS, ends),
    ]);
    return { offsets, late };
  }

  /** Without timestamps, offsets are all that ids have. */
  #beforeFirst(id: StreamId, ends: Offsets): BeforeStart | undefined {
    const { partition, offset } = placeOf(id);
    const isPlace = id.ms === FIRST_MS && partition < ends.length && offset < ends[partition]!;
    return isPlace ? { id, partition, offset } : undefined;
  }

  async #byTime(timestampMs: number, ends: Offsets): Promise<Offsets> {
    return orEnds(await this.#list({ timestampMs }), ends);
  }
}

function orEnds(offsets: PartitionOffsets, ends: Offsets): Offsets {
  return offsets.map((offset, partition) => offset ?? ends[partition]!);
}

function rangeStart(
  start: StreamId,
  ends: Offsets,
  [at, behind]: readonly [PartitionOffsets, PartitionOffsets | undefined],
): RangeStart {
  const atTime = orEnds(at, ends);
  const behindTime = behind && orEnds(behind, ends);
  const offsets = atTime.map((offset, partition) =>
    behindTime ? offsetFrom(start.seq, partition, offset, behindTime[partition]!) : offset
  );
  const previous = previousId(start);
  return { offsets, before: previous && beforeIn(previous, atTime, ends) };
}

/** The place of the id right before a range: a message with this id is behind the first one with its time. */
function beforeIn(id: StreamId, atTime: Offsets, ends: Offsets): BeforeStart | undefined {
  const { partition, offset } = placeOf(id);
  const isPlace = partition < ends.length && offset >= atTime[partition]! &&
    offset < ends[partition]!;
  return isPlace ? { id, partition, offset } : undefined;
}

/**
 * Where the entries of a partition begin whose ids are not below `<ms>-<seq>`. Of the entries of one millisecond, which
 * may be thousands, those with smaller offsets than seq says come before it.
 *
 * @param atTime the first offset with this time, or a later one
 * @param behindTime the first one with a later time
 */
export function offsetFrom(
  seq: bigint,
  partition: number,
  atTime: bigint,
  behindTime: bigint,
): bigint {
  const offset = firstOffsetFrom(seq, partition);
  const most = offset < behindTime ? offset : behindTime;
  return most > atTime ? most : atTime;
}

/** Kafka knows the first and the last offset of every partition. */
function known(offsets: readonly (bigint | undefined)[]): Offsets {
  return offsets.map((offset) => offset!);
}
