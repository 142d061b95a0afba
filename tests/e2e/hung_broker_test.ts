/**
 * @module
 * Many clients that end while their brokers hang: librdkafka's blocking calls wait for those, and must hold up
 * neither other clients nor the shutdown. The mock cluster hangs: its answers take longer than the test.
 */
import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import type { TestClient } from "../support/client.ts";
import { ConfigFile } from "../support/config_file.ts";
import { ack, mustPop, produceAll, TestCluster } from "../support/kafka.ts";
import { Program } from "../support/program.ts";

/** More than the 32 blocking calls that Deno runs at once. */
const CONSUMERS = 40;
const PRODUCERS = 40;
const HUNG_MS = 120_000;
/** Of the two brokers the first leads every topic of one partition, the second coordinates the groups of this test. */
const COORDINATOR = 2;
/** What a new client may take while others hang. */
const PROMPT_MS = 2_500;
/** TimeoutStopSec of the systemd unit is 30 s. */
const SHUTDOWN_MS = 25_000;

Deno.test("Consumers that cannot end hold up neither DBSIZE nor new producers", async () => {
  await using cluster = await TestCluster.start(2);
  cluster.mock.createTopic("t", 1);
  using file = new ConfigFile(configOf(cluster));
  await using program = await Program.start(["--config", file.path]);
  using asking = await program.connect();
  assert.equal(await asking.ask("DBSIZE"), ":1\r\n");
  const consumers = await startConsumers(program);
  cluster.mock.createTopic("new", 1);
  cluster.mock.setRoundTripMs(HUNG_MS, COORDINATOR);
  for (const consumer of consumers) consumer[Symbol.dispose]();
  await program.logged("could not leave its group", CONSUMERS);

  const startMs = performance.now();
  assert.match(await asking.ask("DBSIZE"), /^:\d+\r\n$/);
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
  await using cluster = await TestCluster.start(2);
  cluster.mock.createTopic("t", 1);
  using file = new ConfigFile(configOf(cluster));
  await using program = await Program.start(["--config", file.path]);
  const consumers = await startConsumers(program);
  const producers = await Promise.all(Array.from({ length: PRODUCERS }, async () => {
    const producer = await program.connect();
    await producer.ask("RPUSHX", "topics:t:key", "so that the partition is known");
    assert.equal(await producer.ask("WAIT", 1, 0), ":1\r\n");
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
  assert.match(program.log, /librdkafka is still ending \d+ clients/);
  for (const client of [...consumers, ...producers]) client[Symbol.dispose]();
});

/** What is acked is committed at the end only: a consumer that ends waits for the answer. */
function configOf(cluster: TestCluster): ReturnType<TestCluster["config"]> {
  return cluster.config({
    consumer: { "session.timeout.ms": 60_000, "auto.commit.interval.ms": 3_600_000 },
  });
}

/** Each is in a group of its own, and has acked a message. */
async function startConsumers(program: Program): Promise<TestClient[]> {
  using producer = await program.connect();
  await produceAll(producer, [["t:key", "for each group"]]);
  return await Promise.all(
    coordinatedGroups().map(async (group) => {
      const client = await program.connect();
      await client.ask("CLIENT", "SETNAME", `${group}:worker`);
      assert.equal(await ack(client, await mustPop(client, "t")), ":1\r\n");
      return client;
    }),
  );
}

/** The mock cluster finds the coordinator of a group by the checksum of its name. */
function coordinatedGroups(): string[] {
  const names = Array.from({ length: 10 * CONSUMERS }, (_, i) => `group-${i}`);
  return names.filter((name) => crc32(name) % 2 + 1 === COORDINATOR).slice(0, CONSUMERS);
}

function assertPrompt(what: string, startMs: number): void {
  const tookMs = Math.round(performance.now() - startMs);
  assert.ok(tookMs < PROMPT_MS, `${what} took ${tookMs} ms`);
}
