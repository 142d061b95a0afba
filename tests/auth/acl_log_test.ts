/**
 * The log of refusals is bounded, and counts equal ones.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AclLog, type Denial } from "../../src/auth/acl_log.ts";

const denial: Denial = {
  reason: "key",
  context: "toplevel",
  object: "topics:a",
  username: "red",
  clientInfo: "id=1",
};

Deno.test("equal refusals within a minute are one entry, the latest first", () => {
  const log = new AclLog();
  log.add(denial, 0);
  log.add({ ...denial, object: "topics:b" }, 1);
  log.add({ ...denial, clientInfo: "id=2" }, 60_000);
  assert.deepEqual(
    log.latest(10).map(({ object, count, clientInfo }) => [object, count, clientInfo]),
    [["topics:a", 2, "id=2"], ["topics:b", 1, "id=1"]],
  );
  log.add(denial, 120_001);
  assert.deepEqual(log.latest(10).map(({ count }) => count), [1, 2, 1]);
  for (
    const other of [{ reason: "command" }, { context: "multi" }, { username: "blue" }] as const
  ) {
    log.add({ ...denial, ...other }, 120_002);
  }
  assert.equal(log.latest(10).length, 6);
  log.reset();
  assert.deepEqual(log.latest(10), []);
});

Deno.test("it keeps 128 entries with texts of a bounded length", () => {
  const log = new AclLog();
  for (let at = 0; at < 1_000; at++) {
    log.add({ ...denial, object: `${at}`.padEnd(10_000, "x"), username: "u".repeat(10_000) }, at);
  }
  const entries = log.latest(Infinity);
  assert.equal(entries.length, 128);
  assert.ok(entries[0]!.object.startsWith("999"));
  assert.ok(entries.every(({ object, username }) => object.length + username.length <= 2_048));
});
