/**
 * How fast entries of streams are added and read: XADD, whose reply says that Kafka has the entry, and XREADGROUP with
 * XACK, beside the same commands of Redis.
 *
 * @module
 */
import assert from "node:assert/strict";
import { uniqueName } from "../support/gateway.ts";
import { type Bench, size } from "./bench.ts";
import { Clocked } from "./clocked.ts";
import type { Usage } from "./process.ts";
import { roundOf } from "./produce_rows.ts";
import { type Load, MeasuredRedis, redisBenchmark, wholePipelines } from "./redis.ts";
import { type Line, NOT_AVAILABLE, type Row, type Sample, type Sides } from "./row.ts";
import { streamReaders } from "./tools.ts";

const VALUE_BYTES = 100;
/** How a stream of Redis is filled. */
const FILL = { connections: 50, pipeline: 64, valueBytes: VALUE_BYTES };
const READERS = 50;

interface AddRow {
  readonly name: string;
  readonly title: string;
  readonly target: Line["target"];
  readonly load: Pick<Load, "connections" | "pipeline">;
  readonly requests: number;
  readonly quickRequests: number;
  /** Of a round. */
  readonly bursts?: number;
}

const ADDS: readonly AddRow[] = [
  {
    name: "xadd-1",
    title: "XADD, 1 connection",
    target: {},
    load: { connections: 1 },
    requests: 2_000,
    quickRequests: 200,
  },
  {
    name: "xadd-50",
    title: "XADD, 50 connections",
    target: {},
    load: { connections: 50 },
    requests: 48_000,
    quickRequests: 4_800,
  },
  {
    name: "xadd-50x64",
    title: "XADD, 50 connections × 64 pipelined",
    target: { own: 0.4 },
    load: { connections: 50, pipeline: 64 },
    requests: 96_000,
    quickRequests: 19_200,
    bursts: 5,
  },
];

function addRow({ name, title, target, load, requests, quickRequests, bursts = 1 }: AddRow): Row {
  return {
    name,
    opponent: "Redis XADD",
    lines: [{ title, unit: "msg/s", judgement: "ratio", target }],
    tools: ["redis-server", "redis-benchmark"],
    async open(bench, stack): Promise<Sides> {
      const key = `topics:${bench.broker.topic("produced")}`;
      const count = wholePipelines(size(bench, requests, quickRequests), load.pipeline ?? 1);
      const add = (port: number): Promise<number> =>
        redisBenchmark(port, ["XADD", key, "*", "value"], {
          ...load,
          requests: count,
          valueBytes: VALUE_BYTES,
        });
      const redis = stack.use(await MeasuredRedis.start());
      const rafka = stack.use(await bench.checkout.start(bench.broker, "own"));
      const opponent = roundOf(redis, count, bursts, (rate) => [rate], async () => {
        const rate = await add(redis.port);
        await redis.takeStream(key, count);
        return rate;
      });
      if (!await rafka.knows("XADD")) return { opponent, own: NOT_AVAILABLE };
      const own = roundOf(rafka, count, bursts, (rate) => [rate], async () => {
        await rafka.resetCounters();
        const rate = await add(rafka.port);
        await rafka.delivered(count);
        return rate;
      });
      return { opponent, own };
    },
  };
}

interface ReadRow {
  readonly count: number;
  readonly target: Line["target"];
  readonly entries: (bench: Bench) => number;
}

const READS: readonly ReadRow[] = [
  { count: 1, target: {}, entries: (bench) => size(bench, 50_000, 3_000) },
  { count: 10, target: {}, entries: (bench) => size(bench, 150_000, 10_000) },
  { count: 100, target: { own: 0.5 }, entries: (bench) => size(bench, 600_000, 50_000) },
];

/** Entries to read, and how they are read. */
export interface ReadLoad {
  readonly name: string;
  readonly title: string;
  /** Adds the entries. */
  readonly prepare: (bench: Bench) => Promise<void>;
  /** Reads all of them, as a new group. */
  readonly read: (bench: Bench, server: Server) => Promise<Sample>;
}

/** The load of the row with this COUNT. */
export function readLoadOf(count: number): ReadLoad {
  const { entries } = READS.find((row) => row.count === count)!;
  const key = (bench: Bench): string => `topics:${bench.broker.topic("full")}`;
  return {
    name: `xreadgroup-${count}`,
    title: titleOf(count),
    prepare: (bench) => bench.broker.fill(entriesFor(entries(bench), count)),
    read: (bench, server) => readAll(server, key(bench), entries(bench), count),
  };
}

function titleOf(count: number): string {
  return `XREADGROUP COUNT ${count} and XACK, ${READERS} connections`;
}

/** Each connection may read once more. */
function entriesFor(wanted: number, count: number): number {
  return wholePipelines(wanted + 2 * READERS * count, FILL.pipeline);
}

/** Each round is a group of its own, for which all entries are there again; the mock cluster can delete none. */
function readRow({ count, target, entries }: ReadRow): Row {
  const title = titleOf(count);
  return {
    name: `xreadgroup-${count}`,
    opponent: "Redis XREADGROUP",
    lines: [{ title, unit: "msg/s", judgement: "ratio", target }],
    tools: ["redis-server", "redis-benchmark", "cc"],
    async open(bench, stack): Promise<Sides> {
      const wanted = entries(bench);
      const there = entriesFor(wanted, count);
      const key = `topics:${bench.broker.topic("full")}`;
      await bench.broker.fill(there);
      const redis = stack.use(await MeasuredRedis.start());
      await redisBenchmark(redis.port, ["XADD", key, "*", "value"], { ...FILL, requests: there });
      const rafka = stack.use(await bench.checkout.start(bench.broker, "own"));
      const opponent = (): Promise<Sample> => readAll(redis, key, wanted, count);
      if (!await rafka.knows("XREADGROUP")) return { opponent, own: NOT_AVAILABLE };
      return { opponent, own: () => readAll(rafka, key, wanted, count) };
    },
  };
}

/** A server of Redis' protocol, and what it uses. */
export interface Server {
  readonly port: number;
  ask(...args: (string | number)[]): Promise<string>;
  usage(): Promise<Usage>;
}

async function readAll(
  server: Server,
  key: string,
  wanted: number,
  count: number,
): Promise<Sample> {
  const group = uniqueName("bench");
  assert.equal(await server.ask("XGROUP", "CREATE", key, group, 0), "+OK\r\n");
  const args = [server.port, wanted, READERS, count, group, key];
  await using readers = await Clocked.start(await streamReaders(), args);
  const before = await server.usage();
  const { messages, seconds } = await readers.finish();
  const after = await server.usage();
  assert.ok(messages >= wanted, `${messages} entries instead of ${wanted}`);
  return { values: [messages / seconds], cpuUs: (after.cpuUs - before.cpuUs) / messages };
}

/** All of them. */
export const streamRows: readonly Row[] = [...ADDS.map(addRow), ...READS.map(readRow)];
