/**
 * Which messages go to Kafka together, and that none fails for being among others.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  DEADLINE_MS,
  receive,
  TestKafka,
  textOf,
  toBytes,
} from "../../support/kafka_environment.ts";

const PRODUCE = 0;
const MSG_SIZE_TOO_LARGE = 10;
const NOT_ENOUGH_REPLICAS = 19;

for (const idempotent of [true, false]) {
  const settings = { "enable.idempotence": idempotent };

  Deno.test(`a batch that is too large is sent again in smaller ones (idempotence ${idempotent})`, async () => {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    const producer = kafka.newProducer({ ...settings, "linger.ms": 5_000 });
    kafka.mock.failRequests(PRODUCE, [MSG_SIZE_TOO_LARGE, MSG_SIZE_TOO_LARGE]);
    const texts = Array.from({ length: 100 }, (_, n) => `message ${n}`);
    kafka.mock.setBrokerUp(1, false); // all are there before the first is sent: one alone would fail
    for (const text of texts) producer.produce(topic, toBytes(text), null);
    kafka.mock.setBrokerUp(1, true);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    assert.deepEqual(kafka.observer.failures, []);
    const received = await receive(kafka.newConsumer({ topics: [topic] }), texts.length);
    if (idempotent) assert.deepEqual(received.map(textOf), texts);
    else assert.deepEqual(new Set(received.map(textOf)), new Set(texts)); // no order is promised
  });

  Deno.test(`a message that is too large by itself fails (idempotence ${idempotent})`, async () => {
    await using kafka = await TestKafka.start();
    const producer = kafka.newProducer(settings);
    kafka.mock.failRequests(PRODUCE, [MSG_SIZE_TOO_LARGE]);
    producer.produce(kafka.newTopic(), toBytes("too large"), null);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    assert.deepEqual(kafka.observer.failedMessages.map(({ text, error }) => [text, error]), [
      ["too large", "MSG_SIZE_TOO_LARGE"],
    ]);
  });
}

Deno.test("a batch that is refused is not taken for delivered because a later one is", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "enable.idempotence": true, "batch.num.messages": 1 });
  kafka.mock.failRequests(PRODUCE, [NOT_ENOUGH_REPLICAS]);
  const texts = ["a", "b", "c"];
  for (const text of texts) producer.produce(topic, toBytes(text), null);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.equal(kafka.observer.deliveredCount, texts.length);
  const received = await receive(kafka.newConsumer({ topics: [topic] }), texts.length);
  assert.deepEqual(received.map(textOf), texts);
});
