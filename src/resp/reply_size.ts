/**
 * How large a reply is before it is encoded, for who holds many of them.
 *
 * @module
 */

import type { Reply } from "./reply.ts";

/** The shortest reply there is, `_\r\n`. */
const LEAST_BYTES = 3;
/** What each reply in a reply takes in memory beside its contents: the object and its place in a list, roughly. */
const OBJECT_BYTES = 64;

/** How many bytes the replies take at least, one after the other. */
export function leastBytesOf(parts: readonly (Reply | Uint8Array)[]): number {
  return bytesOf(parts, LEAST_BYTES);
}

/** How many bytes the reply takes at least; most of them for large ones. */
export function leastReplyBytes(reply: Reply): number {
  return replyBytes(reply, LEAST_BYTES);
}

/** How many bytes of memory the reply takes as long as it is not encoded, roughly. */
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
      return eachBytes + bytesOf(reply.items, eachBytes);
    case "map":
      return eachBytes + bytesOf(reply.entries.flat(), eachBytes);
    case "pieces":
      return bytesOf(reply.pieces, eachBytes);
    default:
      return eachBytes;
  }
}
