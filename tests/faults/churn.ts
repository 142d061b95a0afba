/**
 * An hour of connections in ten minutes: each connects, produces, consumes, acks and vanishes, in one of many ways.
 * The gateway must hold no more in the end than when it was warm, and nothing when all have gone.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type PoppedMessage, TestClient } from "../support/client.ts";
import { until } from "../support/gateway.ts";
import { ack } from "../support/kafka.ts";
import { Program } from "../support/program.ts";
import { type Resources, resourcesOf } from "../support/resources.ts";
import type { Endurance, EnduranceOutcome } from "./endurance.ts";
import { courseOf, type Gauge } from "./flatness.ts";

/** Connections at the same time. */
const AT_ONCE = 12;
/** The embedded Kafka forgets neither topics nor groups, so they are used again and again. */
const TOPICS = 20;
const GROUPS = 240;
const SAMPLE_EVERY_MS = 500;
/** A message that a group is busy handing over is waited for. */
const POP_SECONDS = 15;
/** What Deno and librdkafka keep for a while: threads that were idle for 10 s end, and so do idle producers. */
const REST_DEADLINE_MS = 60_000;
const MIB = 1024 * 1024;

interface Sample extends Resources {
  readonly nativeHandles: number;
}

/** Moves with V8's heap and with what consumers fetch ahead; what is allowed is 0.7 KB for each connection in between. */
const MEMORY: Gauge<Sample> = {
  name: "memory (MiB)",
  read: ({ memoryBytes }) => Math.round(memoryBytes / MIB),
  allowedShare: 0.15,
  allowedCount: 10,
};
/** Those of about three connections come and go by chance. */
const COUNTED = { allowedShare: 0.1, allowedCount: 30 };
const GAUGES: readonly Gauge<Sample>[] = [
  MEMORY,
  { name: "threads", read: ({ threads }) => threads, ...COUNTED },
  { name: "descriptors", read: ({ fileDescriptors }) => fileDescriptors, ...COUNTED },
  { name: "native handles", read: ({ nativeHandles }) => nativeHandles, ...COUNTED },
];

/** Where a life takes place. */
interface Place {
  readonly port: number;
  readonly topic: string;
  /** group.id and client.id */
  readonly name: string;
}

/** Ways to live and to vanish. */
const LIVES: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  quits: (place) =>
    work(place, async (client) => {
      assert.equal(await client.ask("QUIT"), "+OK\r\n");
      assert.equal(await client.untilClosed(), "");
    }),
  "hangs up": (place) => work(place, async () => {}),
  "hangs up while it waits": (place) =>
    work(place, (client) => client.send("BLPOP", `topics:${place.topic}`, 0)),
  "hangs up in the middle of a command": (place) =>
    work(place, (client) => client.write("*3\r\n$6\r\nRPUSHX\r\n$100\r\nhal")),
  "sends garbage": (place) =>
    work(place, async (client) => {
      await client.write("*1\r\n$nonsense\r\n");
      assert.match(await client.untilClosed(), /^-ERR Protocol error/);
    }),
  "vanishes without an ack": async (place) => {
    using client = await named(place);
    await pop(client, place);
  },
  "is reset, replies unread": (place) => reset(place),
  "joins and goes at once": async (place) => {
    using client = await named(place);
    await client.send("BLPOP", `topics:${place.topic}`, 0);
  },
  "produces and does not wait": async ({ port, topic }) => {
    using client = await TestClient.connect(port);
    await client.send("RPUSHX", `topics:${topic}`, "value");
  },
  "says nothing": async ({ port }) => {
    using _client = await TestClient.connect(port);
  },
};

/** Connections that come and go. */
export const churn: Endurance = {
  name: "churn",
  what: `connections, ${AT_ONCE} at a time, that produce, consume, ack and vanish in ` +
    `${Object.keys(LIVES).length} ways`,
  async run(full: boolean): Promise<EnduranceOutcome> {
    await using program = await Program.start(["--dev"]);
    const startSample = await takeSample(program);
    const lives = new Lives(program.port);
    const samples = await lives.watch(full ? 600_000 : 30_000, () => takeSample(program));
    const atRest = await rest(program, startSample);
    program.signal("SIGTERM");
    const code = await program.exited();
    const courses = GAUGES.map((gauge) => ({ gauge, ...courseOf(gauge, samples) }));
    return {
      figures: {
        connections: lives.count,
        ...Object.fromEntries(
          courses.map(({ gauge, early, late }) => [
            gauge.name,
            `${early} after the warm-up, ${late} at the end`,
          ]),
        ),
        "when all had gone": describe(atRest),
        "before the first came": describe(startSample),
      },
      problems: [
        ...lives.problems,
        ...courses.filter(({ rises }) => rises)
          .map(({ gauge, early, late }) => `${gauge.name} rose from ${early} to ${late}`),
        ...leftBehind(startSample, atRest),
        ...(code === 0 ? [] : [`it ended with exit code ${code}`]),
        ...program.log.split("\n").filter((line) => line.includes("Bug")),
      ],
    };
  },
};

