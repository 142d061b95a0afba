/**
 * Headers and timestamps of messages, from a producer to a consumer, and what a producer counts of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { KafkaError } from "../../../src/kafka/client/error.ts";
import type { Message, MessageHeader } from "../../../src/kafka/client/message.ts";
import {
  DEADLINE_MS,
  receive,
  somebody,
  TestKafka,
  textOf,
  toBytes,
} from "../../support/kafka_environment.ts";
import { testOnEachCluster } from "../clusters.ts";

const EMPTY = new Uint8Array(0);
const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

const HEADERS: readonly (readonly [what: string, headers: readonly MessageHeader[]])[] = [
  ["none", []],
  ["one", [header("name", toBytes("value"))]],
  [
    "several, in their order",
    [header("b", toBytes("1")), header("a", toBytes("2")), header("c", toBytes("3"))],
  ],
  [
    "a name twice",
    [header("n", toBytes("first")), header("other", null), header("n", toBytes("second"))],
  ],
  ["null and empty values", [header("null", null), header("empty", EMPTY), header("null", null)]],
  ["every byte", [header("bytes", EVERY_BYTE)]],
  [
    "an empty name, and names that are not ASCII",
    [header("", toBytes("x")), header("naïve 日本 🚀", EMPTY)],
  ],
  ["a name of every byte but NUL, which is not UTF-8", [[EVERY_BYTE.slice(1), toBytes("x")]]],
  ["names with a byte order mark", [header("\ufeff", EMPTY), header("\ufeffa", EMPTY)]],
  ["very many", Array.from({ length: 1_000 }, (_, n) => header(`name ${n}`, toBytes(`${n}`)))],
  ["a large one", [header("large", new Uint8Array(200_000).fill(7))]],
];

function header(name: string, value: MessageHeader[1]): MessageHeader {
  return [toBytes(name), value];
}

testOnEachCluster(
  "headers arrive as they were produced",
  async ({ kafka, settings, consumerSettings, topic }) => {
    const producer = kafka.newProducer(settings);
    for (const [what, headers] of HEADERS) {
      assert.ok(producer.produce(topic, toBytes(what), toBytes("key"), { headers }), what);
    }
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    const consumer = kafka.newConsumer({
      topics: [topic],
      settings: consumerSettings,
      withMetadata: true,
    });
    const messages = await receive(consumer, HEADERS.length);
    for (const [index, [what, headers]] of HEADERS.entries()) {
      const { value, metadata } = messages[index]!;
      assert.deepEqual(value, toBytes(what));
      assert.deepEqual(metadata!.key, toBytes("key"));
      assert.deepEqual(metadata!.headers, headers, what);
    }
  },
);

testOnEachCluster(
  "a timestamp arrives as it was produced, without one it is the time of producing",
  async (
    { kafka, settings, consumerSettings, topic },
  ) => {
    const producer = kafka.newProducer(settings);
    const beforeMs = Date.now();
    const pastMs = beforeMs - 60_000;
    producer.produce(topic, toBytes("past"), null, { timestampMs: pastMs });
    producer.produce(topic, toBytes("now"), null, { headers: [header("h", null)] });
    producer.produce(topic, toBytes("plain"), null);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    const consumer = kafka.newConsumer({
      topics: [topic],
      settings: consumerSettings,
      withMetadata: true,
    });
    const messages = await receive(consumer, 3); // in any order: the topic may have several partitions
    const isPast = (message: Message): boolean => textOf(message) === "past";
    const past = messages.find(isPast)?.metadata;
    const others = messages.filter((one) => !isPast(one)).map(({ metadata }) => metadata!);
    assert.deepEqual([past!.timestampMs, past!.timestampType], [pastMs, "CreateTime"]);
    for (const { timestampMs, timestampType } of others) {
      assert.ok(timestampMs! >= beforeMs && timestampMs! <= Date.now(), `${timestampMs}`);
      assert.equal(timestampType, "CreateTime");
    }
  },
);

const CONTENTS = [
  { what: "an empty value", value: EMPTY, key: EMPTY },
  { what: "a tombstone", value: null, key: toBytes("k") },
  { what: "no key", value: toBytes("v"), key: null },
];

for (const { what, value, key } of CONTENTS) {
  Deno.test(`${what} stays what it is beside a header`, async () => {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    const producer = kafka.newProducer();
    producer.produce(topic, value, key, { headers: [header("h", toBytes("x"))] });
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    const consumer = kafka.newConsumer({ topics: [topic], withMetadata: true });
    const [message] = await receive(consumer);
    assert.deepEqual([message!.value, message!.metadata!.key], [value, key]);
    assert.deepEqual(message!.metadata!.headers, [header("h", toBytes("x"))]);
  });
}

Deno.test("a consumer that does not ask for metadata gets none", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer();
  producer.produce(topic, toBytes("v"), toBytes("k"), { headers: [header("h", null)] });
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  const [message] = await receive(kafka.newConsumer({ topics: [topic] }));
  assert.deepEqual(message, { topic, partition: 0, offset: 0n, value: toBytes("v") });
});

Deno.test("the bytes of headers may be used again as soon as the message is produced", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "linger.ms": 100 });
  const bytes = toBytes("as it was");
  producer.produce(topic, bytes, bytes, { headers: [header("h", bytes)] });
  bytes.fill(0x21);
  producer.produce(topic, bytes, bytes, { headers: [header("h", bytes)] });
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  const consumer = kafka.newConsumer({ topics: [topic], withMetadata: true });
  const [first] = await receive(consumer);
  const asItWas = toBytes("as it was");
  assert.deepEqual([first!.value, first!.metadata!.key], [asItWas, asItWas]);
  assert.deepEqual(first!.metadata!.headers, [header("h", asItWas)]);
});

Deno.test("a header name that holds a NUL is refused, and the producer goes on", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer();
  for (const name of ["a\0b", "\0", "日本\0", "日\0本"]) {
    assert.throws(
      () => producer.produce(topic, toBytes("x"), null, { headers: [header(name, null)] }),
      (error) => error instanceof KafkaError && error.codeName === "_INVALID_ARG",
    );
  }
  assert.equal(producer.outstanding, 0);
  assert.ok(producer.produce(topic, toBytes("x"), null, { headers: [header("a", null)] }));
  assert.equal(await producer.flush(DEADLINE_MS), 0);
});

Deno.test("headers count for message.max.bytes, and a message that is too large is refused at once", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "message.max.bytes": 1_000 });
  for (let n = 0; n < 100; n++) { // whatever is not freed for a refused message would add up
    assert.throws(
      () =>
        producer.produce(topic, toBytes("x"), null, {
          headers: [header("h", new Uint8Array(1_000))],
        }),
      (error) =>
        error instanceof KafkaError && error.codeName === "MSG_SIZE_TOO_LARGE" &&
        error.message === "Broker: Message size too large", // as without headers
    );
  }
  assert.equal(producer.outstanding, 0);
  assert.ok(
    producer.produce(topic, toBytes("x"), null, { headers: [header("h", new Uint8Array(100))] }),
  );
  assert.equal(await producer.flush(DEADLINE_MS), 0);
});

Deno.test("a full queue has no room for a message with headers, too", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producer = kafka.newProducer({ "queue.buffering.max.messages": 2 });
  const options = { headers: [header("h", toBytes("x"))] };
  for (let n = 0; n < 2; n++) assert.ok(producer.produce("a", toBytes("x"), null, options));
  assert.equal(producer.produce("a", toBytes("one more"), null, options), false);
  assert.equal(producer.outstanding, 2);
  kafka.mock.setBrokerUp(1, true);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.equal(kafka.observer.deliveredCount, 2);
});

for (const shared of [false, true]) {
  Deno.test(`headers count for the bytes of the queue, until they are delivered (${shared ? "shared" : "own"} producer)`, async () => {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    const options = { shared, idleMs: 0, maxIdle: 0 };
    const producer = kafka.newProducers(options, { "queue.buffering.max.kbytes": 1_024 })
      .lease(undefined, somebody);
    const headers: readonly MessageHeader[] = [header("h", new Uint8Array(100 * 1_024))];
    for (let round = 0; round < 3; round++) {
      kafka.mock.setBrokerUp(1, false);
      let taken = 0;
      while (producer.produce(topic, EMPTY, null, { headers })) taken++;
      assert.ok(
        shared ? taken >= 4 && taken <= 6 : taken >= 10 && taken <= 11,
        `${taken} were taken`,
      );
      kafka.mock.setBrokerUp(1, true);
      assert.equal(await producer.flush(DEADLINE_MS), 0);
    }
  });
}
