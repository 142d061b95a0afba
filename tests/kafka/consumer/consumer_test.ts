/**
 * A consumer on the embedded cluster: waiting for messages, and acknowledging them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { RD_KAFKA_MSG_F_COPY, RD_KAFKA_PRODUCER } from "../../../src/ffi/constants.ts";
import { toCString } from "../../../src/ffi/memory.ts";
import { KafkaClient } from "../../../src/kafka/client/kafka_client.ts";
import { SettingError } from "../../../src/kafka/client/conf.ts";
import { KafkaError } from "../../../src/kafka/client/error.ts";
import { holdUpEventLoop, until } from "../../support/gateway.ts";
import { receive, TestKafka, textOf, toBytes } from "../../support/kafka_environment.ts";
import { CapturedLog } from "../../support/captured_log.ts";
import { UntrustedBroker } from "../../support/untrusted_broker.ts";

const never = new AbortController().signal;
/** Of the Kafka protocol. */
const API_KEY_FETCH = 1;
const TOPIC_AUTHORIZATION_FAILED = 29;

Deno.test("messages come in the order of their offsets, with all that they have", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["a", "b", "c"]);
  const messages = await receive(kafka.newConsumer({ topics: [topic] }), 3);
  assert.deepEqual(messages.map(textOf), ["a", "b", "c"]);
  assert.deepEqual(messages.map(({ offset }) => offset), [0n, 1n, 2n]);
  for (const message of messages) {
    assert.deepEqual([message.topic, message.partition, message.metadata], [topic, 0, undefined]);
  }
});

Deno.test("a consumer of several topics gets the messages of each", async () => {
  await using kafka = await TestKafka.start();
  const topics = [kafka.newTopic(), kafka.newTopic(2)];
  for (const topic of topics) await kafka.fill(topic, [`for ${topic}`]);
  const messages = await receive(kafka.newConsumer({ topics }), 2);
  assert.deepEqual(new Set(messages.map(textOf)), new Set(topics.map((topic) => `for ${topic}`)));
});

Deno.test("messages are taken many at a time, never more than asked for", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const texts = Array.from({ length: 1_000 }, (_, n) => `${n}`);
  await kafka.fill(topic, texts);
  const consumer = kafka.newConsumer({ topics: [topic] });
  const received = (await receive(consumer, 1)).map(textOf);
  for (const count of [1, 2, 7, 300]) {
    holdUpEventLoop(50); // librdkafka fetches meanwhile
    const batch = consumer.poll(count);
    assert.equal(batch.length, count);
    received.push(...batch.map(textOf));
  }
  received.push(...(await receive(consumer, texts.length - received.length)).map(textOf));
  assert.deepEqual(received, texts);
});

Deno.test("an error behind messages does not swallow them, and comes with the next poll", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["a", "b", "c"]);
  const consumer = kafka.newConsumer({ topics: [topic] });
  await receive(consumer, 1);
  holdUpEventLoop(100); // the others may come with a fetch of their own
  kafka.mock.failRequests(API_KEY_FETCH, Array(10).fill(TOPIC_AUTHORIZATION_FAILED));
  holdUpEventLoop(300); // the next fetch fails meanwhile
  assert.deepEqual(consumer.poll(10).map(textOf), ["b", "c"]);
  assert.throws(() => consumer.poll(10), { codeName: "TOPIC_AUTHORIZATION_FAILED" });
});

Deno.test("what is fetched of a partition that is given up is not handed out", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic(2);
  const texts = Array.from({ length: 200 }, (_, n) => `${n}`);
  await kafka.fill(topic, texts);
  const options = { topics: [topic], groupId: "group" };
  const first = kafka.newConsumer(options);
  await receive(first, 1);
  const second = kafka.newConsumer(options);
  // neither acks: what `second` gets of its partition is all of it
  const taken = [];
  await until(() => {
    first.poll(1).forEach((message) => taken.push(message));
    return second.assigned.size === 1 || second.poll(1).length > 0;
  }, "the partitions to be divided");
  const [lost] = second.assigned;
  const after = first.poll(1_000).concat(first.poll(1_000));
  assert.ok(first.assigned.size === 1 && !first.assigned.has(lost!), "a partition each");
  assert.deepEqual(after.filter(({ partition }) => `${topic}:${partition}` === lost), []);
});

Deno.test("a tombstone is null", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await produceTombstone(kafka, topic);
  const [message] = await receive(kafka.newConsumer({ topics: [topic] }));
  assert.equal(message!.value, null);
});

Deno.test("who waits gets a message that is produced meanwhile", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const consumer = kafka.newConsumer({ topics: [topic] });
  const waiting = receive(consumer);
  await kafka.fill(topic, ["at last"]);
  assert.deepEqual((await waiting).map(textOf), ["at last"]);
});

Deno.test("when nothing comes in time there is no message", async () => {
  await using kafka = await TestKafka.start();
  const consumer = kafka.newConsumer({ topics: [kafka.newTopic()] });
  const startMs = performance.now();
  assert.deepEqual(await consumer.receive(1, 100, never), []);
  assert.ok(performance.now() - startMs >= 99);
  assert.deepEqual(await consumer.receive(1, 0, never), []);
});

