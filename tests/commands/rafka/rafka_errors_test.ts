/**
 * Messages that were not delivered are not just gone: RAFKA ERRORS lists them, and the counters name them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readText, type TestClient } from "../../support/client.ts";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import {
  counter,
  produceAll,
  quit,
  TestCluster,
  testInEachProducerMode,
} from "../../support/kafka.ts";
import { failures } from "../../support/rafka_errors.ts";

/** Its number in the Kafka protocol. */
const PRODUCE = 0;
/** Errors of a broker that librdkafka takes for final. */
const INVALID_RECORD = 87;
const TOPIC_AUTHORIZATION_FAILED = 29;
/** What an entry takes beside key, value, client, topic and reason. */
const ENTRY_BYTES = 512;
const CLIENT = "producer";
const REASON = "Broker: Broker failed to validate record";

testInEachProducerMode(
  "RAFKA ERRORS says of each message that was not delivered whose it was, why, and what was in it",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
    using client = await gateway.connect();
    using named = await gateway.connectAs("label");
    const topic = uniqueName("failing");
    const address = JSON.stringify(readText(await client.ask("CLIENT", "GETNAME")));
    const startMs = Date.now();
    await fail(cluster, client, `${topic}:key:1`, "first", INVALID_RECORD);
    await fail(cluster, named, topic, "second", TOPIC_AUTHORIZATION_FAILED);

    const [second, first, ...others] = await failures(client, "COUNT", 100, "withvalues");
    assert.deepEqual(others, []);
    assert.deepEqual(Object.keys(first!), [
      "time",
      "client",
      "topic",
      "partition",
      "key",
      "error",
      "reason",
      "status",
      "bytes",
      "value",
    ]);
    assert.partialDeepStrictEqual(first, {
      client: JSON.parse(address),
      topic,
      key: "key:1",
      error: "INVALID_RECORD",
      reason: "Broker: Broker failed to validate record",
      status: "NOT_PERSISTED",
      bytes: "5",
      value: "first",
    });
    assert.partialDeepStrictEqual(second, {
      client: "label",
      key: null,
      error: "TOPIC_AUTHORIZATION_FAILED",
      bytes: "6",
      value: "second",
    });
    for (const { time, partition } of [first!, second!]) {
      assert.match(partition!, /^[0-3]$/);
      assert.ok(Number(time) >= startMs && Number(time) <= Date.now(), time!);
    }
    const [latest, ...more] = await failures(client, "count", 1);
    assert.deepEqual([latest!.time, more], [second!.time, []]);
    assert.ok(!("value" in latest!), "the value was not asked for");
    assert.deepEqual(await failures(client), await failures(client, "COUNT", 2));
  },
);

testInEachProducerMode(
  "What was not delivered is counted by topic and error, until DEL stats; RAFKA ERRORS keeps it",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
    using client = await gateway.connect();
    const [one, other] = [uniqueName("one"), uniqueName("other")];
    await fail(cluster, client, one, "x", INVALID_RECORD);
    await fail(cluster, client, other, "x", INVALID_RECORD);
    await fail(cluster, client, other, "x", INVALID_RECORD);
    await fail(cluster, client, other, "x", TOPIC_AUTHORIZATION_FAILED);
    assert.equal(await counter(client, `producer.errors:${one}:INVALID_RECORD`), 1);
    assert.equal(await counter(client, `producer.errors:${other}:INVALID_RECORD`), 2);
    assert.equal(await counter(client, `producer.errors:${other}:TOPIC_AUTHORIZATION_FAILED`), 1);
    assert.equal(await counter(client, "producer.delivery.errors"), 4);
    const info = readText(await client.ask("INFO", "kafka"));
    const texts = (await failures(client)).map(({ client, topic, reason }) =>
      client! + topic + reason
    );
    const keptBytes = 4 * (ENTRY_BYTES + "x".length) + texts.join("").length;
    assert.ok(
      info.includes(`\r\nerrors_kept:4\r\nerrors_kept_bytes:${keptBytes}\r\nerrors_dropped:0\r\n`),
      info,
    );
    for (
      const line of [
        `delivery_error0:topic=${one},error=INVALID_RECORD,count=1`,
        `delivery_error1:topic=${other},error=INVALID_RECORD,count=2`,
        `delivery_error2:topic=${other},error=TOPIC_AUTHORIZATION_FAILED,count=1`,
      ]
    ) assert.ok(info.includes(`\r\n${line}\r\n`), info);

    await client.ask("DEL", "stats");
    assert.doesNotMatch(await client.ask("HGETALL", "stats"), /producer\.errors:/);
    assert.equal((await failures(client)).length, 4);
  },
);

