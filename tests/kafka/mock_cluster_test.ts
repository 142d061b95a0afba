/**
 * The embedded cluster does what tests and `--dev` rely on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { until } from "../support/gateway.ts";
import { DEADLINE_MS, receive, TestKafka, textOf, toBytes } from "../support/kafka_environment.ts";

const PRODUCE = 0;
const NOT_ENOUGH_REPLICAS = 19;

Deno.test("each of its brokers has an address of its own on this machine", async () => {
  await using kafka = await TestKafka.start(3);
  const addresses = kafka.mock.bootstrapServers.split(",");
  assert.equal(new Set(addresses).size, 3);
  for (const address of addresses) assert.match(address, /^127\.0\.0\.1:\d+$/);
});

Deno.test("messages go in and come out", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["one", "two"]);
  const messages = await receive(kafka.newConsumer({ topics: [topic] }), 2);
  assert.deepEqual(messages.map(textOf), ["one", "two"]);
});

Deno.test("a topic that is there already stays as it is", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic(1);
  await kafka.fill(topic, ["kept"]);
  kafka.mock.createTopic(topic, 8);
  const [message] = await receive(kafka.newConsumer({ topics: [topic] }));
  assert.equal(textOf(message), "kept");
});

Deno.test("a topic is made by its first message", async () => {
  await using kafka = await TestKafka.start();
  await kafka.fill("made-by-use", ["first"]);
  const [message] = await receive(kafka.newConsumer({ topics: ["made-by-use"] }));
  assert.equal(textOf(message), "first");
});

Deno.test("a request that it is told to fail is sent again, and the message is there once", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  kafka.mock.failRequests(PRODUCE, [NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS]);
  await kafka.fill(topic, ["stubborn", "next"]);
  const messages = await receive(kafka.newConsumer({ topics: [topic] }), 2);
  assert.deepEqual(messages.map(textOf), ["stubborn", "next"]);
  assert.deepEqual(kafka.observer.failures, []);
});

Deno.test("a broker that was down keeps its messages", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["before"]);
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer();
  producer.produce(topic, toBytes("meanwhile"), null);
  assert.equal(await producer.flush(100), 1);
  kafka.mock.setBrokerUp(1, true);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  const messages = await receive(kafka.newConsumer({ topics: [topic] }), 2);
  assert.deepEqual(messages.map(textOf), ["before", "meanwhile"]);
});

Deno.test("a slow network delays what is produced", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer();
  producer.produce(topic, toBytes("connects"), null);
  await producer.flush(DEADLINE_MS);
  kafka.mock.setRoundTripMs(300);
  const startMs = performance.now();
  producer.produce(topic, toBytes("waits"), null);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.ok(performance.now() - startMs >= 250, "it took less than the round trip");
});

Deno.test("closing it twice is closing it once", async () => {
  await using kafka = await TestKafka.start();
  assert.equal(kafka.mock.close(), kafka.mock.close());
  await kafka.mock.close();
});

Deno.test("connections of a broker that is down end, also where a process was started since they were made", async () => {
  await using kafka = await TestKafka.start();
  const producer = kafka.newProducer();
  producer.produce(kafka.newTopic(), toBytes("x"), null);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  await using _child = new Deno.Command("sleep", { args: ["600"] }).spawn(); // would inherit them
  kafka.mock.setBrokerUp(1, false);
  await until(() => kafka.observer.errors.length > 0, "the end of the connection");
});

Deno.test("nobody else is given the port of a broker that is down", async () => {
  await using kafka = await TestKafka.start();
  await kafka.fill(kafka.newTopic(), ["x"]);
  const [hostname, port] = kafka.mock.bootstrapServers.split(":");
  kafka.mock.setBrokerUp(1, false);
  assert.throws(
    () => Deno.listen({ hostname: hostname!, port: Number(port) }).close(),
    Deno.errors.AddrInUse,
  );
  kafka.mock.setBrokerUp(1, true);
  await kafka.fill(kafka.newTopic(), ["y"]);
});
