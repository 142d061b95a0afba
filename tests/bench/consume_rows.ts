/**
 * How fast messages are handed out: one connection that pops from a topic, or a list, that is full. Each round is a
 * group of its own, for which all messages are there again; that it has to form is not measured.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { uniqueName } from "../support/gateway.ts";
import { type Bench, size } from "./bench.ts";
import type { Broker } from "./broker.ts";
import { run, type Usage } from "./process.ts";
import { MeasuredRedis, redisBenchmark, wholePipelines } from "./redis.ts";
import { NOT_AVAILABLE, type Round, type Row, type Sample, type Sides } from "./row.ts";
import { startPop } from "./pop.ts";
import type { MeasuredRafka } from "./rafka.ts";
import { rdkafkaPerformance } from "./tools.ts";

/** How a list gets its values. */
const FILL = { connections: 1, pipeline: 64, valueBytes: 100 };
/** How long the first message may take: a group has to form. */
const POP_TIMEOUT_SECONDS = 30;
/** A group for each. */
const MAX_ROUNDS = 100;
/** Beside those that are measured there is the first one, for which is waited. */
const FIRST = 1;

interface Pops {
  readonly count: number;
  readonly inFlight: number;
}

/** A server whose processor time is known. */
interface Server {
  readonly port: number;
  usage(): Promise<Usage>;
}

interface PopRow {
  readonly name: string;
  readonly title: string;
  readonly target: number;
  readonly pops: (bench: Bench) => Pops;
}

const ONE_AT_A_TIME: PopRow = {
  name: "blpop",
  title: "BLPOP, one at a time",
  target: 0.8,
  pops: (bench) => ({ count: size(bench, 30_000, 3_000), inFlight: 1 }),
};

const PIPELINED: PopRow = {
  name: "blpop-64",
  title: "BLPOP, 64 pipelined",
  target: 0.6,
  pops: (bench) => ({ count: size(bench, 200_000, 20_000), inFlight: 64 }),
};

function commandOf(broker: Broker): string[] {
  return ["BLPOP", `topics:${broker.topic("full")}`, String(POP_TIMEOUT_SECONDS)];
}

function popRow({ name, title, target, pops }: PopRow): Row {
  return {
    name,
    opponent: "Redis BLPOP",
    lines: [{ title, unit: "msg/s", judgement: "ratio", target: { own: target } }],
    tools: ["redis-server", "redis-benchmark", "cc"],
    async open(bench, stack): Promise<Sides> {
      const { count, inFlight } = pops(bench);
      await bench.broker.fill(count + FIRST);
      const command = commandOf(bench.broker);
      const key = command[1]!;
      const redis = stack.use(await MeasuredRedis.start());
      const rafka = stack.use(await bench.checkout.start(bench.broker, "own"));
      return {
        opponent: async (): Promise<Sample> => {
          const requests = wholePipelines(count + FIRST, FILL.pipeline);
          await redisBenchmark(redis.port, ["RPUSH", key], { ...FILL, requests });
          const sample = await popAll(redis, { count, inFlight, name: "-", command });
          await redis.takeList(key, requests - count - FIRST);
          return sample;
        },
        own: () => popAll(rafka, { count, inFlight, name: newName(), command }),
      };
    },
  };
}

/** Messages to pop, and how they are popped. */
export interface PopLoad {
  readonly name: string;
  readonly title: string;
  /** Produces the messages. */
  readonly prepare: (bench: Bench) => Promise<void>;
  /** Pops all of them, as a new group. */
  readonly read: (bench: Bench, rafka: MeasuredRafka) => Promise<Sample>;
}

/** The load of the row `blpop`. */
export const popLoad: PopLoad = {
  name: "blpop",
  title: ONE_AT_A_TIME.title,
  prepare: (bench) => bench.broker.fill(ONE_AT_A_TIME.pops(bench).count + FIRST),
  read: (bench, rafka) =>
    popAll(rafka, {
      ...ONE_AT_A_TIME.pops(bench),
      name: newName(),
      command: commandOf(bench.broker),
    }),
};

