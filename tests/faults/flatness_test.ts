/**
 * The judgement of churn: what rises is found, what only goes up and down is not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { courseOf } from "./flatness.ts";

const GAUGE = {
  name: "things",
  read: (sample: number): number => sample,
  allowedShare: 0.1,
  allowedCount: 2,
};
const COUNT = 400;

/** What a gauge shows while the load goes up and down between 80 and 120. */
const series = (at: (part: number) => number): number[] =>
  Array.from({ length: COUNT }, (_, i) => at(i / COUNT) + 20 * Math.sin(i));

const cases = [
  {
    title: "one thing in four connections is forgotten",
    rises: true,
    at: (x: number) => 80 + 50 * x,
  },
  {
    title: "it leaks from the middle on",
    rises: true,
    at: (x: number) => x < 0.5 ? 100 : 50 + 100 * x,
  },
  { title: "it stays the same", rises: false, at: () => 100 },
  {
    title: "it rises in the warm-up only",
    rises: false,
    at: (x: number) => Math.min(100, 400 * x),
  },
  { title: "it falls", rises: false, at: (x: number) => 200 - 100 * x },
];

for (const { title, rises, at } of cases) {
  Deno.test(`${title}: ${rises ? "found" : "flat"}`, () => {
    assert.equal(courseOf(GAUGE, series(at)).rises, rises);
  });
}

Deno.test("too few samples are no judgement", () => {
  assert.throws(() => courseOf(GAUGE, [1, 2, 3]), { message: "Cannot judge things: 3 samples" });
});
