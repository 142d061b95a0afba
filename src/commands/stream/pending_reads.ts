/**
 * Reading pending entries, within a bound in bytes: their messages may have to be read again from Kafka, and a reply is
 * in memory several times until it is written.
 *
 * @module
 */

import { sizeOf } from "../../groups/message_memory.ts";
import type { ClaimedEntry, ClaimOptions, StreamGroup } from "../../groups/stream_group.ts";
import { MAX_ID, MIN_ID, type StreamId } from "../../groups/stream_id.ts";

/** A reply has at most so much, and one chunk more. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Entries that are read at a time. */
const CHUNK_ENTRIES = 64;

/** An entry that was claimed since it was idle for long. */
export interface IdleEntry extends ClaimedEntry {
  /** Before it was claimed. */
  readonly idleMs: number;
  /** How often it was delivered before. */
  readonly deliveries: number;
}

/**
 * Entries of a consumer behind an id; those that are left out for their size are behind the last one.
 *
 * @param count at most so many
 */
export async function readHistory(
  group: StreamGroup,
  consumer: string,
  after: StreamId,
  count: number,
): Promise<ClaimedEntry[]> {
  const entries: ClaimedEntry[] = [];
  let [bytes, last] = [0, after];
  while (entries.length < count && bytes < MAX_BYTES) {
    const wanted = Math.min(count - entries.length, CHUNK_ENTRIES);
    const chunk = await group.history(consumer, last, wanted);
    entries.push(...chunk);
    bytes += sizeOfAll(chunk);
    if (chunk.length < wanted) break;
    last = chunk.at(-1)!.id;
  }
  return entries;
}

/** Claims entries for a consumer; those that are left out for their size are not claimed. */
export async function claimAll(
  group: StreamGroup,
  consumer: string,
  ids: readonly StreamId[],
  options: ClaimOptions,
): Promise<ClaimedEntry[]> {
  if (options.justId) return await group.claim(consumer, ids, options);
  const entries: ClaimedEntry[] = [];
  let bytes = 0;
  for (let at = 0; at < ids.length && bytes < MAX_BYTES; at += CHUNK_ENTRIES) {
    const chunk = await group.claim(consumer, ids.slice(at, at + CHUNK_ENTRIES), options);
    entries.push(...chunk);
    bytes += sizeOfAll(chunk);
  }
  return entries;
}

/**
 * Claims entries that have been idle for so long, those first that have been so for longest.
 *
 * @param count at most so many
 */
export async function claimIdle(
  group: StreamGroup,
  consumer: string,
  minIdleMs: number,
  count: number,
): Promise<IdleEntry[]> {
  const idle = group.pending({ start: MIN_ID, end: MAX_ID, count: Infinity, minIdleMs })
    .sort((a, b) => b.idleMs - a.idleMs).slice(0, count);
  if (idle.length === 0) return [];
  const ids = idle.map(({ id }) => id);
  const claimed = await claimAll(group, consumer, ids, { minIdleMs });
  const known = new Map(idle.map((entry) => [placeKey(entry.id), entry]));
  return claimed.map((entry) => {
    const { idleMs, deliveries } = known.get(placeKey(entry.id))!;
    return { ...entry, idleMs, deliveries };
  });
}

/** How long to wait at most until `claimIdle` may find something: at least as long as looking for it is worth. */
export function untilIdleMs(groups: readonly StreamGroup[], minIdleMs: number): number {
  const query = { start: MIN_ID, end: MAX_ID, count: Infinity };
  let leftMs = minIdleMs; // what is delivered from now on
  for (const group of groups) {
    for (const { idleMs } of group.pending(query)) leftMs = Math.min(leftMs, minIdleMs - idleMs);
  }
  return Math.max(leftMs, MIN_WAIT_MS);
}

function placeKey({ seq }: StreamId): bigint {
  return seq;
}

function sizeOfAll(entries: readonly ClaimedEntry[]): number {
  return entries.reduce((bytes, { message }) => bytes + (message ? sizeOf(message) : 0), 0);
}
