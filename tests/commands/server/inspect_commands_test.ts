/**
 * KEYS, HGETALL and DEL: the topics of the cluster and the counters of the gateway.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../../support/gateway.ts";
import { ack, counter, mustPop } from "../../support/kafka.ts";

Deno.test("KEYS topics: answers every topic in order, and an empty array when there is none", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.equal(await client.ask("KEYS", "topics:"), "*0\r\n");
  await makeTopics(gateway, ["b", "a", "A.b-c_1"]);
  const all = "*3\r\n$14\r\ntopics:A.b-c_1\r\n$8\r\ntopics:a\r\n$8\r\ntopics:b\r\n";
  assert.equal(await client.ask("KEYS", "topics:"), all);
  assert.equal(await client.ask("keys", "topics:*"), all);
});

Deno.test("KEYS takes any glob behind topics:", async () => {
  await using gateway = await TestGateway.start();
  await makeTopics(gateway, ["orders", "orders-old", "users"]);
  using client = await gateway.connect();
  const rows: [glob: string, topics: string[]][] = [
    ["orders*", ["orders", "orders-old"]],
    ["orders", ["orders"]],
    ["?sers", ["users"]],
    ["[ou]*s", ["orders", "users"]],
    ["*-*", ["orders-old"]],
    ["\\*", []],
    ["none", []],
  ];
  for (const [glob, topics] of rows) {
    const items = topics.map((topic) => `$${topic.length + 7}\r\ntopics:${topic}\r\n`);
    const want = `*${topics.length}\r\n${items.join("")}`;
    assert.equal(await client.ask("KEYS", `topics:${glob}`), want, glob);
  }
});

Deno.test("HGETALL stats shows the counters of the first Rafka first, in its order", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const names = [
    "producer.unflushed.messages",
    "producer.delivery.errors",
    "producer.unknown.events",
    "producer.produced.messages",
    "producer.delivered.messages",
    "consumer.consumed.messages",
    "consumer.acked.messages",
    "consumer.unread.messages",
    "consumer.skipped.messages",
    "consumer.redelivered.messages",
    "consumer.lost.pending",
    "consumer.stray.acks",
    "producer.errors.dropped",
  ];
  const fields = names.map((name) => `$${name.length}\r\n${name}\r\n$1\r\n0\r\n`);
  const want = `*${names.length * 2}\r\n${fields.join("")}`;
  assert.equal(await client.ask("HGETALL", "stats"), want);
  assert.equal(await client.ask("hgetall", "STATS"), want);
});

Deno.test("The counters count, and DEL stats sets them to 0", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  for (let i = 0; i < 3; i++) await client.ask("RPUSHX", "topics:t", "hello");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  await mustPop(client, "t");
  assert.equal(await ack(client, await mustPop(client, "t")), ":1\r\n");
  const want = {
    "producer.produced.messages": 3,
    "producer.delivered.messages": 3,
    "consumer.consumed.messages": 2,
    "consumer.acked.messages": 1,
  };
  for (const [name, count] of Object.entries(want)) {
    assert.equal(await counter(client, name), count, name);
  }
  assert.equal(await client.ask("del", "Stats"), ":1\r\n");
  for (const name of Object.keys(want)) assert.equal(await counter(client, name), 0, name);
});

Deno.test("Commands that are refused are not counted", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  assert.match(await client.ask("RPUSHX", "topics:t", "x".repeat(2_000_000)), /^-PROD /);
  assert.match(await client.ask("RPUSH", "acks", "t:0:0"), /^-CONS /);
  assert.equal(await client.ask("BLPOP", "topics:t", 0.001), "*-1\r\n");
  for (const name of ["producer.produced.messages", "consumer.acked.messages"]) {
    assert.equal(await counter(client, name), 0, name);
  }
  assert.equal(await counter(client, "consumer.consumed.messages"), 0);
});

async function makeTopics(gateway: TestGateway, topics: readonly string[]): Promise<void> {
  using client = await gateway.connect();
  for (const topic of topics) await client.ask("RPUSHX", `topics:${topic}`, "hello");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
}
