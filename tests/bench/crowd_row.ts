/**
 * Ten thousand connections that all produce and consume now and then: each adds an entry to a topic, gets one as a
 * worker of its group, and acks it.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { uniqueName } from "../support/gateway.ts";
import { type Bench, size } from "./bench.ts";
import { ask, Connections, fileLimitProblem } from "./connections.ts";
import { run } from "./process.ts";
import type { MeasuredRafka } from "./rafka.ts";
import { NOT_AVAILABLE, type Row, type Sample, type Sides } from "./row.ts";

const CONNECTIONS = 10_000;
const QUICK_CONNECTIONS = 500;
/** Each acts once in it. */
const PERIOD_MS = 10_000;
const QUICK_PERIOD_MS = 500;
const PINGS = 3_000;
const KILOBYTE = 1_024;

/** The row of the table. */
export const crowdRow: Row = {
  name: "crowd",
  lines: [
    {
      title: "threads that 10,000 connections add",
      unit: "threads",
      judgement: "value",
      target: { shared: 10 },
    },
    { title: "memory of one of them", unit: "KB", judgement: "value", target: { shared: 30 } },
    { title: "CPU, each once in 10 s", unit: "% of a core", judgement: "value", target: {} },
    {
      title: "99 % of the PINGs meanwhile",
      unit: "ms",
      judgement: "value",
      target: { shared: 50 },
    },
  ],
  tools: ["redis-benchmark"],
  async open(bench): Promise<Sides | string> {
    const problem = await fileLimitProblem(size(bench, CONNECTIONS, QUICK_CONNECTIONS));
    if (problem) return problem;
    return { shared: bench.checkout.canShare ? () => measure(bench) : NOT_AVAILABLE };
  },
};

async function measure(bench: Bench): Promise<Sample> {
  const count = size(bench, CONNECTIONS, QUICK_CONNECTIONS);
  const config = { server: { maxClients: CONNECTIONS + 100 } };
  await using rafka = await bench.checkout.start(bench.broker, "shared", config);
  const act = await newTurn(rafka, `topics:${bench.broker.topic("workers")}`);
  {
    using early = await Connections.open(rafka, QUICK_CONNECTIONS);
    await early.all(act);
  }
  const before = await rafka.usage();
  using crowd = await Connections.open(rafka, count);
  await crowd.all(act);
  const periodMs = size(bench, PERIOD_MS, QUICK_PERIOD_MS);
  const start = await rafka.usage();
  const startMs = performance.now();
  await crowd.all(act, periodMs);
  const end = await rafka.usage();
  const elapsedUs = (performance.now() - startMs) * 1_000;
  const [p99Ms] = await Promise.all([pingP99Ms(rafka), crowd.all(act, periodMs)]);
  return {
    values: [
      end.threads - before.threads,
      (end.memoryBytes - before.memoryBytes) / count / KILOBYTE,
      100 * (end.cpuUs - start.cpuUs) / elapsedUs,
      p99Ms,
    ],
    cpuUs: (end.cpuUs - start.cpuUs) / count,
  };
}

/** What each connection does: there is an entry for each that waits. */
async function newTurn(
  rafka: MeasuredRafka,
  key: string,
): Promise<(client: TestClient, number: number) => Promise<void>> {
  const group = uniqueName("bench");
  assert.equal(await rafka.ask("XGROUP", "CREATE", key, group, "$", "MKSTREAM"), "+OK\r\n");
  return async (client, number) => {
    await ask(client, ["RPUSHX", key, "x".repeat(100)], ":1\r\n");
    await client.send(
      ...["XREADGROUP", "GROUP", group, `worker-${number}`],
      ...["COUNT", 1, "BLOCK", 0, "STREAMS", key, ">"],
    );
    const [, id] = /\r\n(\d+-\d+)\r\n/.exec(await client.reply()) ?? [];
    await ask(client, ["XACK", key, group, id!], ":1\r\n");
  };
}

/** From a process of its own, so that the load's own delays do not count. */
async function pingP99Ms({ port }: MeasuredRafka): Promise<number> {
  const args = ["-p", String(port), "-c", "1", "-n", String(PINGS), "-t", "ping_mbulk", "--csv"];
  const [names, values] = (await run("redis-benchmark", args)).trim().split("\n")
    .map((line) => line.split(",").map((field) => field.replaceAll('"', "")));
  return Number(values![names!.indexOf("p99_latency_ms")]);
}
