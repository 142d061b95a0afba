/**
 * The size of a reply before it is encoded: never too much, since a reply that may be sent must be.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  array,
  bulk,
  error,
  integer,
  map,
  NULL,
  NULL_ARRAY,
  OK,
  pieces,
  type ProtocolVersion,
  type Reply,
  set,
  verbatim,
} from "../../src/resp/reply.ts";
import { leastReplyBytes } from "../../src/resp/reply_size.ts";
import { ReplyWriter } from "../../src/resp/reply_writer.ts";

const BODY = new Uint8Array(1_000);
const replies: Record<string, Reply> = {
  "a status": OK,
  "an error": error("ERR x"),
  "an integer": integer(1),
  "a null": NULL,
  "a null array": NULL_ARRAY,
  "nothing": bulk(""),
  "bytes": bulk(BODY),
  "a text": bulk("a text, größer".repeat(100)),
  "lines": verbatim("a\r\n".repeat(100)),
  "an array": array([OK, array([bulk(BODY), NULL]), integer(12)]),
  "an empty array": array([]),
  "a set": set([bulk(BODY)]),
  "a map": map([[bulk("key"), bulk(BODY)]]),
  "pieces": pieces([new TextEncoder().encode("*2\r\n"), integer(1), bulk(BODY)]),
};

for (const protocol of [2, 3] as ProtocolVersion[]) {
  for (const [name, reply] of Object.entries(replies)) {
    Deno.test(`the least size of ${name} is at most, and nearly, what it takes in RESP${protocol}`, () => {
      const writer = new ReplyWriter();
      writer.protocol = protocol;
      writer.write(reply);
      const bytes = leastReplyBytes(reply);
      assert.ok(bytes <= writer.byteLength, `${bytes} of ${writer.byteLength}`);
      assert.ok(bytes >= writer.byteLength * 0.8 - 10, `${bytes} of ${writer.byteLength}`);
    });
  }
}
