/**
 * Reading entries of a group within a bound in bytes: messages of pending ones may have to be read again from Kafka, and
 * a reply is in memory several times until it is written.
 *
 * @module
 */

import type { AutoClaimOptions } from "../../groups/claims.ts";
import { sizeOf } from "../../groups/message_memory.ts";
import type {
  AutoClaimed,
  ClaimedEntry,
  ClaimOptions,
  PendingEntry,
  StreamEntry,
  StreamGroup,
} from "../../groups/stream_group.ts";
import { compareIds, MAX_ID, MIN_ID, type StreamId } from "../../streams/stream_id.ts";

const MAX_BYTES = 8 * 1024 * 1024;
/** Entries that are read at a time: a reply may be larger by their size. */
const CHUNK_ENTRIES = 64;
/** Looking through all that is pending is not done more often. */
const MIN_WAIT_MS = 100;

/** The size of one reply. */
export class ReplyBudget {
  #leftBytes = MAX_BYTES;

  /** The reply is large enough. */
  get spent(): boolean {
    return this.#leftBytes <= 0;
  }

  /** These entries are in the reply. */
  spend(entries: readonly (ClaimedEntry | StreamEntry)[]): void {
    for (const { message } of entries) if (message) this.#leftBytes -= sizeOf(message);
  }
}

/** An entry that was claimed since it was idle for long, and what was known of it before. */
export type IdleEntry = ClaimedEntry & Pick<PendingEntry, "idleMs" | "deliveries">;

/**
 * Entries of a consumer behind an id: at least one, if there is one. Those that are left out for their size are behind
 * the last one.
 *
 * @param count at most so many
 */
export async function readHistory(
  group: StreamGroup,
  consumer: string,
  after: StreamId,
  count: number,
  budget: ReplyBudget,
): Promise<ClaimedEntry[]> {
  const entries: ClaimedEntry[] = [];
  let last = after;
  do {
    const wanted = budget.spent ? 1 : Math.min(count - entries.length, CHUNK_ENTRIES);
    const chunk = await group.history(consumer, last, wanted);
    entries.push(...chunk);
    budget.spend(chunk);
    if (chunk.length < wanted) break;
    last = chunk.at(-1)!.id;
  } while (entries.length < count && !budget.spent);
  return entries;
}

/** Claims entries for a consumer; those that are left out for their size are not claimed. */
export async function claimAll(
  group: StreamGroup,
  consumer: string,
  ids: readonly StreamId[],
  options: ClaimOptions,
  budget: ReplyBudget = new ReplyBudget(),
): Promise<ClaimedEntry[]> {
  if (options.justId) return await group.claim(consumer, ids, options);
  const entries: ClaimedEntry[] = [];
  for (let at = 0; at < ids.length && !budget.spent; at += CHUNK_ENTRIES) {
    const chunk = await group.claim(consumer, ids.slice(at, at + CHUNK_ENTRIES), options);
    entries.push(...chunk);
    budget.spend(chunk);
  }
  return entries;
}

/** Claims the next entries for a consumer; the cursor is at those that are left out for their size. */
export async function autoClaim(
  group: StreamGroup,
  consumer: string,
  start: StreamId,
  options: AutoClaimOptions,
): Promise<AutoClaimed> {
  if (options.justId) return await group.autoClaim(consumer, start, options);
  const entries: ClaimedEntry[] = [];
  const deleted: StreamId[] = [];
  const budget = new ReplyBudget();
  let [cursor, left] = [start, options.count];
  do {
    const count = Math.min(left, CHUNK_ENTRIES);
    const chunk = await group.autoClaim(consumer, cursor, { ...options, count });
    entries.push(...chunk.entries);
    deleted.push(...chunk.deleted);
    budget.spend(chunk.entries);
    cursor = chunk.cursor;
    left -= count; // the entries that are looked at are bounded, too, as in Redis
  } while (left > 0 && !budget.spent && compareIds(cursor, MIN_ID) > 0);
  return { cursor, entries, deleted };
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
  budget: ReplyBudget,
): Promise<IdleEntry[]> {
  const idle = group.pending({ start: MIN_ID, end: MAX_ID, count: Infinity, minIdleMs })
    .sort((a, b) => b.idleMs === a.idleMs ? 0 : b.idleMs - a.idleMs).slice(0, count); // maybe Infinity
  if (idle.length === 0) return [];
  const ids = idle.map(({ id }) => id);
  const claimed = await claimAll(group, consumer, ids, { minIdleMs }, budget);
  const known = new Map(idle.map(({ id: { seq }, ...rest }) => [seq, rest])); // seq alone is the place
  return claimed.map((entry) => ({ ...known.get(entry.id.seq)!, ...entry }));
}

/** How long it takes at most until `claimIdle` may find something. */
export function untilIdleMs(groups: readonly StreamGroup[], minIdleMs: number): number {
  const query = { start: MIN_ID, end: MAX_ID, count: Infinity };
  let leftMs = minIdleMs; // what is delivered from now on
  for (const group of groups) {
    for (const { idleMs } of group.pending(query)) leftMs = Math.min(leftMs, minIdleMs - idleMs);
  }
  return Math.max(leftMs, MIN_WAIT_MS);
}