testInEachProducerMode(
  "What expires when its connection is gone is listed and counted once, with the reason",
  async (server) => {
    await using cluster = await TestCluster.start();
    const config = cluster.config({ server, producer: { "message.timeout.ms": 2_000 } });
    await using gateway = await TestGateway.start({ config });
    using other = await gateway.connect();
    const topic = uniqueName("given-up");
    cluster.mock.setBrokerUp(1, false);
    {
      using client = await gateway.connectAs("gone:away");
      for (const value of ["a", "b", "c"]) await client.ask("RPUSHX", `topics:${topic}`, value);
      await quit(client);
    }
    const error = "_MSG_TIMED_OUT";
    const count = async () => (await failures(other)).length;
    await until(async () => await count() === 3, "their failure");
    const entries = await failures(other, "WITHVALUES");
    assert.deepEqual(entries.map(({ value }) => value).sort(), ["a", "b", "c"]);
    for (const entry of entries) {
      const status = "NOT_PERSISTED";
      assert.partialDeepStrictEqual(entry, { client: "gone:away", topic, error, status });
      assert.match(entry.reason!, /^Local: Message timed out: .*refused/);
    }
    assert.equal(await counter(other, `producer.errors:${topic}:${error}`), 3);
    assert.equal(await counter(other, "producer.delivery.errors"), 3);
  },
);

Deno.test("RAFKA ERRORS says which messages may be in Kafka all the same", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: cluster.config({ producer: { "message.timeout.ms": 2_000 } }),
  });
  using other = await gateway.connect();
  {
    using client = await gateway.connect();
    await produceAll(client, [["t:key", "on an open connection"]]);
    cluster.mock.setRoundTripMs(60_000);
    await client.ask("RPUSHX", "topics:t:key", "sent");
    await quit(client);
  }
  await until(async () => (await failures(other)).length === 1, "its failure");
  const [entry] = await failures(other);
  assert.equal(entry!.status, "POSSIBLY_PERSISTED");
  assert.equal(entry!.error, "_MSG_TIMED_OUT");
  const reason = "Local: Message timed out: it was sent, and the broker has not answered";
  assert.equal(entry!.reason, reason);
});

Deno.test("RAFKA ERRORS keeps no more than errorRingBytes: the oldest go, and are counted", async () => {
  await using cluster = await TestCluster.start();
  const topic = uniqueName("many");
  const entryBytes = ENTRY_BYTES + CLIENT.length + topic.length + REASON.length;
  const server = { errorRingBytes: 2 * entryBytes + 20 };
  await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
  using client = await gateway.connectAs(CLIENT);
  const kept = async () =>
    (await failures(client, "WITHVALUES")).map(({ value, bytes }) => [value, bytes]);
  const send = (value: string) => fail(cluster, client, topic, value, INVALID_RECORD);
  for (const value of ["0123456789", "abcdefghij"]) await send(value);
  assert.deepEqual(await kept(), [["abcdefghij", "10"], ["0123456789", "10"]]);
  assert.equal(await counter(client, "producer.errors.dropped"), 0);

  await send("an eleventh");
  assert.deepEqual(await kept(), [["an eleventh", "11"]]);
  assert.equal(await counter(client, "producer.errors.dropped"), 2);

  await send("x".repeat(2 * ENTRY_BYTES)); // larger than all the room: listed, without its value
  assert.deepEqual(await kept(), [[null, "1024"], ["an eleventh", "11"]]);
  assert.equal(await counter(client, `producer.errors:${topic}:INVALID_RECORD`), 4);
});

