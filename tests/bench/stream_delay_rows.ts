/**
 * How long clients of streams wait: for entries in the middle of a topic, for a new entry, for what a worker that is
 * gone has left.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { uniqueName } from "../support/gateway.ts";
import { readWireReply, type WireReply } from "../support/wire_reply.ts";
import { type Bench, NEEDS_REAL_BROKER, noteOf, realBroker, size } from "./bench.ts";
import type { Broker } from "./broker.ts";
import { run } from "./process.ts";
import { MeasuredRedis, redisBenchmark } from "./redis.ts";
import { NOT_AVAILABLE, type Round, type Row, type Sample, type Sides } from "./row.ts";
import { percentile } from "./statistics.ts";
import { latency } from "./tools.ts";

const US_PER_MS = 1_000;
const ENTRIES = 50_000;
const RANGE = 10;
const MIN_IDLE_MS = 100;
/** Redis holds the same entries, which arrive in this way. */
const FILL = { connections: 1, pipeline: 64, valueBytes: 100, requests: 64 * 800 };

interface Server {
  readonly port: number;
  ask(...args: (string | number)[]): Promise<string>;
}

/** Opens both sides; a Rafka without streams is not measured. */
function besideRedis(
  prepare: (bench: Bench, broker: Broker) => Promise<{
    readonly key: string;
    readonly fillRedis?: (redis: Server) => Promise<unknown>;
    readonly round: (server: Server) => Round;
  }>,
): Row["open"] {
  return async (bench, stack): Promise<Sides | string> => {
    const broker = realBroker(bench);
    if (!broker) return NEEDS_REAL_BROKER;
    const { fillRedis, round } = await prepare(bench, broker);
    const redis = stack.use(await MeasuredRedis.start());
    await fillRedis?.(redis);
    const rafka = stack.use(await bench.checkout.start(broker, "own"));
    const isThere = await rafka.knows("XAUTOCLAIM");
    return {
      opponent: round(redis),
      own: isThere ? round(rafka) : NOT_AVAILABLE,
      note: noteOf(broker),
    };
  };
}

const range: Row = {
  name: "xrange",
  opponent: "Redis XRANGE",
  lines: [
    {
      title: `XRANGE of ${RANGE} by id, half of the calls`,
      unit: "ms",
      judgement: "value",
      target: { own: 5 },
    },
    {
      title: `XRANGE of ${RANGE} by time, half of the calls`,
      unit: "ms",
      judgement: "value",
      target: { own: 20 },
    },
    {
      title: "XREVRANGE + - COUNT 1, half of the calls",
      unit: "ms",
      judgement: "value",
      target: {},
    },
  ],
  tools: ["redis-server", "redis-benchmark", "cc"],
  open: besideRedis(async (bench, broker) => {
    await broker.fill(size(bench, ENTRIES, ENTRIES / 10));
    const key = `topics:${broker.topic("full")}`;
    const calls = size(bench, 30, 10);
    return {
      key,
      fillRedis: (redis) => redisBenchmark(redis.port, ["XADD", key, "*", "value"], FILL),
      round: ({ port }) => async (): Promise<Sample> => {
        using client = await TestClient.connect(port);
        const ids = await someIds(client, key, calls);
        const times = async (start: (id: string) => string[]): Promise<number> => {
          const delays: number[] = [];
          for (const id of ids) delays.push(await delayOf(client, start(id)));
          return percentile(delays, 50);
        };
        const count = ["COUNT", String(RANGE)];
        return {
          values: [
            await times((id) => ["XRANGE", key, id, "+", ...count]),
            await times((id) => ["XRANGE", key, id.split("-")[0]!, "+", ...count]),
            await times(() => ["XREVRANGE", key, "+", "-", "COUNT", "1"]),
          ],
        };
      },
    };
  }),
};

/** Ids that are spread over the stream. */
async function someIds(client: TestClient, key: string, count: number): Promise<string[]> {
  const PAGE = 1_000;
  const ids: string[] = [];
  for (let start = "-"; ids.length < 100 * count;) {
    const page = itemsOf(await ask(client, "XRANGE", key, start, "+", "COUNT", PAGE))
      .map((entry) => textOf(itemsOf(entry)[0]!));
    ids.push(...page);
    if (page.length < PAGE) break;
    start = `(${page.at(-1)!}`;
  }
  assert.ok(ids.length >= count, `only ${ids.length} entries`);
  return Array.from({ length: count }, (_, at) => ids[Math.floor(at * ids.length / count)]!);
}

