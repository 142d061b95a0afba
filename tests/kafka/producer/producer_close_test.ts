/**
 * The end of all producers: what they still deliver, what they give up and say so.
 *
 * @module
 */
import assert from "node:assert/strict";
import { LANES } from "../../../src/kafka/client/blocking_calls.ts";
import { until } from "../../support/gateway.ts";
import {
  DEADLINE_MS,
  receive,
  somebody,
  TestKafka,
  textOf,
  toBytes,
} from "../../support/kafka_environment.ts";

/** One producer for each lease, none of them kept. */
const ALONE = { shared: false, idleMs: 0, maxIdle: 0 };

Deno.test("closing delivers what is outstanding and gives nothing up", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producers = kafka.newProducers(ALONE, { "linger.ms": 900_000, "message.timeout.ms": 0 });
  producers.lease(undefined, somebody).produce(topic, toBytes("last words"), null);
  await producers.close(DEADLINE_MS);
  assert.equal(kafka.observer.deliveredCount, 1);
  const [message] = await receive(kafka.newConsumer({ topics: [topic] }));
  assert.equal(textOf(message), "last words");
});

Deno.test("what cannot be delivered in time is given up, by topic and with the reason", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers(ALONE);
  const producer = producers.lease(undefined, somebody);
  for (const topic of ["a", "b", "a"]) producer.produce(topic, toBytes("x"), null);
  const codeNames = () => kafka.observer.errors.map(({ codeName }) => codeName);
  await until(() => codeNames().includes("_TRANSPORT"), "the end of all connecting");
  await producers.close(100);
  const counts: Record<string, number> = {};
  for (const { topic, count, error, unflushed } of kafka.observer.failures) {
    counts[topic] = (counts[topic] ?? 0) + count;
    assert.equal(error.codeName, "_PURGE_QUEUE");
    assert.match(error.message, /^given up \(the gateway ends\): .*Connection refused/);
    assert.ok(unflushed);
  }
  assert.deepEqual(counts, { a: 2, b: 1 }, "each is reported once");
  assert.equal(producer.outstanding, 0);
});

Deno.test("a producer that a call still uses counts as one that ends, until the call is over", async () => {
  await using kafka = await TestKafka.start();
  const { handles } = kafka.environment.library;
  const [others, hung] = [{ ...handles.open }, Promise.withResolvers<void>()];
  using _ = { [Symbol.dispose]: hung.resolve };
  for (let call = 0; call < LANES.flush.width; call++) void LANES.flush.run(() => hung.promise);
  const producers = kafka.newProducers(ALONE, { "linger.ms": 900_000, "message.timeout.ms": 0 });
  producers.lease(undefined, somebody).produce(kafka.newTopic(), toBytes("x"), null);
  await producers.close(50); // its flush gets no thread
  assert.deepEqual(handles.open, others);
  assert.equal(handles.ending, 1, "the library must not be unloaded yet");
  hung.resolve();
  await until(() => handles.ending === 0, "the end of the producer");
});

Deno.test("messages that are on their way to a slow broker are given up too", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers(ALONE);
  const producer = producers.lease(undefined, somebody);
  producer.produce(topic, toBytes("connects"), null);
  await until(() => kafka.observer.errors.length > 0, "an outage");
  kafka.mock.setBrokerUp(1, true);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  kafka.mock.setRoundTripMs(60_000);
  producer.produce(topic, toBytes("x"), null);
  await producers.close(500);
  const [failure, ...others] = kafka.observer.failures;
  assert.deepEqual(others, []);
  assert.partialDeepStrictEqual(failure, { topic, partition: 0, count: 1, unflushed: true });
  assert.equal(failure!.error.codeName, "_PURGE_INFLIGHT");
  const { message } = failure!.error;
  assert.equal(
    message,
    "given up (the gateway ends), but sent already; may have been delivered",
    "the outage is over",
  );
});

Deno.test("closing twice is closing once", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers(ALONE);
  producers.lease(undefined, somebody).produce("a", toBytes("x"), null);
  await Promise.all([producers.close(50), producers.close(DEADLINE_MS)]);
  assert.equal(kafka.observer.failures.length, 1);
  await producers.close(0);
  assert.equal(kafka.observer.failures.length, 1);
});

Deno.test("a flush and a close at the same time both come to their end", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "linger.ms": 900_000, "message.timeout.ms": 0 });
  for (let n = 0; n < 100; n++) producer.produce(topic, toBytes(`${n}`), null);
  const left = await Promise.all([producer.flush(DEADLINE_MS), producer.close(DEADLINE_MS)]);
  assert.deepEqual(left, [0, 0]);
  assert.equal(kafka.observer.deliveredCount, 100);
});

Deno.test("a flush that waits ends with a close that gives up", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers(ALONE);
  const producer = producers.lease(undefined, somebody);
  producer.produce("a", toBytes("x"), null);
  const [left] = await Promise.all([producer.flush(3_600_000), producers.close(50)]);
  assert.equal(left, 0);
  assert.equal(kafka.observer.failures.length, 1);
});