Deno.test("an abort ends the wait with its reason, before and while waiting", async () => {
  await using kafka = await TestKafka.start();
  const consumer = kafka.newConsumer({ topics: [kafka.newTopic()] });
  const controller = new AbortController();
  const waiting = consumer.receive(1, Infinity, controller.signal);
  const reason = new Error("the client hung up");
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  await assert.rejects(consumer.receive(1, Infinity, controller.signal), reason);
});

Deno.test("no message is lost to an aborted wait", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const consumer = kafka.newConsumer({ topics: [topic] });
  const texts = Array.from({ length: 50 }, (_, n) => `${n}`);
  const filling = kafka.fill(topic, texts);
  const received: (string | undefined)[] = [];
  while (received.length < texts.length) {
    const controller = new AbortController();
    const waiting = consumer.receive(1, Infinity, controller.signal);
    setTimeout(() => controller.abort(), received.length % 3);
    try {
      received.push(...(await waiting).map(textOf));
    } catch {
      // aborted before a message was taken
    }
  }
  await filling;
  assert.deepEqual(received, texts);
});

Deno.test("a message that is not assigned to this consumer cannot be acked", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["a"]);
  const consumer = kafka.newConsumer({ topics: [topic] });
  await receive(consumer);
  consumer.ack(topic, 0, 0n);
  const others = [
    { topic, partition: 7, codeName: "_STATE" },
    { topic: "another-topic", partition: 0, codeName: "_UNKNOWN_PARTITION" },
  ];
  for (const other of others) {
    assert.throws(() => consumer.ack(other.topic, other.partition, 0n), (error) => {
      assert.ok(error instanceof KafkaError);
      assert.equal(error.codeName, other.codeName);
      return true;
    });
  }
});

Deno.test("a topic that is missing is waited for, which is logged once", async () => {
  await using log = await CapturedLog.start();
  await using kafka = await TestKafka.start();
  const consumer = kafka.newConsumer({
    topics: ["later"],
    settings: { "allow.auto.create.topics": false, "topic.metadata.refresh.interval.ms": 100 },
  });
  const waiting = receive(consumer);
  await log.has("Subscribed topic not available: later");
  await kafka.fill("later", ["worth the wait"]);
  assert.deepEqual((await waiting).map(textOf), ["worth the wait"]);
  assert.equal(log.count("Subscribed topic not available: later"), 1);
});

Deno.test("a broker that is gone for a while is waited for", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["before"]);
  const consumer = kafka.newConsumer({ topics: [topic] });
  await receive(consumer);
  const waiting = receive(consumer);
  kafka.mock.setBrokerUp(1, false);
  await until(() => kafka.observer.errors.length > 0, "an error of the connection");
  kafka.mock.setBrokerUp(1, true);
  await kafka.fill(topic, ["after"]);
  assert.deepEqual((await waiting).map(textOf), ["after"]);
});

Deno.test("who does not trust the brokers' certificate is told, instead of waiting for ever", async () => {
  await using kafka = await TestKafka.start();
  await using broker = new UntrustedBroker();
  const consumer = kafka.newConsumer({
    topics: ["a"],
    settings: { "bootstrap.servers": broker.address, "security.protocol": "ssl" },
  });
  await assert.rejects(receive(consumer), (error) => {
    assert.ok(error instanceof KafkaError, String(error));
    assert.equal(error.codeName, "_SSL");
    assert.match(error.message, /certificate/);
    return true;
  });
});

Deno.test("settings and topics that librdkafka refuses make no consumer and leave nothing behind", async () => {
  await using kafka = await TestKafka.start();
  assert.throws(
    () => kafka.newConsumer({ topics: ["a"], settings: { "fetch.wait.max.mss": 1 } }),
    (error) => error instanceof SettingError && error.setting === "fetch.wait.max.mss",
  );
  assert.throws(
    () => kafka.newConsumer({ topics: ["a"], settings: { "session.timeout.ms": 400_000 } }),
    (error) =>
      error instanceof KafkaError &&
      /max\.poll\.interval\.ms.*session\.timeout\.ms/.test(error.message),
  );
  assert.throws(
    () => kafka.newConsumer({ topics: [] }),
    (error) => error instanceof KafkaError && error.codeName === "_INVALID_ARG",
  );
});

async function produceTombstone(kafka: TestKafka, topic: string): Promise<void> {
  const { symbols } = kafka.environment.library;
  const client = new KafkaClient(kafka.environment, {
    type: RD_KAFKA_PRODUCER,
    settings: kafka.settings,
    name: { clientId: "tombstones" },
    events: 0,
    onEvent: () => {},
  });
  const rkt = symbols.rd_kafka_topic_new(client.pointer, toCString(topic), null);
  const key = toBytes("k");
  symbols.rd_kafka_produce(rkt, 0, RD_KAFKA_MSG_F_COPY, null, 0n, key, 1n, 0n);
  await symbols.rd_kafka_flush(client.pointer, 10_000);
  symbols.rd_kafka_topic_destroy(rkt);
  await client.close();
}
