/**
 * What is counted by topic and error takes no more memory than a thousand kinds do.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ErrorCounts } from "../../src/telemetry/error_counts.ts";

Deno.test("what comes on top of a thousand topics is one kind, and nothing is lost of the sum", () => {
  const counts = new ErrorCounts({ metric: "failed_total", help: "Failed." });
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 1_200; n++) counts.add({ topic: `topic-${n}`, error: "_MSG_TIMED_OUT" }, 3);
  }
  const entries = counts.entries();
  assert.equal(entries.length, 1_001);
  assert.deepEqual(entries[0], { topic: "topic-0", error: "_MSG_TIMED_OUT", count: 6 });
  assert.deepEqual(entries[1_000], { topic: "(more)", error: "(more)", count: 1_200 });
});
