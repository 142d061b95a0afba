/**
 * The result of a message for whoever asks for it: where it is in Kafka, or why it is not, and always one of both.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { KafkaError } from "../../../src/kafka/client/error.ts";
import { Deliveries } from "../../../src/kafka/producer/deliveries.ts";
import { DeliveryFailures } from "../../../src/kafka/producer/delivery_failures.ts";
import { Outstanding } from "../../../src/kafka/producer/outstanding.ts";
import type { ProducerLease } from "../../../src/kafka/producer/producer_lease.ts";
import type {
  DeliveredMessage,
  DeliveryListener,
} from "../../../src/kafka/producer/report_requests.ts";
import { uniqueName, until } from "../../support/gateway.ts";
import {
  DEADLINE_MS,
  receive,
  somebody,
  TestKafka,
  textOf,
  toBytes,
} from "../../support/kafka_environment.ts";
import { testOnEachCluster } from "../clusters.ts";

const PRODUCE = 0;
const TOPIC_AUTHORIZATION_FAILED = 29;

/** Whatever a producer says of one message. */
class Result implements DeliveryListener {
  readonly all: (DeliveredMessage | KafkaError)[] = [];
  possiblyPersisted: boolean | undefined;

  delivered(message: DeliveredMessage): void {
    this.all.push(message);
  }

  failed(error: KafkaError, possiblyPersisted: boolean): void {
    this.all.push(error);
    this.possiblyPersisted = possiblyPersisted;
  }

  get delivery(): DeliveredMessage {
    assert.equal(this.all.length, 1, "one result for each message");
    const [result] = this.all;
    if ("codeName" in result!) throw result;
    return result!;
  }

  get error(): KafkaError {
    assert.equal(this.all.length, 1, "one result for each message");
    const [result] = this.all;
    assert.ok("codeName" in result!, "it was delivered");
    return result;
  }
}

/** In whichever partition, all messages with it are in the same one. */
const ONE_KEY = toBytes("one key");

testOnEachCluster("each message has its own offset, and is found there", async (
  { kafka, settings, consumerSettings, topic, isReal },
) => {
  const producer = kafka.newProducer({ ...settings, "linger.ms": 50 });
  const results = Array.from({ length: 1_000 }, () => new Result());
  for (const [n, listener] of results.entries()) {
    if (n % 3 === 0) producer.produce(topic, toBytes("between"), ONE_KEY);
    const timestampMs = 1_700_000_000_000 + n;
    assert.ok(producer.produce(topic, toBytes(`${n}`), ONE_KEY, { listener, timestampMs }));
  }
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  const consumer = kafka.newConsumer({ topics: [topic], settings: consumerSettings });
  const messages = await receive(consumer, 1_334);
  for (const [n, { delivery }] of results.entries()) {
    assert.equal(delivery.partition, messages[0]!.partition);
    assert.equal(textOf(messages.find(({ offset }) => Number(offset) === delivery.offset)), `${n}`);
    // librdkafka's mock cluster answers 1234 to all
    if (isReal) assert.equal(delivery.timestampMs, 1_700_000_000_000 + n);
  }
});

testOnEachCluster("two messages to one partition have increasing offsets", async (
  { kafka, settings, topic },
) => {
  const producer = kafka.newProducer(settings);
  const [first, second] = [new Result(), new Result()];
  for (const listener of [first, second]) {
    producer.produce(topic, toBytes("x"), ONE_KEY, { listener });
    assert.equal(await producer.flush(DEADLINE_MS), 0);
  }
  assert.equal(first.delivery.offset! + 1, second.delivery.offset);
});

