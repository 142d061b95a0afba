/**
 * Messages that Kafka does not take, or takes late: what DUMP, the counters and the log say, and that waiting helps.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ConfigFile } from "../support/config_file.ts";
import { encode, readPopped } from "../support/client.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import {
  counter,
  mustPop,
  produceAll,
  quit,
  TestCluster,
  testInEachProducerMode,
} from "../support/kafka.ts";
import { Program } from "../support/program.ts";

/** Its number in the Kafka protocol. */
const PRODUCE = 0;
/** A broker's error that librdkafka takes for final. */
const INVALID_RECORD = 87;
const SECRET = "payload-that-no-log-may-show";

testInEachProducerMode(
  "DUMP answers how many messages are undelivered while no broker is there, then 0",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
    using client = await gateway.connect();
    const topic = uniqueName("late");
    await produceAll(client, [[topic, "on time"]]);
    cluster.mock.setBrokerUp(1, false);
    for (let i = 0; i < 7; i++) {
      assert.equal(await client.ask("RPUSHX", `topics:${topic}`, `late ${i}`), ":1\r\n");
    }
    assert.equal(await client.ask("DUMP", 0), ":7\r\n");
    assert.equal(await client.ask("DUMP", 300), ":7\r\n");
    cluster.mock.setBrokerUp(1, true);
    assert.equal(await client.ask("DUMP", 30_000), ":0\r\n");
    assert.equal(await counter(client, "producer.delivered.messages"), 8);
    assert.equal(await counter(client, "producer.delivery.errors"), 0);
  },
);

testInEachProducerMode(
  "A message that Kafka refuses is a delivery error, and DUMP does not wait for it",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
    using client = await gateway.connect();
    const topic = uniqueName("refused");
    for (let i = 0; i < 3; i++) {
      cluster.mock.failRequests(PRODUCE, [INVALID_RECORD]);
      assert.equal(await client.ask("RPUSHX", `topics:${topic}`, "value"), ":1\r\n");
      assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
    }
    await produceAll(client, [[topic, "taken"]]);
    assert.equal(await counter(client, "producer.delivery.errors"), 3);
    assert.equal(await counter(client, "producer.delivered.messages"), 1);
    assert.equal(await counter(client, "producer.unflushed.messages"), 0);
    assert.equal(await client.ask("DEL", "stats"), ":1\r\n");
    assert.equal(await counter(client, "producer.delivery.errors"), 0);
  },
);

testInEachProducerMode(
  "What a closed connection has not delivered is delivered as soon as Kafka is back",
  async (server) => {
    await using cluster = await TestCluster.start();
    const general = { "reconnect.backoff.max.ms": 200 };
    await using gateway = await TestGateway.start({ config: cluster.config({ server, general }) });
    using other = await gateway.connect();
    const topic = uniqueName("left-behind");
    {
      using client = await gateway.connect();
      await produceAll(client, [[`${topic}:key`, "on time"]]); // so that the partition is known
      cluster.mock.setBrokerUp(1, false);
      assert.equal(await client.ask("RPUSHX", `topics:${topic}:key`, "later"), ":1\r\n");
    }
    await gateway.untilSessions(1);
    cluster.mock.setBrokerUp(1, true);
    await until(async () => await counter(other, "producer.delivered.messages") === 2, "both");
    assert.equal(await counter(other, "producer.unflushed.messages"), 0);
  },
);

testInEachProducerMode(
  "What a closed connection could not deliver is counted as unflushed by the shutdown, and logged without payload",
  async (server) => {
    await using cluster = await TestCluster.start();
    const config = cluster.config({ server: { ...server, flushTimeoutMs: 1_000 } });
    using file = new ConfigFile(config);
    await using program = await Program.start(["--config", file.path]);
    using other = await program.connect();
    const topic = uniqueName("unflushed");
    {
      using client = await program.connect();
      await produceAll(client, [[`${topic}:key`, "on time"]]); // so that the partition is known
      cluster.mock.setBrokerUp(1, false);
      for (let i = 0; i < 4; i++) {
        assert.equal(await client.ask("RPUSHX", `topics:${topic}:key`, SECRET), ":1\r\n");
      }
      await quit(client);
    }
    const left =
      /4 of its messages could not be delivered in (?:[5-9]|1\d)\d{3} ms, .*refused.*; they are tried until /;
    await until(() => left.test(program.log), "the line about them");
    assert.equal(await counter(other, "producer.unflushed.messages"), 0);
    assert.equal(await counter(other, "producer.delivery.errors"), 0);
    program.signal("SIGTERM");
    assert.equal(await program.exited(), 0);
    assert.doesNotMatch(program.log, new RegExp(SECRET));
    const line =
      `Not delivered: 4 messages for ${topic}\\[\\d\\], given up \\(the gateway ends\\).* ` +
      "\\(_PURGE_\\w+\\), ";
    assert.match(program.log, new RegExp(line));
  },
);

