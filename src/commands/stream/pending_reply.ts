/**
 * What commands say of pending entries, and the argument `min-idle-time` of XCLAIM and XAUTOCLAIM.
 *
 * @module
 */

import { formatId, type StreamId } from "../../streams/stream_id.ts";
import { type ClaimedEntry, MAX_DELIVERIES } from "../../groups/stream_group.ts";
import { array, bulk, integer, type Reply } from "../../resp/reply.ts";
import { type Argument, parseInteger } from "../core/args.ts";
import { entryReply } from "./entry_mapping.ts";

const MAX_INT64 = 2n ** 63n - 1n;

/** Entries as replies; only their ids after JUSTID. */
export function claimedReply(entries: readonly ClaimedEntry[], justId: boolean): Reply {
  if (justId) return idsReply(entries.map(({ id }) => id));
  return array(entries.flatMap(({ message }) => message ? [entryReply(message)] : []));
}

/** Milliseconds since the last delivery; -1 for an entry that XNACK has given back, as in Redis 8.8. */
export function idleReply(idleMs: number): Reply {
  return integer(idleMs < Infinity ? Math.floor(idleMs) : -1);
}

/** A number of deliveries; after XNACK FATAL the largest number, as in Redis 8.8. */
export function deliveriesReply(deliveries: number): Reply {
  return integer(deliveries < MAX_DELIVERIES ? deliveries : MAX_INT64);
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