testOnEachCluster(
  "messages to several partitions of many connections, in both producer modes",
  async (
    { kafka, settings, topic },
  ) => {
    for (const shared of [false, true]) {
      const producers = kafka.newProducers({ shared, idleMs: 0, maxIdle: 0 }, settings);
      const leases = Array.from({ length: 5 }, () => producers.lease(undefined, somebody));
      const results = leases.flatMap((lease) =>
        Array.from({ length: 100 }, () => {
          const listener = new Result();
          lease.produce(topic, toBytes("x"), null, {
            listener,
            headers: [[toBytes("h"), toBytes("v")]],
          });
          return listener;
        })
      );
      for (const lease of leases) assert.equal(await lease.flush(DEADLINE_MS), 0);
      const places = results.map(({ delivery: { partition, offset } }) => `${partition}:${offset}`);
      assert.equal(new Set(places).size, 500);
      assert.equal(producers.outstanding, 0);
    }
  },
);

testOnEachCluster("a message that cannot be sent in time fails", async ({ kafka, topic }) => {
  const producer = kafka.newProducer({
    "bootstrap.servers": "127.0.0.1:1",
    "message.timeout.ms": 100,
  });
  const result = new Result();
  producer.produce(topic, toBytes("x"), null, { listener: result });
  await producer.flush(DEADLINE_MS);
  assert.equal(result.error.codeName, "_MSG_TIMED_OUT");
  assert.equal(result.possiblyPersisted, false);
});

testOnEachCluster("a message that only the broker finds too large fails with its reason", async (
  { kafka, settings, topic, isReal },
) => {
  if (!isReal) kafka.mock.failRequests(PRODUCE, [10]);
  const producer = kafka.newProducer({ ...settings, "message.max.bytes": 50_000_000 });
  const result = new Result();
  producer.produce(topic, new Uint8Array(45_000_000), null, { listener: result });
  await producer.flush(DEADLINE_MS);
  assert.equal(result.error.codeName, "MSG_SIZE_TOO_LARGE");
  assert.match(result.error.message, /message\.max\.bytes/);
  assert.equal(result.possiblyPersisted, false);
});

testOnEachCluster("a message to a topic that does not exist fails", async ({ kafka, settings }) => {
  const producer = kafka.newProducer({
    ...settings,
    "allow.auto.create.topics": false,
    "topic.metadata.propagation.max.ms": 500, // until then it may come to be, so that produce() does not throw
    "message.timeout.ms": 5_000,
  });
  const result = new Result();
  producer.produce(uniqueName("nowhere"), toBytes("x"), null, { listener: result });
  await producer.flush(DEADLINE_MS);
  assert.match(result.error.codeName, /^(_UNKNOWN_TOPIC|UNKNOWN_TOPIC_OR_PART)$/);
  assert.equal(result.possiblyPersisted, false);
});

Deno.test("what a broker refuses fails, and is counted as any other failure", async () => {
  for (const shared of [false, true]) {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    kafka.mock.failRequests(PRODUCE, new Array(10).fill(TOPIC_AUTHORIZATION_FAILED));
    const producer = kafka.newProducers({ shared, idleMs: 0, maxIdle: 0 }, { "linger.ms": 50 })
      .lease(undefined, somebody);
    const result = new Result();
    producer.produce(topic, toBytes("x"), null, {
      listener: result,
      headers: [[toBytes("h"), null]],
    });
    producer.produce(topic, toBytes("y"), null);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    assert.equal(result.error.codeName, "TOPIC_AUTHORIZATION_FAILED");
    assert.equal(producer.takeFailed(), 2);
    assert.equal(kafka.observer.failedMessages.length, 2);
  }
});

Deno.test("a message that librdkafka does not take has no result, and its slot is free again", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "message.max.bytes": 1_000 });
  const [refused, taken] = [new Result(), new Result()];
  assert.throws(() => producer.produce(topic, new Uint8Array(2_000), null, { listener: refused }));
  assert.ok(producer.produce(topic, toBytes("x"), null, { listener: taken }));
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.deepEqual(refused.all, []);
  assert.equal(taken.delivery.offset, 0);
});

for (const shared of [false, true]) {
  Deno.test(`closing fails whatever is not delivered (${shared ? "shared" : "own"} producer)`, async () => {
    await using kafka = await TestKafka.start();
    kafka.mock.setBrokerUp(1, false);
    const producers = kafka.newProducers({ shared, idleMs: 0, maxIdle: 0 });
    const producer = producers.lease(undefined, somebody);
    const results = Array.from({ length: 50 }, () => new Result());
    for (const listener of results) producer.produce("a", toBytes("x"), null, { listener });
    await producers.close(50);
    for (const { error } of results) assert.equal(error.codeName, "_PURGE_QUEUE");
  });
}

