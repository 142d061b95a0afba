/**
 * Ids of stream entries, `<ms>-<seq>`: the timestamp of a message, and its place. seq = offset × 2048 + partition, so an
 * id turns back into partition and offset without a look-up.
 *
 * @see https://redis.io/docs/latest/develop/data-types/streams/
 * @module
 */

/** The id of an entry. */
export interface StreamId {
  /** Milliseconds since 1970, at least 1 in the id of a message; at most 2^53 - 1. */
  readonly ms: number;
  /** From 0, at most 2^64 - 1. */
  readonly seq: bigint;
}

/** The place of a message in its topic. */
export interface RecordPlace {
  /** From 0. */
  readonly partition: number;
  /** Its position in the partition. */
  readonly offset: bigint;
}

/** Partitions of a topic that ids can tell apart. */
export const MAX_PARTITIONS = 2048;
const PARTITIONS = BigInt(MAX_PARTITIONS);
/** 2^64 - 1, the largest number in an id of Redis. */
const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;
const ID = /^(\d{1,20})(?:-(\d{1,20}))?$/;

/** Before all entries. */
export const MIN_ID: StreamId = { ms: 0, seq: 0n };
/** Behind all entries. */
export const MAX_ID: StreamId = { ms: Number.MAX_SAFE_INTEGER, seq: MAX_UINT64 };

/** The id of a message; one without a timestamp has 1, so that `0-0` is no entry. */
export function recordId(
  timestampMs: number | undefined,
  partition: number,
  offset: bigint,
): StreamId {
  return {
    ms: Math.max(timestampMs ?? 1, 1),
    seq: offset * PARTITIONS + BigInt(partition),
  };
}

/** Where the message with this id is, if there is one. */
export function placeOf({ seq }: StreamId): RecordPlace {
  return { partition: Number(seq % PARTITIONS), offset: seq / PARTITIONS };
}

/** The same with a number for the offset, for what is done once for each entry: a division of big integers takes 0.1 µs. */
export function numericPlaceOf(id: StreamId): { partition: number; offset: number } {
  const seq = Number(id.seq);
  if (Number.isSafeInteger(seq)) {
    const partition = seq % MAX_PARTITIONS;
    return { partition, offset: (seq - partition) / MAX_PARTITIONS };
  }
  const { partition, offset } = placeOf(id);
  return { partition, offset: Number(offset) };
}

/** The first offset of a partition whose seq is not below this one. */
export function firstOffsetFrom(seq: bigint, partition: number): bigint {
  const distance = seq - BigInt(partition);
  return distance <= 0n ? 0n : (distance + PARTITIONS - 1n) / PARTITIONS;
}

/** Negative when `a` comes first, 0 when they are equal. */
export function compareIds(a: StreamId, b: StreamId): number {
  if (a.ms !== b.ms) return a.ms - b.ms;
  return a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : 0;
}

/** `<ms>-<seq>` */
export function formatId({ ms, seq }: StreamId): string {
  return `${ms}-${seq}`;
}

/** The id of a message as text; without big integers, which cost four times as much, where there is room. */
export function recordIdText(
  timestampMs: number | undefined,
  partition: number,
  offset: number,
): string {
  const seq = offset * MAX_PARTITIONS + partition;
  return Number.isSafeInteger(seq)
    ? `${Math.max(timestampMs ?? 1, 1)}-${seq}`
    : formatId(recordId(timestampMs, partition, BigInt(offset)));
}

/**
 * Reads `<ms>-<seq>` or `<ms>`. Milliseconds above 2^53 - 1 are read as that: no message has them.
 *
 * @param missingSeq seq of an id that is milliseconds only
 * @returns undefined for anything else
 */
export function parseStreamId(text: string, missingSeq: bigint): StreamId | undefined {
  const [, ms, seq] = ID.exec(text) ?? [];
  if (ms === undefined) return undefined;
  const id = { ms: BigInt(ms), seq: seq === undefined ? missingSeq : BigInt(seq) };
  if (id.ms > MAX_UINT64 || id.seq > MAX_UINT64) return undefined;
  return { ms: Math.min(Number(id.ms), Number.MAX_SAFE_INTEGER), seq: id.seq };
}

/** The id right behind this one. */
export function nextId({ ms, seq }: StreamId): StreamId {
  return seq === MAX_UINT64 ? { ms: ms + 1, seq: 0n } : { ms, seq: seq + 1n };
}

/** The id right before this one; undefined before `0-0`. */
export function previousId({ ms, seq }: StreamId): StreamId | undefined {
  if (seq > 0n) return { ms, seq: seq - 1n };
  return ms > 0 ? { ms: ms - 1, seq: MAX_UINT64 } : undefined;
}
