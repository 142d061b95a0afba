/**
 * Entries of several partitions in the order of their ids.
 *
 * @module
 */

import type { OwnedPartition } from "./owned_partition.ts";
import { DELIVERED, NONE } from "./pending_entries.ts";
import { placeOf, recordId, type StreamId } from "../streams/stream_id.ts";

/** An entry that somebody has. */
export interface EntryRef {
  /** Its partition. */
  readonly partition: OwnedPartition;
  /** Its slot there, until it is removed. */
  readonly slot: number;
}

/** The id of an entry. */
export function idOf({ partition, slot }: EntryRef): StreamId {
  const { timesMs, offsets } = partition.pending;
  return recordId(timesMs[slot]!, partition.partition, BigInt(offsets[slot]!));
}

/**
 * Entries that somebody has, in the order of their ids.
 *
 * @param wanted which ones
 */
export function entriesBetween(
  partitions: Iterable<OwnedPartition>,
  start: StreamId,
  end: StreamId,
  wanted: (entry: EntryRef) => boolean = () => true,
): EntryRef[] {
  const [first, last] = [sortKeyOf(start), sortKeyOf(end)];
  const entries: EntryRef[] = [];
  for (const partition of partitions) {
    const { pending } = partition;
    for (let slot = pending.first; slot !== NONE; slot = pending.after(slot)) {
      if (pending.states[slot] !== DELIVERED) continue;
      const entry = { partition, slot };
      const key = keyOf(entry);
      if (compare(key, first) >= 0 && compare(key, last) <= 0 && wanted(entry)) entries.push(entry);
    }
  }
  return entries.sort((a, b) => compare(keyOf(a), keyOf(b)));
}

/** Numbers in the order of ids: bigint would make sorting slow. */
type SortKey = readonly [ms: number, offset: number, partition: number];

function sortKeyOf(id: StreamId): SortKey {
  const { partition, offset } = placeOf(id);
  return [id.ms, Number(offset), partition];
}

function keyOf({ partition: { pending, partition }, slot }: EntryRef): SortKey {
  return [pending.timesMs[slot]!, pending.offsets[slot]!, partition];
}

function compare(a: SortKey, b: SortKey): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
