/**
 * The reply of LMPOP and BLMPOP as messages.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type PoppedMessage, readPopped } from "./client.ts";

/** The messages of a reply in RESP2, none for the null array. Their values must not hold `*8`. */
export function readBatch(reply: string): PoppedMessage[] {
  if (reply === "*-1\r\n") return [];
  const match = /^\*2\r\n\$\d+\r\n(topics?:[^\r]+)\r\n\*(\d+)\r\n([^]*)$/.exec(reply);
  assert.ok(match, `Not a batch: ${JSON.stringify(reply.slice(0, 300))}`);
  const [, , count, entries] = match;
  const messages = entries!.split(/(?=\*8\r\n)/).map((entry) => readPopped(entry)!);
  assert.equal(messages.length, Number(count));
  return messages;
}
