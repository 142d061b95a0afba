/**
 * Pub/Sub: what a message costs for one subscriber and for a hundred, how a thousand on ten topics are held, and how
 * long a message of a topic takes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { toBytes } from "../support/wire.ts";
import { type Bench, NEEDS_REAL_BROKER, noteOf, realBroker, size } from "./bench.ts";
import { MeasuredRedis } from "./redis.ts";
import type { Round, Row, Sample, Sides } from "./row.ts";
import { percentile } from "./statistics.ts";
import type { Usage } from "./process.ts";

const PAYLOAD = "x".repeat(100);
const PIPELINE = 64;

/** A server whose processor time is known. */
interface Server {
  readonly port: number;
  usage(): Promise<Usage>;
}

/** The load is a program in JavaScript, so that the server's own time is what counts. */
function fanOut(subscribers: number, messages: number): Row {
  return {
    name: `publish-${subscribers}`,
    opponent: "Redis",
    lines: [{
      title:
        `PUBLISH of 100 B to ${
          subscribers === 1 ? "1 subscriber" : `${subscribers} subscribers`
        }, ` +
        `${PIPELINE} in flight`,
      unit: "deliveries/CPU s",
      judgement: "ratio",
      target: { own: 0.5 },
    }],
    tools: ["redis-server"],
    async open(bench, stack): Promise<Sides> {
      const count = size(bench, messages, PIPELINE * 4);
      const round = (server: Server): Round => () => publishAll(server, subscribers, count);
      return {
        opponent: round(stack.use(await MeasuredRedis.start())),
        own: round(stack.use(await bench.checkout.start(bench.broker, "own"))),
      };
    },
  };
}

async function publishAll(server: Server, subscribers: number, count: number): Promise<Sample> {
  const channel = `bench.${crypto.randomUUID()}`;
  const message =
    `*3\r\n$7\r\nmessage\r\n$${channel.length}\r\n${channel}\r\n$100\r\n${PAYLOAD}\r\n`;
  const connections: Deno.Conn[] = [];
  try {
    for (let at = 0; at < subscribers; at++) {
      connections.push(await subscribe(server.port, channel));
    }
    using publisher = await TestClient.connect(server.port);
    const requests =
      `*3\r\n$7\r\nPUBLISH\r\n$${channel.length}\r\n${channel}\r\n$100\r\n${PAYLOAD}\r\n`
        .repeat(PIPELINE);
    const before = (await server.usage()).cpuUs;
    const read = Promise.all(connections.map((one) => readBytes(one, count * message.length)));
    for (let sent = 0; sent < count; sent += PIPELINE) {
      await publisher.write(requests);
      for (let at = 0; at < PIPELINE; at++) {
        assert.equal(await publisher.reply(), `:${subscribers}\r\n`);
      }
    }
    await read;
    const cpuUs = (await server.usage()).cpuUs - before;
    return { values: [subscribers * count * 1e6 / cpuUs], cpuUs: cpuUs / count };
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function subscribe(port: number, channel: string): Promise<Deno.Conn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `*2\r\n$9\r\nSUBSCRIBE\r\n$${channel.length}\r\n${channel}\r\n`;
  await connection.write(toBytes(request));
  const reply = `*3\r\n$9\r\nsubscribe\r\n$${channel.length}\r\n${channel}\r\n:1\r\n`;
  await readBytes(connection, reply.length);
  return connection;
}

/** Reads exactly as many, in as few calls as may be. */
async function readBytes(connection: Deno.Conn, count: number): Promise<void> {
  const buffer = new Uint8Array(256 * 1024);
  for (let left = count; left > 0;) {
    const read = await connection.read(buffer.subarray(0, Math.min(left, buffer.length)));
    assert.ok(read !== null, `the connection has ended, ${left} bytes are missing`);
    left -= read;
  }
}

const many: Row = {
  name: "subscribers-1000",
  lines: [
    {
      title: "1,000 subscribers on 10 topics: threads beside those of 10 subscribers",
      unit: "threads",
      judgement: "value",
      target: { own: 5 },
    },
    { title: "the same: memory of one subscriber", unit: "KB", judgement: "value", target: {} },
  ],
  tools: [],
  async open(bench, stack): Promise<Sides> {
    const rafka = stack.use(await bench.checkout.start(bench.broker, "own"));
    const topics = Array.from(
      { length: 10 },
      (_, at) => `topics:bench-news-${at}`,
    );
    const count = size(bench, 1_000, 50);
    using publisher = await TestClient.connect(rafka.port);
    for (const topic of topics) assert.equal(await publisher.ask("PUBLISH", topic, "m"), ":1\r\n");
    return {
      own: async (): Promise<Sample> => {
        const connections: Deno.Conn[] = [];
        try {
          for (const topic of topics) connections.push(await subscribe(rafka.port, topic));
          const few = await rafka.usage();
          for (let at = 10; at < count; at++) {
            connections.push(await subscribe(rafka.port, topics[at % 10]!));
          }
          const all = await rafka.usage();
          return {
            values: [
              all.threads - few.threads,
              Math.max(0, all.memoryBytes - few.memoryBytes) / (count - 10) / 1_000,
            ],
          };
        } finally {
          for (const connection of connections) connection.close();
        }
      },
    };
  },
};

const latency: Row = {
  name: "publish-latency",
  lines: [
    {
      title: "PUBLISH of a topic to its message, idle, half of the messages",
      unit: "ms",
      judgement: "value",
      target: { own: 2 },
    },
    {
      title: "PUBLISH of a topic to its message, idle, 99 % of the messages",
      unit: "ms",
      judgement: "value",
      target: {},
    },
  ],
  tools: [],
  async open(bench, stack): Promise<Sides | string> {
    const broker = realBroker(bench);
    if (!broker) return NEEDS_REAL_BROKER;
    const rafka = stack.use(await bench.checkout.start(broker, "own"));
    const channel = `topics:${broker.topic("latency")}`;
    return { own: () => delays(rafka.port, channel, bench), note: noteOf(broker) };
  },
};

async function delays(port: number, channel: string, bench: Bench): Promise<Sample> {
  using publisher = await TestClient.connect(port);
  using subscriber = await TestClient.connect(port);
  await publisher.ask("PUBLISH", channel, "first");
  await subscriber.ask("SUBSCRIBE", channel);
  const times: number[] = [];
  for (let at = 0; at < size(bench, 300, 20); at++) {
    const startMs = performance.now();
    await publisher.send("PUBLISH", channel, PAYLOAD);
    const message = await subscriber.reply();
    times.push(performance.now() - startMs);
    assert.ok(message.includes(PAYLOAD), message.slice(0, 100));
    assert.equal(await publisher.reply(), ":1\r\n");
  }
  return { values: [percentile(times, 50), percentile(times, 99)] };
}

/** All of them. */
export const pubsubRows: readonly Row[] = [fanOut(1, 50_000), fanOut(100, 5_000), many, latency];
