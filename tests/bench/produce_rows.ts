/**
 * How fast messages are taken: RPUSHX beside RPUSH of Redis, both with the load of redis-benchmark, and beside
 * librdkafka's own load generator. A round ends when Kafka has all of its messages.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestAuthority } from "../support/certificates.ts";
import type { TestConfig } from "../support/kafka.ts";
import { eachMode, size } from "./bench.ts";
import type { Broker } from "./broker.ts";
import { run, type Usage } from "./process.ts";
import type { MeasuredRafka } from "./rafka.ts";
import { type Load, MeasuredRedis, redisBenchmark } from "./redis.ts";
import type { Line, Round, Row, Sides } from "./row.ts";
import { rdkafkaPerformance } from "./tools.ts";

const VALUE_BYTES = 100;
const MEGABYTE = 1e6;
const LIBRDKAFKA_LINGER_MS = "5";

/** Messages, and how they are sent. */
export interface ProduceRow {
  readonly name: string;
  readonly title: string;
  readonly target: Line["target"];
  readonly load: Omit<Load, "requests">;
  /** Messages of a burst. */
  readonly requests: number;
  readonly quickRequests: number;
  /** Of a round; between them, all messages are waited for. */
  readonly bursts?: number;
  readonly unit?: "msg/s" | "MB/s";
  readonly config?: TestConfig;
  /** Both servers have the same certificate, on P-256. */
  readonly tls?: boolean;
}

/** What a producer may hold, 100,000 messages, is more than this: however slow Kafka is, nothing is refused. */
const BURST = { requests: 96_000, quickRequests: 19_200 };

const ONE_CONNECTION = {
  load: { connections: 1, pipeline: 64, valueBytes: VALUE_BYTES },
  ...BURST,
  bursts: 5,
};

