/**
 * @module
 * How fast messages are taken: RPUSHX beside RPUSH of Redis, both with the load of redis-benchmark, and beside
 * librdkafka's own load generator. A round ends when Kafka has all of its messages.
 */
import assert from "node:assert/strict";
import type { TestConfig } from "../support/kafka.ts";
import { type Bench, eachMode, size } from "./bench.ts";
import type { Broker } from "./broker.ts";
import { run } from "./process.ts";
import type { MeasuredRafka } from "./rafka.ts";
import { type Load, MeasuredRedis, redisBenchmark, wholePipelines } from "./redis.ts";
import type { Line, Round, Row, Sides } from "./row.ts";
import { rdkafkaPerformance } from "./tools.ts";

const VALUE_BYTES = 100;
const MEGABYTE = 1e6;

interface ProduceRow {
  readonly name: string;
  readonly title: string;
  readonly target: Line["target"];
  readonly load: Omit<Load, "requests">;
  readonly requests: number;
  readonly quickRequests: number;
  readonly unit?: "msg/s" | "MB/s";
  readonly config?: TestConfig;
}

/** One connection is as fast as one connection can be. */
const ONE_CONNECTION = {
  load: { connections: 1, pipeline: 64, valueBytes: VALUE_BYTES },
  requests: 500_000,
  quickRequests: 50_000,
};

const besideRedis: readonly ProduceRow[] = [
  {
    name: "rpushx-50",
    title: "RPUSHX, 50 connections",
    target: { own: 0.5, shared: 0.85 },
    load: { connections: 50, valueBytes: VALUE_BYTES },
    requests: 100_000,
    quickRequests: 10_000,
  },
  {
    name: "rpushx-50x64",
    title: "RPUSHX, 50 connections × 64 pipelined",
    target: { own: 0.4, shared: 0.65 },
    load: { connections: 50, pipeline: 64, valueBytes: VALUE_BYTES },
    requests: 500_000,
    quickRequests: 50_000,
  },
  {
    name: "rpushx-1x64",
    title: "RPUSHX, 1 connection × 64 pipelined",
    target: { own: 1, shared: 1.25 },
    ...ONE_CONNECTION,
  },
  {
    name: "rpushx-1kb",
    title: "RPUSHX of 1 KB, 10 connections × 16 pipelined",
    target: { own: 0.7, shared: 0.7 },
    load: { connections: 10, pipeline: 16, valueBytes: 1_000 },
    requests: 100_000,
    quickRequests: 10_000,
    unit: "MB/s",
  },
  {
    name: "rpushx-100kb",
    title: "RPUSHX of 100 KB, 4 connections × 4 pipelined",
    target: { own: 0.7, shared: 0.7 },
    load: { connections: 4, pipeline: 4, valueBytes: 100_000 },
    requests: 3_000,
    quickRequests: 300,
    unit: "MB/s",
  },
  {
    name: "connect",
    title: "connect, RPUSHX, close, 10 at a time",
    target: { own: 0.6, shared: 0.6 },
    load: { connections: 10, reconnects: true, valueBytes: VALUE_BYTES },
    requests: 2_000,
    quickRequests: 200,
    // The mock cluster lets 5 connections wait. Linux drops a sixth and tries it again after 1, 2, 4 seconds, in all
    // longer than a producer whose client is gone has; librdkafka can try it anew.
    config: { producer: { "socket.connection.setup.timeout.ms": 1_000 } },
  },
];

function rowBesideRedis(row: ProduceRow): Row {
  const { name, title, target, unit = "msg/s", config } = row;
  return {
    name,
    opponent: "Redis RPUSH",
    lines: [{ title, unit, judgement: "ratio", target }],
    tools: ["redis-server", "redis-benchmark"],
    async open(bench, stack): Promise<Sides> {
      const topic = `topics:${bench.broker.topic("produced")}`;
      const load = loadOf(bench, row);
      const redis = stack.use(await MeasuredRedis.start());
      const figure = (rate: number): number =>
        unit === "msg/s" ? rate : rate * load.valueBytes / MEGABYTE;
      const opponent: Round = async () => {
        const before = await redis.usage();
        const rate = await redisBenchmark(redis.port, "RPUSH", topic, load);
        const after = await redis.usage();
        await redis.takeList(topic, load.requests);
        return { values: [figure(rate)], cpuUs: (after.cpuUs - before.cpuUs) / load.requests };
      };
      const ours = await eachMode(
        bench,
        stack,
        (rafka) => produce(rafka, topic, load, figure),
        config,
      );
      return { opponent, ...ours };
    },
  };
}

/** The same on Rafka; its CPU time counts until the last message is delivered. */
function produce(
  rafka: MeasuredRafka,
  topic: string,
  load: Load,
  figure: (rate: number) => number,
): Round {
  return async () => {
    await rafka.resetCounters();
    const before = await rafka.usage();
    const rate = await redisBenchmark(rafka.port, "RPUSHX", topic, load);
    await rafka.delivered(load.requests);
    const after = await rafka.usage();
    return { values: [figure(rate)], cpuUs: (after.cpuUs - before.cpuUs) / load.requests };
  };
}

function loadOf(
  bench: Bench,
  { load, requests, quickRequests }: Pick<ProduceRow, "load" | "requests" | "quickRequests">,
): Load {
  const wanted = size(bench, requests, quickRequests);
  return { ...load, requests: wholePipelines(wanted, load.pipeline ?? 1) };
}

const besideLibrdkafka: Row = {
  name: "rpushx-librdkafka",
  opponent: "rdkafka_performance -P",
  lines: [{
    title: "RPUSHX, 1 connection × 64 pipelined, beside bare librdkafka",
    unit: "msg/s",
    judgement: "ratio",
    target: { own: 0.35, shared: 0.4 },
  }],
  tools: ["cc", "redis-benchmark"],
  async open(bench, stack): Promise<Sides> {
    const topic = bench.broker.topic("produced");
    const load = loadOf(bench, ONE_CONNECTION);
    const opponent = await producePlainly(bench.broker, topic, load);
    const ours = await eachMode(bench, stack, (rafka) => {
      return produce(rafka, `topics:${topic}`, load, (rate) => rate);
    });
    return { opponent, ...ours };
  },
};

async function producePlainly(broker: Broker, topic: string, load: Load): Promise<Round> {
  const program = await rdkafkaPerformance();
  const count = load.requests * 4; // of its end it takes up to a second to notice
  return async () => {
    const output = await run(program, [
      ...["-P", "-q", "-b", broker.bootstrapServers, "-t", topic],
      ...["-s", String(load.valueBytes), "-c", String(count), "-X", "log_level=3"],
    ]);
    const summary = /(\d+) delivered \(offset -?\d+, (\d+) failed\) in \d+ms: (\d+) msgs\/s/.exec(
      output,
    );
    assert.ok(summary, `rdkafka_performance printed no summary:\n${output}`);
    assert.deepEqual(summary.slice(1, 3), [String(count), "0"], output);
    return { values: [Number(summary[3])] };
  };
}

/** All of them. */
export const produceRows: readonly Row[] = [
  ...besideRedis.slice(0, 3).map(rowBesideRedis),
  besideLibrdkafka,
  ...besideRedis.slice(3).map(rowBesideRedis),
];