Deno.test("a producer that ends without a report of its message fails it, and says that it may be in Kafka", async () => {
  await using kafka = await TestKafka.start();
  const { library, observer } = kafka.environment;
  const failures = new DeliveryFailures(library, observer);
  const deliveries = new Deliveries(library, failures, { shared: false });
  const result = new Result();
  const user = deliveries.admit(new Outstanding(), somebody);
  deliveries.request(0, result);
  deliveries.taken(user, 1);
  deliveries.abandon();
  deliveries.abandon();
  assert.equal(result.error.message, "no delivery report; may have been delivered");
  assert.equal(result.possiblyPersisted, true);
});

Deno.test("what is on its way to a slow broker when all closes may be in Kafka", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producers = kafka.newProducers({ shared: false, idleMs: 0, maxIdle: 0 });
  const producer = producers.lease(undefined, somebody);
  producer.produce(topic, toBytes("connects"), null);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  kafka.mock.setRoundTripMs(60_000);
  const result = new Result();
  producer.produce(topic, toBytes("x"), null, { listener: result });
  await producers.close(500);
  assert.equal(result.error.codeName, "_PURGE_INFLIGHT");
  assert.equal(result.possiblyPersisted, true);
});

Deno.test("a connection that ends does not end the results of its messages", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers({ shared: false, idleMs: 0, maxIdle: 0 });
  const producer = producers.lease(undefined, somebody);
  const result = new Result();
  producer.produce(topic, toBytes("x"), null, { listener: result });
  assert.equal(await producer.close(0), 1);
  assert.equal(producers.draining.count, 1);
  kafka.mock.setBrokerUp(1, true);
  await until(() => result.all.length > 0, "the result");
  assert.equal(result.delivery.offset, 0);
});

Deno.test("a producer with a fatal error fails what it has; its successor delivers", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const INIT_PRODUCER_ID = 22;
  kafka.mock.failRequests(INIT_PRODUCER_ID, [31]); // CLUSTER_AUTHORIZATION_FAILED
  const producer = kafka.newProducer({ "enable.idempotence": true });
  const [lost, refused, delivered] = [new Result(), new Result(), new Result()];
  producer.produce(topic, toBytes("lost"), null, { listener: lost });
  await until(() => lost.all.length > 0, "the end of the first producer");
  assert.equal(producer.produce(topic, toBytes("x"), null, { listener: refused }), false);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  await producer.produceWhenRoom(topic, toBytes("x"), null, signal, { listener: delivered });
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.equal(lost.error.codeName, "_PURGE_QUEUE");
  assert.deepEqual(refused.all, []);
  assert.equal(delivered.delivery.offset, 0);
});

Deno.test("with acks 0 the offset is not known", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "acks": 0, "linger.ms": 200 });
  const results = Array.from({ length: 3_000 }, () => new Result());
  for (const listener of results) producer.produce(topic, toBytes("x"), null, { listener });
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  assert.deepEqual(new Set(results.map(({ delivery }) => delivery.offset)), new Set([undefined]));
});

Deno.test("a listener may use its producer", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer: ProducerLease = kafka.newProducer({ "linger.ms": 20 });
  const results: Result[] = [];
  const again: DeliveryListener = {
    delivered: () => {
      const listener = new Result();
      results.push(listener);
      producer.produce(topic, toBytes("again"), null, { listener });
      void producer.flush(0); // reads the reports that are there
    },
    failed: (error) => assert.fail(error.message),
  };
  for (let n = 0; n < 10; n++) producer.produce(topic, toBytes(`${n}`), null, { listener: again });
  await until(() => results.length === 10 && results.every(({ all }) => all.length > 0), "all");
  assert.equal(new Set(results.map(({ delivery }) => delivery.offset)).size, 10);
});
