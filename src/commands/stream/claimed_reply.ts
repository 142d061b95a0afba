/**
 * Entries that XCLAIM and XAUTOCLAIM have claimed, and their argument `min-idle-time`.
 *
 * @module
 */

import { formatId, type StreamId } from "../../groups/stream_id.ts";
import type { ClaimedEntry } from "../../groups/stream_group.ts";
import { array, bulk, type Reply } from "../../resp/reply.ts";
import { type Argument, parseInteger } from "../core/args.ts";
import { entryReply } from "./stream_entry.ts";

/** Entries as replies; only their ids after JUSTID. */
export function claimedReply(entries: readonly ClaimedEntry[], justId: boolean): Reply {
  if (justId) return idsReply(entries.map(({ id }) => id));
  return array(entries.flatMap(({ id, message }) => message ? [entryReply(id, message)] : []));
}

/** An array of ids. */
export function idsReply(ids: readonly StreamId[]): Reply {
  return array(ids.map((id) => bulk(formatId(id))));
}

/**
 * Milliseconds; a negative number is 0, as in Redis.
 *
 * @throws {CommandError} ERR, with Redis' text
 */
export function parseMinIdleMs(argument: Argument, commandName: string): number {
  return Math.max(parseInteger(argument, `Invalid min-idle-time argument for ${commandName}`), 0);
}