const besideRedis: readonly ProduceRow[] = [
  {
    name: "rpushx-50",
    title: "RPUSHX, 50 connections",
    target: { own: 0.5, shared: 0.85 },
    load: { connections: 50, valueBytes: VALUE_BYTES },
    ...BURST,
  },
  {
    name: "rpushx-50x64",
    title: "RPUSHX, 50 connections × 64 pipelined",
    target: { own: 0.4, shared: 0.65 },
    load: { connections: 50, pipeline: 64, valueBytes: VALUE_BYTES },
    ...BURST,
    bursts: 5,
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
    ...BURST,
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

/** The load of a row. */
export function loadOf(name: string): ProduceRow {
  return besideRedis.find((row) => row.name === name)!;
}

/** As those of the same load without TLS, beside a Redis with TLS. */
const withTls: readonly ProduceRow[] = ["rpushx-50", "rpushx-50x64", "connect"].map((name) => {
  const row = loadOf(name);
  return { ...row, name: `${name}-tls`, title: `${row.title}, TLS`, tls: true };
});

function rowBesideRedis(row: ProduceRow): Row {
  const { name, title, target, unit = "msg/s" } = row;
  return {
    name,
    opponent: row.tls ? "Redis RPUSH with TLS" : "Redis RPUSH",
    lines: [{ title, unit, judgement: "ratio", target }],
    tools: ["redis-server", "redis-benchmark", ...row.tls ? ["openssl"] as const : []],
    async open(bench, stack): Promise<Sides> {
      const topic = `topics:${bench.broker.topic("produced")}`;
      const authority = row.tls ? stack.use(await TestAuthority.create()) : undefined;
      const certificate = await authority?.server();
      const config = certificate
        ? { ...row.config, server: { tls: { port: 0, ...certificate } } }
        : row.config;
      const load = {
        ...row.load,
        requests: size(bench, row.requests, row.quickRequests),
        caFile: authority?.caFile,
      };
      const bursts = row.bursts ?? 1;
      const redis = stack.use(
        await MeasuredRedis.start(certificate && { ...certificate, caFile: authority!.caFile }),
      );
      const figures = (rate: number): number[] => [
        unit === "msg/s" ? rate : rate * load.valueBytes / MEGABYTE,
      ];
      const opponent = roundOf(redis, load.requests, bursts, figures, async () => {
        const rate = await redisBenchmark(redis.tlsPort ?? redis.port, ["RPUSH", topic], load);
        await redis.takeList(topic, load.requests);
        return rate;
      });
      const ours = await eachMode(bench, stack, (rafka) => {
        return roundOf(rafka, load.requests, bursts, figures, () => produce(rafka, topic, load));
      }, config);
      return { opponent, ...ours };
    },
  };
}

/** Bursts that each return their rate, as one round of a server. */
export function roundOf(
  server: { usage(): Promise<Usage> },
  requests: number,
  bursts: number,
  figures: (rate: number) => number[],
  burst: () => Promise<number>,
): Round {
  return async () => {
    const before = await server.usage();
    let seconds = 0;
    for (let count = 0; count < bursts; count++) seconds += requests / await burst();
    const after = await server.usage();
    const messages = requests * bursts;
    return { values: figures(messages / seconds), cpuUs: (after.cpuUs - before.cpuUs) / messages };
  };
}

/** A burst on Rafka; returns when the last message is delivered, but with the rate at which they were taken. */
export async function produce(rafka: MeasuredRafka, topic: string, load: Load): Promise<number> {
  await rafka.resetCounters();
  const rate = await redisBenchmark(rafka.tlsPort ?? rafka.port, ["RPUSHX", topic], load);
  await rafka.delivered(load.requests);
  return rate;
}

const ONE_CONNECTION_TITLE = "RPUSHX, 1 connection × 64 pipelined, beside bare librdkafka";

const besideLibrdkafka: Row = {
  name: "rpushx-librdkafka",
  opponent: "rdkafka_performance -P",
  lines: [
    {
      title: ONE_CONNECTION_TITLE,
      unit: "msg/s",
      judgement: "ratio",
      target: { own: 0.35, shared: 0.4 },
    },
    {
      title: `${ONE_CONNECTION_TITLE} with Rafka's linger.ms`,
      unit: "msg/s",
      judgement: "ratio",
      target: {},
    },
  ],
  tools: ["cc", "redis-benchmark"],
  async open(bench, stack): Promise<Sides> {
    const topic = bench.broker.topic("produced");
    const { bursts, requests, quickRequests } = ONE_CONNECTION;
    const load = { ...ONE_CONNECTION.load, requests: size(bench, requests, quickRequests) };
    const count = size(bench, 2_000_000, 200_000);
    const { "linger.ms": lingerMs = LIBRDKAFKA_LINGER_MS } = bench.checkout.presets.producer;
    const program = await rdkafkaPerformance();
    const plainly = (...settings: string[]): Promise<number> =>
      producePlainly(program, bench.broker, topic, count, settings);
    const ours = await eachMode(bench, stack, (rafka) => {
      const burst = (): Promise<number> => produce(rafka, `topics:${topic}`, load);
      return roundOf(rafka, load.requests, bursts, (rate) => [rate, rate], burst);
    });
    return {
      // its own linger.ms is 1000, which its last messages wait for
      opponent: async () => ({
        values: [await plainly(), await plainly("-X", `linger.ms=${lingerMs}`)],
      }),
      ...ours,
    };
  },
};

async function producePlainly(
  program: string,
  broker: Broker,
  topic: string,
  count: number,
  settings: readonly string[],
): Promise<number> {
  const output = await run(program, [
    ...["-P", "-q", "-b", broker.bootstrapServers, "-t", topic],
    ...["-s", String(VALUE_BYTES), "-c", String(count), "-X", "log_level=3"],
    ...settings,
  ]);
  const summary = /(\d+) delivered \(offset -?\d+, (\d+) failed\) in \d+ms: (\d+) msgs\/s/
    .exec(output);
  assert.ok(summary, `rdkafka_performance printed no summary:\n${output}`);
  assert.deepEqual(summary.slice(1, 3), [String(count), "0"], output);
  return Number(summary[3]);
}

/** All of them. */
export const produceRows: readonly Row[] = [
  ...besideRedis.map(rowBesideRedis),
  ...withTls.map(rowBesideRedis),
  besideLibrdkafka,
];
