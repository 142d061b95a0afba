/**
 * Counters by name of topic or group take no more memory, and no more lines of /metrics, than a thousand do.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CounterFamily } from "../../src/telemetry/counter_family.ts";

const names = { metric: "failed_total", help: "Failed.", labelNames: ["topic", "error"] };

Deno.test("29: what comes on top of a thousand topics is one counter, and nothing is lost of the sum", () => {
  const family = new CounterFamily(names);
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 20_000; n++) family.of(`topic-${n}`, "_MSG_TIMED_OUT").total += 3;
  }
  const samples = family.samples();
  assert.equal(samples.length, 1_001);
  assert.deepEqual(samples[0]!.labels, { topic: "topic-0", error: "_MSG_TIMED_OUT" });
  assert.equal(samples[0]!.total, 6);
  assert.deepEqual(samples[1_000]!.labels, { topic: "(other)", error: "(other)" });
  assert.equal(family.total, 120_000);
});

Deno.test("labels that differ in where one ends are not mixed up", () => {
  const family = new CounterFamily(names);
  family.of("a", "bc").total++;
  family.of("ab", "c").total++;
  assert.equal(family.samples().length, 2);
});