testInEachProducerMode(
  "Delivery errors are summed up in the log: topic, partition, cause and count, never the payload",
  async (server) => {
    await using cluster = await TestCluster.start();
    using file = new ConfigFile(cluster.config({ server }));
    await using program = await Program.start(["--config", file.path]);
    using client = await program.connect();
    const topic = uniqueName("summed-up");
    const total = 30;
    for (let i = 0; i < total; i++) {
      cluster.mock.failRequests(PRODUCE, [INVALID_RECORD]);
      await client.ask("RPUSHX", `topics:${topic}:key`, SECRET);
      assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
    }
    assert.equal(await counter(client, "producer.delivery.errors"), total);
    program.signal("SIGTERM");
    assert.equal(await program.exited(), 0, program.log);

    const lines = [...program.log.matchAll(
      /error .*Not delivered: (\d+) messages for (\S+)\[(\d+)\], (.+) \((\w+)\), from .* to .*; RAFKA ERRORS/g,
    )];
    // the first at once, the others together, each 10 s or at the end
    assert.ok(lines.length >= 2 && lines.length <= 8, program.log);
    assert.equal(lines.reduce((sum, [, count]) => sum + Number(count), 0), total);
    for (const [, , name, partition, cause, codeName] of lines) {
      assert.equal(name, topic);
      assert.match(partition!, /^[0-3]$/);
      assert.match(cause!, /^Broker: Broker failed to validate record$/);
      assert.equal(codeName, "INVALID_RECORD");
    }
    assert.doesNotMatch(program.log, new RegExp(SECRET));
  },
);

testInEachProducerMode("DUMP does not wait for linger.ms", async (server) => {
  const lingerMs = 60_000;
  await using gateway = await TestGateway.start({
    config: { server, producer: { "linger.ms": lingerMs } },
  });
  using client = await gateway.connect();
  const topic = uniqueName("lingering");
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    assert.equal(await client.ask("RPUSHX", `topics:${topic}`, "value"), ":1\r\n");
    assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
    times.push(Math.round(performance.now() - start));
  }
  assert.ok(times.every((time) => time < 10_000), `${times} ms with linger.ms ${lingerMs}`);
  assert.equal(await client.ask("RPUSHX", `topics:${topic}`, "the last"), ":1\r\n");
  await quit(client);
  using other = await gateway.connect();
  await until(
    async () => await counter(other, "producer.delivered.messages") === 6,
    "the last one",
  );
});

Deno.test("A BLPOP that waits while the broker is down and up again gets its message, and no error", async () => {
  await using cluster = await TestCluster.start();
  using file = new ConfigFile(cluster.config());
  await using program = await Program.start(["--config", file.path]);
  using producer = await program.connect();
  using consumer = await program.connect();
  const topic = uniqueName("outage");
  await produceAll(producer, [[topic, "before"]]);
  await consumer.ask("CLIENT", "SETNAME", `${uniqueName("group")}:worker`);
  assert.equal((await mustPop(consumer, topic)).value, "before");

  await consumer.send("BLPOP", `topics:${topic}`, 0);
  cluster.mock.setBrokerUp(1, false);
  await program.logged("_TRANSPORT"); // the outage has been seen
  cluster.mock.setBrokerUp(1, true);
  await produceAll(producer, [[topic, "after"]]);
  assert.equal(readPopped(await consumer.reply(60_000))?.value, "after");
});

testInEachProducerMode(
  "A gateway whose Kafka is not there starts, waits, and goes on when it comes",
  async (server) => {
    await using cluster = await TestCluster.start();
    cluster.mock.setBrokerUp(1, false);
    await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
    using producer = await gateway.connect();
    using consumer = await gateway.connectAs(`${uniqueName("group")}:worker`);
    const topic = uniqueName("early");
    assert.equal(await producer.ask("RPUSHX", `topics:${topic}`, "early"), ":1\r\n");
    assert.equal(await producer.ask("DUMP", 200), ":1\r\n");
    assert.equal(await consumer.ask("BLPOP", `topics:${topic}`, 0.5), "*-1\r\n");
    await consumer.write(encode(["BLPOP", `topics:${topic}`, 0]));
    cluster.mock.setBrokerUp(1, true);
    assert.equal(await producer.ask("DUMP", 30_000), ":0\r\n");
    assert.equal(readPopped(await consumer.reply(60_000))?.value, "early");
  },
);
