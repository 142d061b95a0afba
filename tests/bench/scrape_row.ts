/**
 * What a monitor costs by itself: processor time of a scrape of /metrics, with many connections. It is added to that of
 * the messages, so that other work on the machine hides nothing of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { get } from "../support/http.ts";
import { type Bench, size } from "./bench.ts";
import { ask, Connections, fileLimitProblem } from "./connections.ts";
import type { MeasuredRafka } from "./rafka.ts";
import { NOT_AVAILABLE, type Row, type Sample, type Sides } from "./row.ts";

const CONNECTIONS = 5_000;
const SCRAPES = 100;
const INTERVAL_MS = 5_000;

/** The row of the table. */
export const scrapeRow: Row = {
  name: "scrape",
  lines: [
    {
      title: "CPU time of a scrape with 5,000 connections",
      unit: "ms",
      judgement: "value",
      target: {},
    },
    {
      title: "CPU with a scrape every 5 s",
      unit: "% of a core",
      judgement: "value",
      target: { own: 2 },
    },
  ],
  tools: [],
  async open(bench, stack): Promise<Sides | string> {
    const count = size(bench, CONNECTIONS, 500);
    const problem = await fileLimitProblem(count);
    if (problem) return problem;
    const rafka = stack.use(
      await bench.checkout.start(bench.broker, "own", { server: { http: { port: 0 } } }),
    );
    if (rafka.httpPort === undefined) return { own: NOT_AVAILABLE };
    const connections = stack.use(await Connections.open(rafka, count));
    await connections.all((client) => ask(client, ["PING"], "+PONG\r\n"));
    return { own: () => scrape(bench, rafka) };
  },
};

async function scrape(
  bench: Bench,
  rafka: MeasuredRafka,
): Promise<Sample> {
  const count = size(bench, SCRAPES, 10);
  const before = await rafka.usage();
  for (let at = 0; at < count; at++) {
    const { status, body } = await get(rafka.httpPort!, "/metrics");
    assert.equal(status, 200, body);
  }
  const after = await rafka.usage();
  const ms = (after.cpuUs - before.cpuUs) / 1_000 / count;
  return { values: [ms, ms / INTERVAL_MS * 100] };
}
