/**
 * Which topic names are let through: librdkafka would take any of them, and the broker refuse it when the
 * message has been accepted.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isTopicName } from "../../../src/kafka/client/topic_name.ts";

const good = ["a", "A.b_c-9", "...", ".a", "a".repeat(249), "__consumer_offsets"];
const bad = ["", ".", "..", "a".repeat(250), "a b", "a:b", "a/b", "a,b", "é", "a\0", "a\n", "^a.*"];

for (const name of good) {
  Deno.test(`${show(name)} may be a topic`, () => assert.equal(isTopicName(name), true));
}

for (const name of bad) {
  Deno.test(`${show(name)} may be no topic`, () => assert.equal(isTopicName(name), false));
}

function show(name: string): string {
  return name.length > 20 ? `a name of ${name.length} characters` : JSON.stringify(name);
}