/** Lists in Redis' own shapes, of connections without a name: the key says which group pops. */
function listRow(
  name: string,
  title: string,
  command: (key: string) => string[],
  batch: number,
  count: (bench: Bench) => number,
): Row {
  return {
    name,
    opponent: `Redis ${command("")[0]}`,
    lines: [{ title, unit: "msg/s", judgement: "ratio", target: { own: 0.6 } }],
    tools: ["redis-server", "redis-benchmark", "cc"],
    async open(bench, stack): Promise<Sides> {
      const wanted = count(bench);
      const spare = 2 * batch + FIRST; // batches before and behind what is counted
      await bench.broker.fill(wanted + spare);
      const redis = stack.use(await MeasuredRedis.start());
      const keys = Array.from({ length: MAX_ROUNDS }, (_, at) => `full-${at}`);
      const topic = bench.broker.topic("full");
      const rafka = stack.use(
        await bench.checkout.start(bench.broker, "own", {
          server: { keys: keys.map((match) => ({ match, topic, group: uniqueName("bench") })) },
        }),
      );
      if (!await rafka.knows(command("")[0]!)) return { own: NOT_AVAILABLE };
      const options = (key: string) => {
        return { count: wanted, inFlight: 1, name: "-", command: command(key) };
      };
      return {
        opponent: async (): Promise<Sample> => {
          const requests = wholePipelines(wanted + spare, FILL.pipeline);
          await redisBenchmark(redis.port, ["RPUSH", "full"], { ...FILL, requests });
          const sample = await popAll(redis, options("full"));
          await redis.ask("DEL", "full");
          return sample;
        },
        own: async (): Promise<Sample> => {
          const key = keys.shift();
          assert.ok(key !== undefined, `more than ${MAX_ROUNDS} rounds`);
          using first = await TestClient.connect(rafka.port);
          const reply = await first.ask("BLPOP", key, POP_TIMEOUT_SECONDS); // the group has formed
          assert.match(reply, /^\*2/);
          return await popAll(rafka, options(key));
        },
      };
    },
  };
}

/** A worker of a group that nobody has heard of. */
function newName(): string {
  return `${uniqueName("bench")}:worker`;
}

async function popAll(
  server: Server,
  options: { count: number; inFlight: number; name: string; command: string[] },
): Promise<Sample> {
  await using pop = await startPop(server.port, options);
  const before = await server.usage();
  const { messages, seconds } = await pop.finish();
  const after = await server.usage();
  assert.ok(messages >= options.count, `${messages} messages instead of ${options.count}`);
  return { values: [messages / seconds], cpuUs: (after.cpuUs - before.cpuUs) / messages };
}

const batch: Row = {
  name: "blmpop",
  opponent: "rdkafka_performance -C",
  lines: [{
    title: "BLMPOP COUNT 1000, beside bare librdkafka",
    unit: "msg/s",
    judgement: "ratio",
    target: { own: 0.5 },
  }],
  tools: ["cc"],
  async open(bench, stack): Promise<Sides> {
    // what a batch has above the last message that is counted must be there, too
    const [count, spare] = [size(bench, 1_000_000, 100_000), 2_000];
    await bench.broker.fill(count + spare);
    const rafka = stack.use(await bench.checkout.start(bench.broker, "own"));
    if (!await rafka.knows("BLMPOP")) return { own: NOT_AVAILABLE };
    const key = `topics:${bench.broker.topic("full")}`;
    const timeout = String(POP_TIMEOUT_SECONDS);
    const command = ["BLMPOP", timeout, "1", key, "LEFT", "COUNT", "1000"];
    return {
      opponent: await consumePlainly(bench, count),
      own: () => popAll(rafka, { count, inFlight: 1, name: newName(), command }),
    };
  },
};

async function consumePlainly({ broker }: Bench, count: number): Promise<Round> {
  const program = await rdkafkaPerformance();
  const settings = Object.entries(broker.consumerSettings).filter(([name]) =>
    name.startsWith("fetch.")
  );
  return async () => {
    const output = await run(program, [
      ...["-q", "-b", broker.bootstrapServers, "-t", broker.topic("full")],
      ...plainConsumer(broker),
      ...["-o", "beginning", "-c", String(count), "-X", "log_level=3"],
      ...settings.flatMap(([name, value]) => ["-X", `${name}=${value}`]),
    ]);
    const summary = /(\d+) messages \(\d+ bytes\) consumed in \d+ms: (\d+) msgs\/s/.exec(output);
    assert.ok(summary, `rdkafka_performance printed no summary:\n${output}`);
    assert.ok(Number(summary[1]) >= count, output);
    return { values: [Number(summary[2])] };
  };
}

/** Without a group, where it is known which partitions there are. */
function plainConsumer(broker: Broker): string[] {
  if (broker.isReal) return ["-G", uniqueName("bench"), "-X", "auto.offset.reset=earliest"];
  return ["-C", ...broker.partitions("full").flatMap((partition) => ["-p", String(partition)])];
}

/** All of them. */
export const consumeRows: readonly Row[] = [
  popRow(ONE_AT_A_TIME),
  popRow(PIPELINED),
  listRow("brpop", "BRPOP of a list, one at a time", (key) => ["BRPOP", key, "30"], 1, (bench) => {
    return size(bench, 30_000, 3_000);
  }),
  listRow("lpop-100", "LPOP COUNT 100 of a list", (key) => ["LPOP", key, "100"], 100, (bench) => {
    return size(bench, 500_000, 20_000);
  }),
  batch,
];