Deno.test("RAFKA ERRORS answers what may be sent: without the values, then without the entries that are too much", async () => {
  await using cluster = await TestCluster.start();
  const server = { outputLimitBytes: 20_000 };
  const producer = { "linger.ms": 100 };
  await using gateway = await TestGateway.start({ config: cluster.config({ server, producer }) });
  using client = await gateway.connect();
  await produceAll(client, [["t:k", "so that the partition is known"]]);
  cluster.mock.failRequests(PRODUCE, new Array(100).fill(INVALID_RECORD));
  const values = Array.from({ length: 100 }, (_, n) => `${n + 100}`.padEnd(n < 97 ? 3 : 4_000));
  await client.ask("RPUSHX", "topics:t:k", ...values);
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  const all = await failures(client, "COUNT", 100);
  assert.ok(all.length >= 20 && all.length < 100, `${all.length} entries`);
  const listed = await failures(client, "COUNT", 100, "WITHVALUES");
  const shown = listed.slice(0, 4).map(({ value, bytes }) => [value?.trimEnd(), bytes]);
  assert.deepEqual(shown, [["199", "4000"], ["198", "4000"], [undefined, "4000"], ["196", "3"]]);
  await client.send("RAFKA", "ERRORS", "COUNT", 100, "WITHVALUES");
  await client.send("RAFKA", "ERRORS", "COUNT", 100);
  for (let n = 0; n < 2; n++) await client.reply();
  assert.equal(await client.ask("PING"), "+PONG\r\n");
});

Deno.test("Of many messages that fail together the last ones are kept, as many as there is room for", async () => {
  await using cluster = await TestCluster.start();
  const config = cluster.config({
    server: { errorRingBytes: 3 * (ENTRY_BYTES + CLIENT.length + "t199k".length + REASON.length) },
    producer: { "linger.ms": 5_000 }, // few batches, also on a busy machine
  });
  await using gateway = await TestGateway.start({ config });
  using client = await gateway.connectAs(CLIENT);
  await produceAll(client, [["t:k", "so that the partition is known"]]);
  cluster.mock.failRequests(PRODUCE, new Array(100).fill(INVALID_RECORD));
  const values = Array.from({ length: 100 }, (_, n) => `${n + 100}`);
  assert.equal(await client.ask("RPUSHX", "topics:t:k", ...values), ":100\r\n");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  const kept = (await failures(client, "WITHVALUES")).map(({ value, key }) => [value, key]);
  const last = Number(kept[0]?.[0]); // of two batches under way either may fail last, in itself in order
  assert.deepEqual(kept, [last, last - 1, last - 2].map((value) => [String(value), "k"]));
  assert.equal(await counter(client, "producer.errors.dropped"), 97);
});

Deno.test("errorRingBytes 0 keeps nothing, and all is counted", async () => {
  await using cluster = await TestCluster.start();
  const server = { errorRingBytes: 0 };
  await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
  using client = await gateway.connect();
  await fail(cluster, client, "t", "x", INVALID_RECORD);
  assert.deepEqual(await failures(client), []);
  assert.equal(await counter(client, "producer.errors.dropped"), 1);
  assert.equal(await counter(client, "producer.errors:t:INVALID_RECORD"), 1);
});

Deno.test("What RPUSHX refuses is answered, and not listed", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.match(await client.ask("RPUSHX", "topics:t", "x".repeat(2_000_000)), /^-PROD /);
  assert.equal(await client.ask("RAFKA", "ERRORS"), "*0\r\n");
});

Deno.test("In RESP3 an entry of RAFKA ERRORS is a map", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  await fail(cluster, client, "t", "x", INVALID_RECORD);
  await client.ask("HELLO", 3);
  assert.match(await client.ask("RAFKA", "ERRORS"), /^\*1\r\n%9\r\n\$4\r\ntime\r\n:\d{13}\r\n/);
});

for (
  const [args, error] of [
    [["COUNT"], "ERR syntax error"],
    [["COUNT", "0"], "ERR count should be greater than 0"],
    [["COUNT", "many"], "ERR count should be greater than 0"],
    [["WITHSCORES"], "ERR syntax error"],
    [["COUNT", "1", "2"], "ERR syntax error"],
  ] as const
) {
  Deno.test(`RAFKA ERRORS ${args.join(" ")} is refused`, async () => {
    await using gateway = await TestGateway.start();
    using client = await gateway.connect();
    assert.equal(await client.ask("RAFKA", "ERRORS", ...args), `-${error}\r\n`);
  });
}

/** Produces a message that the broker refuses. */
async function fail(
  cluster: TestCluster,
  client: TestClient,
  target: string,
  value: string,
  code: number,
): Promise<void> {
  cluster.mock.failRequests(PRODUCE, [code]);
  assert.equal(await client.ask("RPUSHX", `topics:${target}`, value), ":1\r\n");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
}
