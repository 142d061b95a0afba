/**
 * @module
 * The end of a producer: what it still delivers, what it gives up and says so.
 */
import assert from "node:assert/strict";
import { until } from "../support/gateway.ts";
import { DEADLINE_MS, receive, TestKafka, textOf, toBytes } from "../support/kafka_environment.ts";

Deno.test("closing delivers what is outstanding and gives nothing up", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "linger.ms": 900_000, "message.timeout.ms": 0 });
  producer.produce(topic, toBytes("last words"), null);
  assert.deepEqual(await producer.close(DEADLINE_MS), { givenUp: 0, left: 0 });
  assert.equal(kafka.observer.deliveredCount, 1);
  const [message] = await receive(kafka.newConsumer({ topics: [topic] }));
  assert.equal(textOf(message), "last words");
});

Deno.test("what cannot be delivered in time is given up, by topic and with the reason", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer();
  for (const topic of ["a", "b", "a"]) producer.produce(topic, toBytes("x"), null);
  const codeNames = () => kafka.observer.errors.map(({ codeName }) => codeName);
  await until(() => codeNames().includes("_TRANSPORT"), "the end of all connecting");
  assert.deepEqual(await producer.close(100), { givenUp: 3, left: 0 });
  const counts: Record<string, number> = {};
  for (const { topic, count, error, unflushed } of kafka.observer.failures) {
    counts[topic] = (counts[topic] ?? 0) + count;
    assert.equal(error.codeName, "_PURGE_QUEUE");
    assert.match(error.message, /^given up: .*Connection refused/);
    assert.ok(unflushed);
  }
  assert.deepEqual(counts, { a: 2, b: 1 }, "each is reported once");
  assert.equal(producer.outstanding, 0);
});

Deno.test("messages that are on their way to a slow broker are given up too", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer();
  producer.produce(topic, toBytes("connects"), null);
  await until(() => kafka.observer.errors.length > 0, "an outage");
  kafka.mock.setBrokerUp(1, true);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  kafka.mock.setRoundTripMs(60_000);
  producer.produce(topic, toBytes("x"), null);
  assert.equal((await producer.close(500)).givenUp, 1);
  const [failure, ...others] = kafka.observer.failures;
  assert.deepEqual(others, []);
  assert.partialDeepStrictEqual(failure, { topic, partition: 0, count: 1, unflushed: true });
  assert.equal(failure!.error.codeName, "_PURGE_INFLIGHT");
  const { message } = failure!.error;
  assert.equal(
    message,
    "given up, but sent already; may have been delivered",
    "the outage is over",
  );
});

Deno.test("closing twice is closing once", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer();
  producer.produce("a", toBytes("x"), null);
  const [first, second] = await Promise.all([producer.close(50), producer.close(DEADLINE_MS)]);
  assert.equal(first, second);
  assert.equal(first.givenUp, 1);
  assert.equal(kafka.observer.failures.length, 1);
  assert.equal(await producer.close(0), first);
});

Deno.test("a flush and a close at the same time both come to their end", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "linger.ms": 900_000, "message.timeout.ms": 0 });
  for (let n = 0; n < 100; n++) producer.produce(topic, toBytes(`${n}`), null);
  const [left, { givenUp }] = await Promise.all([
    producer.flush(DEADLINE_MS),
    producer.close(DEADLINE_MS),
  ]);
  assert.deepEqual([left, givenUp], [0, 0]);
  assert.equal(kafka.observer.deliveredCount, 100);
});

Deno.test("a flush that waits ends with a close that gives up", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer();
  producer.produce("a", toBytes("x"), null);
  const [left, { givenUp }] = await Promise.all([producer.flush(3_600_000), producer.close(50)]);
  assert.equal(left, 0);
  assert.equal(givenUp, 1);
});
