/**
 * Many clients that end while their brokers hang: librdkafka's blocking calls wait for those, and must hold up
 * neither other clients nor the shutdown. The mock cluster hangs: its answers take longer than the test.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { ConfigFile } from "../support/config_file.ts";
import { TestGateway } from "../support/gateway.ts";
import { ack, mustPop, produceAll, TestCluster } from "../support/kafka.ts";
import { Program } from "../support/program.ts";

/** More than the 32 blocking calls that Deno runs at once. */
const CONSUMERS = 40;
const PRODUCERS = 40;
const HUNG_MS = 120_000;
/** What a new client may take while others hang; it was 20 s and more. */
const PROMPT_MS = 5_000;
/** TimeoutStopSec of the systemd unit is 30 s. */
const SHUTDOWN_MS = 25_000;

/** What is acked is committed at the end only: a consumer that ends waits for the answer, and 5 s more than this. */
const CONSUMER = { "session.timeout.ms": 6_000, "auto.commit.interval.ms": 3_600_000 };

Deno.test("Consumers that cannot end hold up neither DBSIZE nor new producers", async () => {
  await using cluster = await TestCluster.start();
  await using hanging = await TestCluster.start(); // which only consumers use: the others need not find a way around it
  const { general, consumer } = hanging.config({ consumer: CONSUMER });
  using file = new ConfigFile(cluster.config({ consumer: { ...general, ...consumer } }));
  await using program = await Program.start(["--config", file.path]);
  using asking = await program.connect();
  assert.equal(await asking.ask("DBSIZE"), ":0\r\n");
  await fill(hanging);
  const consumers = await startConsumers(program);
  hanging.mock.setRoundTripMs(HUNG_MS);
  for (const consumer of consumers) consumer[Symbol.dispose]();
  await program.logged("could not leave its group", CONSUMERS);

  const startMs = performance.now();
  assert.equal(await asking.ask("DBSIZE"), ":0\r\n");
  assertPrompt("DBSIZE", startMs);
  await Promise.all(Array.from({ length: 8 }, async (_, i) => {
    using producer = await program.connect();
    const startMs = performance.now();
    assert.equal(await producer.ask("RPUSHX", "topics:new:key", `${i}`), ":1\r\n");
    assert.equal(await producer.ask("WAIT", 1, 20_000), ":1\r\n");
    assertPrompt("WAIT", startMs);
  }));
});

Deno.test("A shutdown ends in time and says what it leaves, with many clients and brokers that hang", async () => {
  await using cluster = await TestCluster.start();
  using file = new ConfigFile(cluster.config({ consumer: CONSUMER }));
  await using program = await Program.start(["--config", file.path]);
  await fill(cluster);
  const consumers = await startConsumers(program);
  const producers = await Promise.all(Array.from({ length: PRODUCERS }, async () => {
    const producer = await program.connect();
    await produceAll(producer, [["t:key", "so that the partition is known"]]);
    return producer;
  }));
  cluster.mock.setRoundTripMs(HUNG_MS);
  for (const producer of producers) {
    assert.equal(await producer.ask("RPUSHX", "topics:t:key", "late"), ":1\r\n");
  }
  // these end before the shutdown, and are still at it when it begins
  for (const consumer of consumers.splice(0, CONSUMERS / 2)) consumer[Symbol.dispose]();
  await program.logged("could not leave its group", CONSUMERS / 2);
  void producers[0]!.send("DBSIZE");

  const startMs = performance.now();
  program.signal("SIGTERM");
  assert.equal(await program.exited(), 0, program.log);
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs < SHUTDOWN_MS, `the shutdown took ${Math.round(tookMs)} ms`);
  assert.doesNotMatch(program.log, /Bug/);
  assert.match(program.log, /could not be delivered/);
  assert.match(program.log, /librdkafka is still ending \d+ clients|Shutdown is complete/);
  assert.equal(program.log.match(/could not leave its group/g)?.length, CONSUMERS, program.log);
  for (const client of [...consumers, ...producers]) client[Symbol.dispose]();
});

/** Puts a message into the topic. */
async function fill(cluster: TestCluster): Promise<void> {
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using producer = await gateway.connect();
  await produceAll(producer, [["t:key", "for each group"]]);
}

/** Each is in a group of its own, and has acked a message. */
async function startConsumers(program: Program): Promise<TestClient[]> {
  return await Promise.all(Array.from({ length: CONSUMERS }, async (_, i) => {
    const client = await program.connect();
    await client.ask("CLIENT", "SETNAME", `group-${i}:worker`);
    assert.equal(await ack(client, await mustPop(client, "t")), ":1\r\n");
    return client;
  }));
}

function assertPrompt(what: string, startMs: number): void {
  const tookMs = Math.round(performance.now() - startMs);
  assert.ok(tookMs < PROMPT_MS, `${what} took ${tookMs} ms`);
}
