/**
 * The arithmetic that all figures of the bench go through.
 *
 * @module
 */
import assert from "node:assert/strict";
import { judge, meets, percentile, spreadOf } from "./statistics.ts";

Deno.test("the median is in the middle of the sorted values, or between the two that are", () => {
  assert.deepEqual(spreadOf([10, 9, 100]), { min: 9, median: 10, max: 100 });
  assert.deepEqual(spreadOf([4, 1, 3, 2]), { min: 1, median: 2.5, max: 4 });
  assert.deepEqual(spreadOf([7]), { min: 7, median: 7, max: 7 });
  assert.throws(() => spreadOf([]), RangeError);
});

Deno.test("each round is judged by the opponent's figure of the same round", () => {
  // the machine was twice as slow in the second round, for both
  assert.deepEqual(judge("ratio", [50, 25, 60], [100, 50, 100]), {
    min: 0.5,
    median: 0.5,
    max: 0.6,
  });
  assert.deepEqual(judge("difference", [6, 8, 7], [5, 5, 5]), { min: 1, median: 2, max: 3 });
  assert.deepEqual(judge("value", [3, 1, 2], undefined), { min: 1, median: 2, max: 3 });
  assert.equal(judge("ratio", [1, 1], [Infinity, Infinity]), undefined);
  assert.throws(() => judge("ratio", [1, 2], [1]), RangeError);
  assert.throws(() => judge("difference", [1], undefined), RangeError);
});

Deno.test("a ratio must reach its target, everything else must not exceed it", () => {
  assert.ok(meets("ratio", 0.5, 0.5) && !meets("ratio", 0.49, 0.5));
  assert.ok(meets("difference", 2, 2) && !meets("difference", 2.1, 2));
  assert.ok(meets("value", 119, 120) && !meets("value", 121, 120));
});

Deno.test("a percentile is a value that was measured", () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  assert.equal(percentile(values, 50), 100);
  assert.equal(percentile(values, 99), 198);
  assert.equal(percentile([5, 6, 7], 99), 7);
  assert.throws(() => percentile([], 50), RangeError);
});
