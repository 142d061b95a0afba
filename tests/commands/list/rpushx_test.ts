/**
 * RPUSHX and DUMP: what is produced is what arrives, and DUMP says what has not arrived.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../../support/gateway.ts";
import { counter, mustPop, TestCluster, testInEachProducerMode } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

Deno.test("RPUSHX answers 1 as an integer, with the prefix topics or topic", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  assert.equal(await client.ask("RPUSHX", "topics:t:key", "one"), ":1\r\n");
  assert.equal(await client.ask("rpushx", "topic:t:key", "two"), ":1\r\n");
  assert.equal((await mustPop(client, "t")).value, "one");
  assert.equal((await mustPop(client, "t")).value, "two");
});

Deno.test("In the dialect of the README, RPUSHX answers OK", async () => {
  await using gateway = await TestGateway.start({ config: { server: { dialect: "readme" } } });
  using client = await gateway.connect();
  assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), "$2\r\nOK\r\n");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
});

testInEachProducerMode("A message arrives byte by byte, whatever its bytes are", async (server) => {
  await using gateway = await TestGateway.start({ config: { server } });
  using client = await gateway.connectAs("group:a");
  const everyByte = String.fromCharCode(...Array(256).keys());
  const values = [everyByte, "\xff\xfe", "$5\r\nhello\r\n", "x".repeat(200_000)];
  for (const value of values) {
    await client.ask("RPUSHX", "topics:t:key", value);
    assert.equal((await mustPop(client, "t")).value, value);
  }
});

testInEachProducerMode("An empty message arrives empty, and not as a null", async (server) => {
  await using gateway = await TestGateway.start({ config: { server } });
  using client = await gateway.connectAs("group:a");
  assert.equal(await client.ask("RPUSHX", "topics:t", ""), ":1\r\n");
  await client.send("BLPOP", "topics:t", 20);
  assert.match(await client.reply(), /\$5\r\nvalue\r\n\$0\r\n\r\n$/);
});

testInEachProducerMode(
  "The same key goes to the same partition; a key may hold colons, and all of it counts",
  async (server) => {
    await using gateway = await TestGateway.start({ config: { server } });
    using client = await gateway.connectAs("group:a");
    const keys = Array.from({ length: 40 }, (_, i) => `user:${i}:\xff`);
    for (const key of keys) {
      for (const round of ["a", "b"]) await client.ask("RPUSHX", `topics:t:${key}`, key + round);
    }
    const partitions = new Map<string, Set<number>>();
    for (let i = 0; i < keys.length * 2; i++) {
      const { value, partition } = await mustPop(client, "t");
      const key = value!.slice(0, -1);
      partitions.set(key, (partitions.get(key) ?? new Set()).add(partition));
    }
    assert.deepEqual([...partitions.keys()].sort(), keys.sort());
    assert.ok([...partitions.values()].every(({ size }) => size === 1), "a key in two partitions");
    const used = new Set([...partitions.values()].flatMap((set) => [...set]));
    assert.ok(used.size > 1, "all keys in one partition: only what is before the colon counted");
  },
);

Deno.test("DUMP answers 0 at once when nothing was produced, however long it may wait", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.equal(await client.ask("DUMP", 999_999_999), ":0\r\n");
  assert.equal(await client.ask("dump", 0), ":0\r\n");
});

testInEachProducerMode("DUMP waits until all messages are delivered", async (server) => {
  await using gateway = await TestGateway.start({
    config: { server, producer: { "linger.ms": 60_000 } },
  });
  using client = await gateway.connect();
  const produce = encodeRequest(["RPUSHX", "topics:t", "hello"]);
  await client.write(produce.repeat(1_000) + encodeRequest(["DUMP", "20000"]));
  for (let i = 0; i < 1_000; i++) assert.equal(await client.reply(), ":1\r\n");
  assert.equal(await client.reply(), ":0\r\n");
  assert.equal(await counter(client, "producer.delivered.messages"), 1_000);
});

testInEachProducerMode(
  "DUMP answers how many messages of its own connection are undelivered when time is over",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
    using client = await gateway.connect();
    using other = await gateway.connect();
    cluster.mock.setBrokerUp(1, false);
    for (let i = 0; i < 3; i++) await client.ask("RPUSHX", "topics:t", "hello");
    await other.ask("RPUSHX", "topics:t", "hello");
    assert.equal(await client.ask("DUMP", 0), ":3\r\n");
    assert.equal(await client.ask("DUMP", 100), ":3\r\n");
    assert.equal(await other.ask("DUMP", 0), ":1\r\n");
    cluster.mock.setBrokerUp(1, true);
    assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
    assert.equal(await other.ask("DUMP", 20_000), ":0\r\n");
  },
);

testInEachProducerMode(
  "A connection may produce to more topics than a producer takes",
  async (server) => {
    await using gateway = await TestGateway.start({ config: { server } });
    using client = await gateway.connect();
    const names = Array.from({ length: 4_000 }, (_, n) => `topic-${n}`);
    await client.write(
      names.map((name) => encodeRequest(["RPUSHX", `topics:${name}`, "x"])).join(""),
    );
    for (const name of names) assert.equal(await client.reply(), ":1\r\n", name);
    await client.send("RPUSHX", "topics:one-more", "x");
    assert.equal(await client.reply(240_000), ":1\r\n");
    assert.equal(await client.ask("RPUSHX", "topics:topic-0:key", "x", "y"), ":2\r\n");
    assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
    assert.equal(await counter(client, "producer.delivered.messages"), 4_003);
  },
);