async function delayOf(client: TestClient, request: string[]): Promise<number> {
  const startMs = performance.now();
  const reply = await client.ask(...request);
  const delayMs = performance.now() - startMs;
  assert.ok(reply.startsWith("*") && !reply.startsWith("*0"), `${request}: ${reply.slice(0, 100)}`);
  return delayMs;
}

const arrival: Row = {
  name: "xadd-latency",
  opponent: "Redis",
  lines: [
    {
      title: "XADD to XREADGROUP, idle, half of the messages",
      unit: "ms",
      judgement: "value",
      target: { own: 2 },
    },
    {
      title: "XADD to XREADGROUP, idle, 99 % of the messages",
      unit: "ms",
      judgement: "value",
      target: {},
    },
  ],
  tools: ["redis-server", "cc"],
  open: besideRedis(async (bench, broker) => {
    const program = await latency();
    const topic = broker.topic("latency");
    const count = String(size(bench, 300, 20));
    return {
      key: topic,
      round: ({ port }) => async (): Promise<Sample> => {
        const printed = await run(program, ["stream", String(port), topic, count]);
        const times = printed.trim().split("\n").map((us) => Number(us) / US_PER_MS);
        return { values: [percentile(times, 50), percentile(times, 99)] };
      },
    };
  }),
};

const takeover: Row = {
  name: "xautoclaim",
  opponent: "Redis",
  lines: [{
    title: `a worker's death to XAUTOCLAIM of its entry, beyond min-idle`,
    unit: "ms",
    judgement: "value",
    target: {},
  }],
  tools: ["redis-server"],
  open: besideRedis((bench, broker) => {
    const key = `topics:${broker.topic("workers")}`;
    const deaths = size(bench, 20, 3);
    return Promise.resolve({
      key,
      round: (server) => async (): Promise<Sample> => {
        const group = uniqueName("bench");
        const created = await server.ask("XGROUP", "CREATE", key, group, "$", "MKSTREAM");
        assert.equal(created, "+OK\r\n");
        const delays: number[] = [];
        for (let death = 0; death < deaths; death++) {
          delays.push(await takeOver(server, key, group));
        }
        return { values: [percentile(delays, 50)] };
      },
    });
  }),
};

/** A worker reads an entry and is gone; another one asks for what is idle until it has it. */
async function takeOver({ port }: Server, key: string, group: string): Promise<number> {
  using client = await TestClient.connect(port);
  using mortal = await TestClient.connect(port);
  await ask(client, "XADD", key, "*", "value", "x");
  const read = ["XREADGROUP", "GROUP", group, "mortal", "COUNT", 1, "BLOCK", 20_000];
  assert.ok(itemsOf(await ask(mortal, ...read, "STREAMS", key, ">")).length === 1);
  mortal[Symbol.dispose]();
  const deadMs = performance.now();
  for (;;) {
    const claim = ["XAUTOCLAIM", key, group, "heir", MIN_IDLE_MS, "0-0"];
    const [, entries] = itemsOf(await ask(client, ...claim));
    const [entry] = itemsOf(entries!);
    if (!entry) continue;
    const delayMs = performance.now() - deadMs - MIN_IDLE_MS;
    const id = textOf(itemsOf(entry)[0]!);
    assert.equal(textOf(await ask(client, "XACK", key, group, id)), "1");
    return delayMs;
  }
}

async function ask(client: TestClient, ...args: (string | number)[]): Promise<WireReply> {
  const reply = readWireReply(await client.ask(...args));
  if (reply.type === "-") throw new Error(`${args[0]} got ${reply.text}`);
  return reply;
}

function itemsOf(reply: WireReply): readonly WireReply[] {
  assert.ok("items" in reply, JSON.stringify(reply));
  return reply.items;
}

function textOf(reply: WireReply): string {
  assert.ok("text" in reply, JSON.stringify(reply));
  return reply.text;
}

/** All of them. */
export const streamDelayRows: readonly Row[] = [range, arrival, takeover];
