/**
 * Messages that are handed to librdkafka together: they are what they would be one by one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MessageRun } from "../../../src/kafka/producer/message_run.ts";
import type { ProducerLease } from "../../../src/kafka/producer/producer_lease.ts";
import type {
  DeliveredMessage,
  DeliveryListener,
} from "../../../src/kafka/producer/report_requests.ts";
import {
  DEADLINE_MS,
  receive,
  TestKafka,
  textOf,
  toBytes,
} from "../../support/kafka_environment.ts";

interface Sent {
  readonly value: string;
  /** null for none. */
  readonly key: string | null;
}

for (const shared of [false, true]) {
  const kind = shared ? "shared" : "own";

  Deno.test(`a run arrives in its order, with its keys, behind what was produced before (${kind} producer)`, async () => {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    const producer = newProducer(kafka, shared);
    producer.produce(topic, toBytes("before"), null);
    const sent: Sent[] = [
      { value: "no key", key: null },
      { value: "key", key: "k" },
      { value: "an empty key", key: "" },
      { value: "", key: "empty value" },
      { value: "", key: null },
    ];
    assert.deepEqual(producer.produceRun(topic, runOf(sent)), { count: 5, refused: [] });
    assert.equal(producer.outstanding, 6);
    assert.equal(producer.takeProducedCount(), 6);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    assert.equal(kafka.observer.deliveredCount, 6);
    const consumer = kafka.newConsumer({ topics: [topic], withMetadata: true });
    const [before, ...messages] = await receive(consumer, 6);
    assert.equal(textOf(before), "before");
    const got = messages.map((message) => ({
      value: textOf(message),
      key: message.metadata!.key && new TextDecoder().decode(message.metadata!.key),
    }));
    assert.deepEqual(got, sent);
  });

  Deno.test(`what finds no room in the queue is not produced, and nothing behind it (${kind} producer)`, async () => {
    await using kafka = await TestKafka.start();
    kafka.mock.setBrokerUp(1, false);
    const producer = newProducer(kafka, shared, { "queue.buffering.max.messages": 12 });
    const topic = kafka.newTopic();
    const run = runOf(Array.from({ length: 20 }, (_, n) => ({ value: `${n}`, key: null })));
    const { count, refused } = producer.produceRun(topic, run);
    assert.deepEqual(refused, []);
    assert.equal(count, shared ? 0 : 12, "a shared producer must keep room for others");
    assert.equal(producer.outstanding, count);
    assert.equal(producer.takeProducedCount(), count);
    kafka.mock.setBrokerUp(1, true);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    assert.equal(kafka.observer.deliveredCount, count);
  });

  Deno.test(`a message that is refused has its error, and those behind it are produced (${kind} producer)`, async () => {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    const producer = newProducer(kafka, shared, { "message.max.bytes": 1_000 });
    const tooLarge = { value: "x".repeat(1_000), key: null };
    const small = { value: "small", key: null };
    const { count, refused } = producer.produceRun(
      topic,
      runOf([small, tooLarge, small, tooLarge]),
    );
    assert.equal(
      count,
      3,
      "the last one is left to be produced alone, which says why it is refused",
    );
    assert.deepEqual(
      refused.map(({ at, bytes, error }) => [at, bytes, error.codeName]),
      [[1, 1_000, "MSG_SIZE_TOO_LARGE"]],
    );
    assert.equal(producer.outstanding, 2);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    assert.equal(kafka.observer.deliveredCount, 2);
    const messages = await receive(kafka.newConsumer({ topics: [topic] }), 2);
    assert.deepEqual(messages.map(textOf), ["small", "small"]);
  });

  Deno.test(`messages of a run that fail are counted one by one (${kind} producer)`, async () => {
    await using kafka = await TestKafka.start();
    kafka.mock.setBrokerUp(1, false);
    const producer = newProducer(kafka, shared, { "message.timeout.ms": 100, "linger.ms": 0 });
    producer.produceRun("t", runOf([{ value: "a", key: null }, { value: "b", key: "k" }]));
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    assert.equal(producer.takeFailed(), 2);
    assert.deepEqual(kafka.observer.failures.map(({ count }) => count), [2]);
  });
}

