/**
 * A producer on the embedded cluster: what it counts, what it waits for, and how it says what it could not do.
 *
 * @module
 */
import assert from "node:assert/strict";
import { KafkaError } from "../../../src/kafka/client/error.ts";
import type { DeliveryFailure } from "../../../src/kafka/client/observer.ts";
import type { ProducerLease } from "../../../src/kafka/producer/producer_lease.ts";
import { until } from "../../support/gateway.ts";
import { DEADLINE_MS, receive, TestKafka, toBytes } from "../../support/kafka_environment.ts";

const PRODUCE = 0;
const TOPIC_AUTHORIZATION_FAILED = 29;

Deno.test("what is produced counts as outstanding until it is delivered, then as delivered", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer();
  assert.equal(producer.outstanding, 0);
  for (let n = 0; n < 1_000; n++) producer.produce(topic, toBytes(`${n}`), null);
  assert.equal(producer.outstanding, 1_000);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.equal(producer.outstanding, 0);
  assert.equal(kafka.observer.deliveredCount, 1_000);
  assert.deepEqual(kafka.observer.failures, []);
});

Deno.test("delivery is counted although nobody waits for it", async () => {
  await using kafka = await TestKafka.start();
  const producer = kafka.newProducer();
  producer.produce(kafka.newTopic(), toBytes("alone"), null);
  await until(() => kafka.observer.deliveredCount === 1, "the delivery");
  assert.equal(producer.outstanding, 0);
});

Deno.test("a flush of nothing is over at once, whatever its time", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  assert.equal(await kafka.newProducer().flush(DEADLINE_MS), 0);
});

Deno.test("a flush answers how many are left when its time is over; they are delivered later", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer();
  produceTo(producer, "a", 3);
  assert.equal(await producer.flush(0), 3);
  assert.equal(await producer.flush(100), 3);
  kafka.mock.setBrokerUp(1, true);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.equal(kafka.observer.deliveredCount, 3);
});

Deno.test("an abort ends a flush that waits", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer();
  produceTo(producer, "a", 2);
  const controller = new AbortController();
  const flushing = producer.flush(3_600_000, controller.signal);
  controller.abort();
  assert.equal(await flushing, 2);
});

Deno.test("a long linger.ms does not hold back a flush", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "linger.ms": 900_000, "message.timeout.ms": 0 });
  producer.produce(topic, toBytes("first"), null);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  producer.produce(topic, toBytes("on an open connection"), null);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
});

Deno.test("messages that a broker refuses are reported by topic, partition and reason", async () => {
  await using kafka = await TestKafka.start();
  const [one, other] = [kafka.newTopic(), kafka.newTopic()];
  kafka.mock.failRequests(PRODUCE, new Array(10).fill(TOPIC_AUTHORIZATION_FAILED));
  const producer = kafka.newProducer({ "linger.ms": 100 });
  produceTo(producer, one, 2);
  produceTo(producer, other, 3);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  const { failures } = kafka.observer;
  assert.deepEqual(countByPartition(failures), { [`${one}[0]`]: 2, [`${other}[0]`]: 3 });
  for (const { error } of failures) assert.equal(error.codeName, "TOPIC_AUTHORIZATION_FAILED");
  assert.equal(kafka.observer.deliveredCount, 0);
});

Deno.test("failures of several partitions are told apart", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic(2);
  const producer = kafka.newProducer({ "linger.ms": 100 });
  for (let n = 0; n < 20; n++) producer.produce(topic, toBytes("x"), toBytes(`key ${n}`));
  await producer.flush(DEADLINE_MS);
  const delivered = await receive(kafka.newConsumer({ topics: [topic] }), 20);
  const expected = Map.groupBy(delivered, ({ partition }) => `${topic}[${partition}]`);

  kafka.mock.failRequests(PRODUCE, new Array(20).fill(TOPIC_AUTHORIZATION_FAILED));
  kafka.mock.setRoundTripMs(200); // else a loop that is slow gets the first refusal before its last message
  for (let n = 0; n < 20; n++) producer.produce(topic, toBytes("x"), toBytes(`key ${n}`));
  await producer.flush(DEADLINE_MS);
  assert.equal(expected.size, 2);
  assert.deepEqual(
    countByPartition(kafka.observer.failures),
    Object.fromEntries([...expected].map(([partition, messages]) => [partition, messages.length])),
  );
});

