/**
 * The size of a reply before it is encoded, to bound the memory of many.
 *
 * @module
 */

import type { Reply } from "./reply.ts";

/** The shortest reply, `_\r\n`. */
const LEAST_BYTES = 3;
/** The approximate memory of a reply beside its contents: the object, and the reference to it. */
const OBJECT_BYTES = 64;

/** The least encoded size of several parts together, in bytes. */
export function leastBytesOf(parts: readonly (Reply | Uint8Array)[]): number {
  return bytesOf(parts, LEAST_BYTES);
}

/** The least encoded size of a reply in bytes: nearly all of a large one's. */
export function leastReplyBytes(reply: Reply): number {
  return replyBytes(reply, LEAST_BYTES);
}

/** The approximate memory of a reply before it is encoded, in bytes. */
export function heldReplyBytes(reply: Reply): number {
  return replyBytes(reply, OBJECT_BYTES);
}

function bytesOf(parts: readonly (Reply | Uint8Array)[], eachBytes: number): number {
  return parts.reduce(
    (bytes, part) =>
      bytes + (part instanceof Uint8Array ? part.length : replyBytes(part, eachBytes)),
    0,
  );
}

function replyBytes(reply: Reply, eachBytes: number): number {
  switch (reply.kind) {
    case "simple":
    case "error":
    case "verbatim":
      return eachBytes + reply.text.length;
    case "bulk":
      return eachBytes + reply.value.length;
    case "array":
    case "set":
    case "push":
      return eachBytes + bytesOf(reply.items, eachBytes);
    case "map":
      return eachBytes + bytesOf(reply.entries.flat(), eachBytes);
    case "pieces":
      return bytesOf(reply.pieces, eachBytes);
    default:
      return eachBytes;
  }
}
