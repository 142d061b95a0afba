/**
 * Durations in buckets: percentiles and powers of two of what is known.
 *
 * @module
 */
import assert from "node:assert/strict";
import { LatencyHistogram } from "../../src/telemetry/latency_histogram.ts";

Deno.test("percentiles are at most 9 % above what was added", () => {
  const histogram = new LatencyHistogram();
  for (let microseconds = 1; microseconds <= 1_000; microseconds++) histogram.add(microseconds, 1);
  for (const [percent, exact] of [[50, 500], [99, 990], [100, 1_000]] as const) {
    const found = histogram.percentile(percent);
    assert.ok(exact <= found && found < exact * 1.1, `${percent} %: ${found}`);
  }
  assert.equal(histogram.mean, 500.5);
});

Deno.test("powers of two count all that is no longer, and are left out where nothing is added", () => {
  const histogram = new LatencyHistogram();
  histogram.add(0.2, 1);
  histogram.add(4, 64);
  histogram.add(5, 1);
  histogram.add(1e15, 1);
  assert.deepEqual(histogram.powersOfTwo(), [[1, 1], [4, 65], [8, 66], [2 ** 31, 67]]);
});

Deno.test("without any duration all is 0", () => {
  const histogram = new LatencyHistogram();
  assert.deepEqual([histogram.percentile(50), histogram.mean, histogram.powersOfTwo()], [0, 0, []]);
});