Deno.test("a message that cannot be sent within message.timeout.ms fails", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer({ "message.timeout.ms": 100 });
  produceTo(producer, "a", 2);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.deepEqual(countByPartition(kafka.observer.failures), { "a[-1]": 2 });
  assert.equal(kafka.observer.failures[0]!.error.codeName, "_MSG_TIMED_OUT");
});

Deno.test("a message larger than message.max.bytes is refused at once", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "message.max.bytes": 1_000 });
  assert.throws(
    () => producer.produce(topic, new Uint8Array(1_001), null),
    (error) => error instanceof KafkaError && error.codeName === "MSG_SIZE_TOO_LARGE",
  );
  assert.equal(producer.outstanding, 0);
  produceTo(producer, topic, 1);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
});

Deno.test("a full queue has no room for the next message and keeps those that it has", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer({ "queue.buffering.max.messages": 2 });
  produceTo(producer, "a", 2);
  assert.equal(producer.produce("a", toBytes("one more"), null), false);
  assert.equal(producer.outstanding, 2);
  kafka.mock.setBrokerUp(1, true);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.equal(kafka.observer.deliveredCount, 2);
});

const none = new Uint8Array(0);
const contents = [
  { what: "text", value: toBytes("v"), key: toBytes("k") },
  { what: "no key", value: toBytes("v"), key: null },
  { what: "an empty key", value: toBytes("v"), key: none },
  { what: "an empty value", value: none, key: toBytes("k") },
  { what: "an empty value without a key", value: none, key: null },
];

for (const { what, value, key } of contents) {
  Deno.test(`${what} arrives as it was produced`, async () => {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    const producer = kafka.newProducer();
    producer.produce(topic, value, key);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    const [message] = await receive(kafka.newConsumer({ topics: [topic], withMetadata: true }));
    assert.deepEqual([message!.value, message!.metadata!.key], [value, key]);
  });
}

Deno.test("the bytes of a message may be used again as soon as it is produced", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "linger.ms": 100 });
  const bytes = toBytes("as it was");
  producer.produce(topic, bytes, bytes);
  bytes.fill(0x21);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  const [message] = await receive(kafka.newConsumer({ topics: [topic], withMetadata: true }));
  assert.deepEqual([message!.value, message!.metadata!.key], [
    toBytes("as it was"),
    toBytes("as it was"),
  ]);
});

Deno.test("the same key goes to the same partition, from any producer", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic(4);
  const keys = Array.from({ length: 16 }, (_, n) => `key ${n}`);
  for (let round = 0; round < 2; round++) {
    const producer = kafka.newProducer();
    for (const key of keys) producer.produce(topic, toBytes("x"), toBytes(key));
    assert.equal(await producer.flush(DEADLINE_MS), 0);
  }
  const messages = await receive(
    kafka.newConsumer({ topics: [topic], withMetadata: true }),
    2 * keys.length,
  );
  const partitions = Map.groupBy(
    messages,
    ({ metadata }) => new TextDecoder().decode(metadata!.key!),
  );
  for (const key of keys) {
    const [first, second, ...more] = partitions.get(key)!.map(({ partition }) => partition);
    assert.deepEqual([first, more], [second, []], key);
  }
  assert.ok(new Set(messages.map(({ partition }) => partition)).size > 1, "all keys went to one");
});

function produceTo(producer: ProducerLease, topic: string, count: number): void {
  for (let n = 0; n < count; n++) producer.produce(topic, toBytes(`${n}`), null);
}

function countByPartition(failures: readonly DeliveryFailure[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { topic, partition, count } of failures) {
    const name = `${topic}[${partition}]`;
    counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
}
