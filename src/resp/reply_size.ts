/**
 * @module
 * How large a reply is before it is encoded, for who holds many of them.
 */

import type { Reply } from "./reply.ts";

/** The shortest reply there is, `_\r\n`. */
const LEAST_BYTES = 3;

/** How many bytes the replies take at least, one after the other. */
export function leastBytesOf(parts: readonly (Reply | Uint8Array)[]): number {
  return parts.reduce(
    (bytes, part) => bytes + (part instanceof Uint8Array ? part.length : leastReplyBytes(part)),
    0,
  );
}

/** How many bytes the reply takes at least; most of them for large ones. */
export function leastReplyBytes(reply: Reply): number {
  switch (reply.kind) {
    case "simple":
    case "error":
    case "verbatim":
      return LEAST_BYTES + reply.text.length;
    case "bulk":
      return LEAST_BYTES + reply.value.length;
    case "array":
    case "set":
      return LEAST_BYTES + leastBytesOf(reply.items);
    case "map":
      return LEAST_BYTES + leastBytesOf(reply.entries.flat());
    case "pieces":
      return leastBytesOf(reply.pieces);
    default:
      return LEAST_BYTES;
  }
}
