/**
 * @module
 * The end of a producer: what it still delivers, what it gives up and says so.
 */
import assert from "node:assert/strict";
import { DEADLINE_MS, receive, TestKafka, textOf, toBytes } from "../support/kafka_environment.ts";

Deno.test("closing delivers what is outstanding and gives nothing up", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "linger.ms": 900_000, "message.timeout.ms": 0 });
  producer.produce(topic, toBytes("last words"), null);
  assert.deepEqual(await producer.close(DEADLINE_MS), { givenUp: [], left: 0 });
  assert.equal(kafka.observer.deliveredCount, 1);
  const [message] = await receive(kafka.newConsumer({ topics: [topic] }));
  assert.equal(textOf(message), "last words");
});

Deno.test("what cannot be delivered in time is given up, by topic and with the reason", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer();
  for (const topic of ["a", "b", "a"]) producer.produce(topic, toBytes("x"), null);
  const { givenUp } = await producer.close(100);
  const counts: Record<string, number> = {};
  for (const { topic, count, error } of givenUp) {
    counts[topic] = (counts[topic] ?? 0) + count;
    assert.match(error.codeName, /^(_TRANSPORT|_ALL_BROKERS_DOWN|_PURGE_INFLIGHT)$/);
  }
  assert.deepEqual(counts, { a: 2, b: 1 });
  assert.equal(producer.outstanding, 0);
  assert.deepEqual(kafka.observer.failures, [], "they are answered for, not reported twice");
});

Deno.test("messages that are on their way to a slow broker are given up too", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer();
  producer.produce(topic, toBytes("connects"), null);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  kafka.mock.setRoundTripMs(60_000);
  producer.produce(topic, toBytes("x"), null);
  const { givenUp } = await producer.close(500);
  assert.deepEqual(givenUp.map(({ topic, partition, count }) => ({ topic, partition, count })), [
    { topic, partition: 0, count: 1 },
  ]);
  assert.equal(givenUp[0]!.error.codeName, "_PURGE_INFLIGHT");
});

Deno.test("closing twice is closing once", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer();
  producer.produce("a", toBytes("x"), null);
  const [first, second] = await Promise.all([producer.close(50), producer.close(DEADLINE_MS)]);
  assert.equal(first, second);
  assert.equal(first.givenUp.length, 1);
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
  assert.deepEqual([left, givenUp], [0, []]);
  assert.equal(kafka.observer.deliveredCount, 100);
});

Deno.test("a flush that waits ends with a close that gives up", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer();
  producer.produce("a", toBytes("x"), null);
  const [left, { givenUp }] = await Promise.all([producer.flush(3_600_000), producer.close(50)]);
  assert.equal(left, 0);
  assert.equal(givenUp.length, 1);
});
