/**
 * The bound of what outstanding messages take: never below the truth, and never above it for long.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BytesBound } from "../../../src/kafka/producer/outstanding.ts";

Deno.test("atMost() is never less than what the outstanding messages take", () => {
  const keys = new BytesBound();
  const underWay: number[] = [];
  for (let n = 0; n < 10_000; n++) {
    const bytes = (n * 7_919) % 1_000;
    underWay.push(bytes);
    keys.taken(bytes, underWay.length);
    if (n % 5 > 0) underWay.splice((n * 31) % underWay.length, 1); // in any order
    const truth = underWay.reduce((sum, each) => sum + each, 0);
    assert.ok(keys.atMost(underWay.length) >= truth, `message ${n}`);
  }
});

Deno.test("atMost() does not grow with a stream of messages that never stops", () => {
  const keys = new BytesBound();
  for (let n = 0; n < 1_000_000; n++) keys.taken(36, 100);
  assert.equal(keys.atMost(100), 3_600);
});

Deno.test("atMost() falls with each message that is settled, and forgets a large key when none is left", () => {
  const keys = new BytesBound();
  keys.taken(1_000_000, 1);
  keys.taken(10, 2);
  assert.equal(keys.atMost(2), 1_000_010);
  assert.equal(keys.atMost(1), 1_000_000);
  assert.equal(keys.atMost(0), 0);
  keys.taken(10, 1);
  assert.equal(keys.atMost(1), 10);
});
