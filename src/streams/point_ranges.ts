/**
 * Single messages anywhere in a topic, in as few reads as possible.
 *
 * @module
 */

import type { ReadRange } from "../kafka/reader/range_read.ts";
import type { RecordPlace } from "./stream_id.ts";
import type { Offsets } from "./stream_offsets.ts";

/** Reading so many messages in between takes less time than another read. */
const NEAR = 64n;

/** Reads that have all these messages between them, each read with another part of each partition. */
export function rangesOf(places: readonly RecordPlace[], ends: Offsets): ReadRange[][] {
  const there = places.filter(({ partition, offset }) => offset < (ends[partition] ?? 0n));
  const reads: ReadRange[][] = [];
  for (const [partition, ofPartition] of Map.groupBy(there, (place) => place.partition)) {
    const offsets = ofPartition.map(({ offset }) => offset).sort((a, b) => a < b ? -1 : 1);
    for (const [at, [start, end]] of neighbours(offsets).entries()) {
      const read = reads[at] ??= [];
      read.push({ partition, start, end, maxCount: Infinity, maxBytes: Infinity });
    }
  }
  return reads;
}

/** Parts of a partition that have all these offsets, those that are near each other in one. */
function neighbours(offsets: readonly bigint[]): [start: bigint, end: bigint][] {
  const parts: [bigint, bigint][] = [];
  for (const offset of offsets) {
    const last = parts.at(-1);
    if (last && offset - last[1] < NEAR) last[1] = offset + 1n;
    else parts.push([offset, offset + 1n]);
  }
  return parts;
}

/** A place as a key. */
export function placeName({ partition, offset }: RecordPlace): string {
  return `${partition} ${offset}`;
}
