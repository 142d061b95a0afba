/**
 * Clients and gateways that die, stall, or come and go.
 *
 * @module
 */
import { encode, TestClient } from "../support/client.ts";
import { pause, produce } from "./load.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

/** Of the worker that stalls; librdkafka wants it to be at least session.timeout.ms. */
const MAX_POLL_INTERVAL_MS = 6_000;

/** Another worker each second; every other second two of them leave. */
async function churn(stage: Stage, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    const reader = stage.addReader(`guest-${second}`);
    await pause(1_000);
    if (second % 2 === 0) continue;
    await stage.removeReader(stage.readers.at(-2)!);
    await stage.removeReader(reader);
  }
}

/** A worker that works on one message for longer than it may, then acks it. */
async function stall(stage: Stage): Promise<void> {
  const { promise: stalled, resolve } = Promise.withResolvers<void>();
  let isFirst = true;
  stage.addReader("slow", async () => {
    if (!isFirst) return;
    isFirst = false;
    resolve();
    await pause(2 * MAX_POLL_INTERVAL_MS);
  });
  await stalled;
  await pause(2.5 * MAX_POLL_INTERVAL_MS);
}

/** Clients that are reset in the middle of a command, of replies, of a BLPOP. */
async function killClients(stage: Stage, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await Promise.all([cutCommand(stage), cutReplies(stage), cutPop(stage, round)]);
  }
}

/** A whole command, and half of the next one. */
async function cutCommand({ journal, port, topic }: Stage): Promise<void> {
  using client = await TestClient.connect(port());
  const connection = journal.nextConnection();
  const key = `cut-${connection}`;
  const whole = journal.send({ connection, key, message: `${key}.whole` });
  const half = journal.send({ connection, key, message: `${key}.half`, incomplete: true });
  whole.answered = await client.ask(...produce(topic, whole)) === ":1\r\n";
  const bytes = encode(produce(topic, half));
  await client.write(bytes.subarray(0, bytes.byteLength - 10));
}

/** Many commands, no reply of which is read: the close is a reset. */
async function cutReplies({ journal, port, topic }: Stage): Promise<void> {
  using client = await TestClient.connect(port());
  const connection = journal.nextConnection();
  for (let n = 0; n < 20; n++) {
    const key = `unread-${connection}`;
    const sent = journal.send({ connection, key, message: `${key}.${n}` });
    await client.send(...produce(topic, sent));
  }
}

/** A worker that is gone before it reads what BLPOP hands out; the group must get that again. */
async function cutPop({ port, topic, group }: Stage, round: number): Promise<void> {
  using client = await TestClient.connect(port());
  await client.ask("CLIENT", "SETNAME", `${group}:cut-${round}`);
  await client.send("BLPOP", `topics:${topic}`, 0);
  await pause(200 + 100 * (round % 5));
}

/** Faults of clients and of the gateway. */
export const clientScenarios: readonly Scenario[] = [
  {
    name: "gateway-stopped",
    what: "the gateway is ended (SIGTERM) and started again",
    short: true,
    run: (cluster) =>
      play(cluster, {}, async ({ gateway, journal }) => {
        await gateway.stop();
        journal.cleanRestartsMs.push(performance.now());
        await gateway.restart();
      }),
  },
  {
    name: "gateway-killed",
    what: "the gateway is killed (SIGKILL) and started again",
    short: true,
    run: (cluster) =>
      play(cluster, {}, async ({ gateway }) => {
        await gateway.kill();
        await gateway.restart();
      }),
  },
  {
    name: "workers-churn",
    what: "a worker of the group joins or leaves every second",
    short: true,
    run: (cluster, full) => play(cluster, {}, (stage) => churn(stage, full ? 30 : 8)),
  },
  {
    name: "worker-stalls",
    what: "a worker is silent for longer than max.poll.interval.ms, then acks",
    short: true,
    run: (cluster) => {
      const consumer = { "max.poll.interval.ms": MAX_POLL_INTERVAL_MS };
      return play(cluster, { config: { consumer } }, stall);
    },
  },
  {
    name: "clients-killed",
    what: "clients are reset in the middle of a command, of replies, of a BLPOP; " +
      "server.streams.order is key",
    short: true,
    run: (cluster, full) =>
      play(cluster, { inOrderOfKeys: true }, (stage) => killClients(stage, full ? 30 : 8)),
  },
];
