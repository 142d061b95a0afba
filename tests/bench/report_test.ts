/**
 * A row from its rounds to its line in the report: with a Rafka that is known to be half as fast.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Bench } from "./bench.ts";
import { measureRow } from "./measure.ts";
import { comparison, markdown, remarks, type Report, table } from "./report.ts";
import { NOT_AVAILABLE, type Row, type Sides } from "./row.ts";

const bench = { quick: true } as Bench;
const half: Row = {
  name: "half",
  opponent: "Redis RPUSH",
  lines: [{
    title: "RPUSHX",
    unit: "msg/s",
    judgement: "ratio",
    target: { own: 0.4, shared: 0.9 },
  }],
  tools: [],
  open: () => Promise.resolve(sides(0.5)),
};

function sides(part: number, cpuUs = 16, calls: string[] = []): Sides {
  let rate = 1_000;
  return {
    opponent: () => {
      calls.push("opponent");
      rate *= 2; // whoever comes later has a faster machine
      return Promise.resolve({ values: [rate], cpuUs: 8 });
    },
    own: () => {
      calls.push("own");
      return Promise.resolve({ values: [rate * part], cpuUs });
    },
    shared: NOT_AVAILABLE,
  };
}

async function reportOf(row: Row): Promise<Report> {
  return { machine: "any", quick: true, results: [await measureRow(row, bench, 3)] };
}

Deno.test("sides take turns, and the ratio is that of each round", async () => {
  const calls: string[] = [];
  const report = await reportOf({ ...half, open: () => Promise.resolve(sides(0.5, 16, calls)) });
  assert.deepEqual(calls, ["opponent", "own", "opponent", "own", "opponent", "own"]);
  assert.deepEqual(table(report)[1], [
    "RPUSHX (half)",
    "4,000 msg/s, Redis RPUSH",
    "2,000 / n/a msg/s",
    "0.50 / n/a",
    "0.50…0.50 / n/a",
    "8.00 / 16.0 / –",
    "≥ 0.4 ✓ / ≥ 0.9",
  ]);
  assert.match(markdown(table(report)), /^\| .*\n\|( --- \|){7}\n\| RPUSHX \(half\) \|/);
});

Deno.test("a row that fails says why and has no figures; what it has started is ended", async () => {
  let isEnded = false;
  const report = await reportOf({
    ...half,
    open: (_bench, stack) => {
      stack.defer(() => void (isEnded = true));
      const own = (): Promise<never> => Promise.reject(new Error("3 messages were lost"));
      return Promise.resolve({ ...sides(1), own });
    },
  });
  assert.deepEqual(remarks(report), ["FAILED: half: 3 messages were lost"]);
  assert.equal(table(report).length, 1);
  assert.ok(isEnded);
});

Deno.test("a row that can't be measured here says why", async () => {
  const report = await reportOf({ ...half, open: () => Promise.resolve("no such Kafka") });
  assert.deepEqual(remarks(report), ["left out: half: no such Kafka"]);
});

Deno.test("a comparison shows what has changed, of rows that both results have", async () => {
  const before = await reportOf(half);
  const now = await reportOf({ ...half, open: () => Promise.resolve(sides(0.6, 12)) });
  const other = await reportOf({ ...half, name: "other" });
  assert.deepEqual(comparison(before, now).slice(1), [
    ["RPUSHX (own)", "0.50", "0.60", "+20.0 %", "16.0 to 12.0, -25.0 %", "better"],
  ]);
  assert.deepEqual(comparison(JSON.parse(JSON.stringify(before)), now), comparison(before, now));
  assert.deepEqual(comparison(other, now).slice(1), []);
});

Deno.test("a comparison judges by CPU time, beside that of the opponent in the same run", async () => {
  const run = async (part: number, cpuUs: number, opponentUs: number): Promise<Report> => {
    const { own, opponent } = sides(part, cpuUs);
    assert.ok(typeof own === "function");
    const slower = async (): ReturnType<typeof own> => ({
      ...await opponent!(),
      cpuUs: opponentUs,
    });
    return await reportOf({ ...half, open: () => Promise.resolve({ opponent: slower, own }) });
  };
  const before = await run(0.5, 10, 5);
  const verdict = async (now: Promise<Report>): Promise<string | undefined> =>
    comparison(before, await now)[1]!.at(-1);
  assert.equal(await verdict(run(0.6, 12, 5)), "WORSE"); // although its rate is higher
  assert.equal(await verdict(run(0.4, 18, 10)), "better"); // the machine is slower
  assert.equal(await verdict(run(0.4, 10.2, 5)), "same");
});

Deno.test("a difference, which may be around 0, changes by an amount", async () => {
  const line = { title: "latency", unit: "ms", judgement: "difference", target: {} } as const;
  const [before, now] = await Promise.all(
    [5, 4].map((ownMs) =>
      reportOf({
        ...half,
        lines: [line],
        open: () =>
          Promise.resolve({
            opponent: () => Promise.resolve({ values: [5] }),
            own: () => Promise.resolve({ values: [ownMs] }),
          }),
      })
    ),
  );
  assert.deepEqual(comparison(before!, now!).slice(1), [
    ["latency (own)", "+0.00 ms", "-1.00 ms", "-1.00 ms", "–", "–"],
  ]);
});

Deno.test("a round too short for the clock is no ratio and misses no target", async () => {
  const rates = [Infinity, 1_000, Infinity];
  const reportWith = (opponents: number[]): Promise<Report> =>
    reportOf({
      ...half,
      open: () =>
        Promise.resolve({
          opponent: () => Promise.resolve({ values: [opponents.shift()!], cpuUs: 0 }),
          own: () => Promise.resolve({ values: [500], cpuUs: 8 }),
        }),
    });
  const cells = ["500 msg/s", "0.50", "0.50…0.50", "0.00 / 8.00 / –", "≥ 0.4 ✓"];
  assert.deepEqual(table(await reportWith([...rates])).at(-1)!.slice(2), cells);
  const none = await reportWith([Infinity, Infinity, Infinity]);
  assert.deepEqual(table(none).at(-1)!.slice(1), [
    ...["– msg/s, Redis RPUSH", "500 msg/s", "–", "–", "0.00 / 8.00 / –", "≥ 0.4"],
  ]);
});