for (const shared of [false, true]) {
  Deno.test(`a listener is told which message of a run each result is of (${shared ? "shared" : "own"} producer)`, async () => {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    const producer = newProducer(kafka, shared);
    const results = new Map<number, DeliveredMessage>();
    const listener: DeliveryListener = {
      delivered: (message, at) => void results.set(at, message),
      failed: (error) => assert.fail(error),
    };
    const sent: Sent[] = [
      { value: "no key", key: null },
      { value: "key", key: "k" },
      { value: "", key: "" },
    ];
    const headers = [[toBytes("name"), toBytes("of all")]] as const;
    const options = { headers, timestampMs: 1_000, listener };
    assert.equal(producer.produceRunWith(topic, runOf(sent), options), 3);
    assert.equal(producer.outstanding, 3);
    assert.equal(producer.takeProducedCount(), 3);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    const consumer = kafka.newConsumer({ topics: [topic], withMetadata: true });
    const messages = await receive(consumer, 3);
    assert.deepEqual(
      messages.map((message) => ({
        value: textOf(message),
        key: message.metadata!.key && new TextDecoder().decode(message.metadata!.key),
      })),
      sent,
    );
    for (const [at, { metadata, offset }] of messages.entries()) {
      assert.deepEqual(metadata!.headers, headers);
      assert.equal(metadata!.timestampMs, 1_000);
      assert.equal(results.get(at)!.offset, Number(offset));
    }
  });
}

Deno.test("a run with a listener stops at the first message that is not taken, which has no result", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "message.max.bytes": 1_000 });
  const settled: number[] = [];
  const listener: DeliveryListener = {
    delivered: (_, at) => void settled.push(at),
    failed: (error) => assert.fail(error),
  };
  const small = { value: "small", key: null };
  const run = runOf([small, small, { value: "x".repeat(1_000), key: null }, small]);
  assert.equal(producer.produceRunWith(topic, run, { listener }), 2);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.deepEqual(settled, [0, 1]);
});

Deno.test("each message of a run that its producer gives up is a failure of its own", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers({ shared: false, idleMs: 0, maxIdle: 0 });
  const producer = producers.lease(undefined, { id: "somebody" });
  const failed: number[] = [];
  const listener: DeliveryListener = {
    delivered: () => assert.fail("the broker is down"),
    failed: (_error, _possiblyPersisted, at) => void failed.push(at),
  };
  producer.produceRunWith("t", runOf([{ value: "a", key: null }, { value: "b", key: null }]), {
    listener,
  });
  await producers.close(100);
  assert.deepEqual(failed.toSorted(), [0, 1]);
});

Deno.test("each user of a shared producer waits for its own runs only", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers({ shared: true, idleMs: 0, maxIdle: 0 });
  const users = ["a", "b", "c"].map((id) => producers.lease(undefined, { id }));
  const run = new MessageRun();
  for (const [at, user] of users.entries()) {
    run.begin(toBytes("value"));
    for (let count = 0; count <= at; count++) run.add(0, -1, 0, 5);
    user.produceRun("t", run);
  }
  assert.deepEqual(users.map(({ outstanding }) => outstanding), [1, 2, 3]);
  kafka.mock.setBrokerUp(1, true);
  for (const user of users) assert.equal(await user.flush(DEADLINE_MS), 0);
  assert.deepEqual(users.map(({ outstanding }) => outstanding), [0, 0, 0]);
});

Deno.test("keys of a run count for the bytes of a queue, until they are delivered", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer({ "queue.buffering.max.kbytes": 10 });
  const key = "k".repeat(3_000);
  const run = (): MessageRun => runOf([{ value: "v", key }, { value: "v", key: null }]);
  const topic = kafka.newTopic();
  for (let n = 0; n < 3; n++) assert.equal(producer.produceRun(topic, run()).count, 2);
  assert.equal(producer.produceRun(topic, run()).count, 0, "what it takes at most is more");
  kafka.mock.setBrokerUp(1, true);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.equal(producer.produceRun(topic, run()).count, 2);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
});

Deno.test("the memory of a run may be used again as soon as it is produced", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "linger.ms": 100 });
  const memory = toBytes("value");
  const run = new MessageRun();
  run.begin(memory);
  run.add(0, -1, 0, 5);
  producer.produceRun(topic, run);
  memory.fill(0x21);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  const [message] = await receive(kafka.newConsumer({ topics: [topic] }));
  assert.equal(textOf(message), "value");
});

function newProducer(
  kafka: TestKafka,
  shared: boolean,
  settings: Record<string, number> = {},
): ProducerLease {
  if (!shared) return kafka.newProducer(settings);
  return kafka.newProducers({ shared, idleMs: 0, maxIdle: 0 }, settings)
    .lease(undefined, { id: "somebody" });
}

/** In memory as a client's requests are: one behind the other. */
function runOf(messages: readonly Sent[]): MessageRun {
  const memory = toBytes(messages.map(({ key, value }) => (key ?? "") + value).join("") + "\r\n");
  const run = new MessageRun();
  run.begin(memory);
  let at = 0;
  for (const { key, value } of messages) {
    const valueAt = at + (key?.length ?? 0);
    run.add(at, key?.length ?? -1, valueAt, value.length);
    at = valueAt + value.length;
  }
  return run;
}