/** Connections that live one after the other, some at a time. */
class Lives {
  readonly problems: string[] = [];
  readonly #port: number;
  #count = 0;
  #ending = false;

  constructor(port: number) {
    this.#port = port;
  }

  /** How many have begun. */
  get count(): number {
    return this.#count;
  }

  /** Lets them live for so long. */
  async watch(durationMs: number, sample: () => Promise<Sample>): Promise<Sample[]> {
    const all = Promise.all(Array.from({ length: AT_ONCE }, () => this.#oneAfterTheOther()));
    const samples: Sample[] = [];
    const end = performance.now() + durationMs;
    while (performance.now() < end) {
      samples.push(await sample());
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY_MS));
    }
    this.#ending = true;
    await all;
    return samples;
  }

  async #oneAfterTheOther(): Promise<void> {
    const ways = Object.entries(LIVES);
    while (!this.#ending) {
      const index = this.#count++;
      const [way, live] = ways[index % ways.length]!;
      const place = {
        port: this.#port,
        topic: `topic${index % TOPICS}`,
        name: `group${index % GROUPS}:worker${index}`,
      };
      await live(place).catch((error) => this.problems.push(`one that ${way}: ${error}`));
    }
  }
}

async function work(place: Place, vanish: (client: TestClient) => Promise<void>): Promise<void> {
  using client = await named(place);
  assert.equal(await ack(client, await pop(client, place)), ":1\r\n");
  await vanish(client);
}

async function named({ port, name }: Place): Promise<TestClient> {
  const client = await TestClient.connect(port);
  assert.equal(await client.ask("CLIENT", "SETNAME", name), "+OK\r\n");
  return client;
}

/** Produces and consumes. */
async function pop(client: TestClient, { topic }: Place): Promise<PoppedMessage> {
  assert.equal(await client.ask("RPUSHX", `topics:${topic}`, "value"), ":1\r\n");
  const message = await client.pop(`topics:${topic}`, POP_SECONDS);
  assert.ok(message, `no message of ${topic} in ${POP_SECONDS} s`);
  return message;
}

/** A socket that is closed while something is unread sends a reset. */
async function reset({ port, topic }: Place): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `RPUSHX topics:${topic} value\r\nPING\r\n`;
  await conn.write(new TextEncoder().encode(request));
  await conn.read(new Uint8Array(1));
}

async function takeSample(program: Program): Promise<Sample> {
  using client = await program.connect();
  const [resources, info] = await Promise.all([
    resourcesOf(program.pid),
    client.ask("INFO", "kafka"),
  ]);
  const nativeHandles = /^native_handles:(\d+)\r$/m.exec(info)?.[1];
  assert.ok(nativeHandles, `no native_handles in ${info}`);
  return { ...resources, nativeHandles: Number(nativeHandles) };
}

/** Waits until it holds what it held before, or for long enough. */
async function rest(program: Program, before: Sample): Promise<Sample> {
  let now = await takeSample(program);
  const isBack = async (): Promise<boolean> => {
    now = await takeSample(program);
    return leftBehind(before, now).length === 0;
  };
  // what is left then is said with the other problems
  await until(isBack, "what was there before", REST_DEADLINE_MS).catch(() => {});
  return now;
}

function leftBehind(before: Sample, now: Sample): string[] {
  return GAUGES.filter((gauge) => gauge !== MEMORY && gauge.read(now) > gauge.read(before))
    .map((gauge) => `${gauge.read(now) - gauge.read(before)} ${gauge.name} are left behind`);
}

function describe(sample: Sample): string {
  return GAUGES.map((gauge) => `${gauge.name} ${gauge.read(sample)}`).join(", ");
}
