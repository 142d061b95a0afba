/**
 * RAFKA ERRORS, parsed for tests.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "./client.ts";
import { readWireReply, type WireReply } from "./wire_reply.ts";

/** The fields of an entry, by name; a null is null. */
export type ListedFailure = Readonly<Record<string, string | null>>;

/** The entries, newest first. */
export async function failures(
  client: TestClient,
  ...args: (string | number)[]
): Promise<ListedFailure[]> {
  return readFailures(readWireReply(await client.ask("RAFKA", "ERRORS", ...args)));
}

/** The entries of a reply in RESP2. */
export function readFailures(reply: WireReply): ListedFailure[] {
  return itemsOf(reply).map((entry) => {
    const texts = itemsOf(entry).map((item) => "text" in item ? item.text : null);
    const names = texts.filter((_, at) => at % 2 === 0);
    return Object.fromEntries(names.map((name, at) => [name, texts[2 * at + 1]!]));
  });
}

/** The items of an array. */
export function itemsOf(reply: WireReply): readonly WireReply[] {
  assert.ok("items" in reply, JSON.stringify(reply));
  return reply.items;
}
