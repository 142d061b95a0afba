/**
 * Consumers as members of a group, on the embedded cluster: what a close commits, who gets which partitions,
 * and who is alive.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Consumer } from "../../../src/kafka/consumer/consumer.ts";
import { KafkaError } from "../../../src/kafka/client/error.ts";
import { until } from "../../support/gateway.ts";
import {
  DEADLINE_MS,
  receive,
  TestKafka,
  textOf,
  toBytes,
} from "../../support/kafka_environment.ts";
import { CapturedLog } from "../../support/captured_log.ts";

const never = new AbortController().signal;

Deno.test("a close commits what was acked: the group goes on behind it", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["a", "b", "c", "d"]);
  const first = kafka.newConsumer({ topics: [topic], groupId: "g" });
  await receive(first, 3);
  first.ack(topic, 0, 0n);
  first.ack(topic, 0, 1n);
  await first.close();
  const second = kafka.newConsumer({ topics: [topic], groupId: "g" });
  assert.deepEqual((await receive(second, 2)).map(textOf), ["c", "d"]);
});

Deno.test("what was not acked is handed out again, also what was fetched ahead", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const texts = Array.from({ length: 100 }, (_, n) => `${n}`);
  await kafka.fill(topic, texts);
  const first = kafka.newConsumer({ topics: [topic], groupId: "g" });
  await receive(first, 10);
  await first.close();
  const second = kafka.newConsumer({ topics: [topic], groupId: "g" });
  assert.deepEqual((await receive(second, 100)).map(textOf), texts);
});

Deno.test("closing twice is closing once", async () => {
  await using kafka = await TestKafka.start();
  const consumer = kafka.newConsumer({ topics: [kafka.newTopic()] });
  assert.equal(consumer.close(), consumer.close());
  await consumer.close();
});

Deno.test("a consumer that has never reached a broker closes", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const consumer = kafka.newConsumer({ topics: ["a"] });
  await until(() => kafka.observer.errors.length > 0, "an error of the connection");
  const startMs = performance.now();
  await consumer.close();
  assert.ok(performance.now() - startMs < DEADLINE_MS);
});

/**
 * How the end of a consumer is logged that has acks to commit and no broker to take them: librdkafka itself gives
 * up after session.timeout.ms, the consumer does not wait longer than 5 s for that. Whichever is first says so; on a
 * busy machine librdkafka may not make it.
 */
const COULD_NOT_COMMIT = "warning: Consumer g:c could not commit";
const COULD_NOT_LEAVE = "error: Consumer g:c could not leave its group";
const lastCommits = [
  { sessionTimeoutMs: 1_000, either: [COULD_NOT_COMMIT, COULD_NOT_LEAVE] },
  { sessionTimeoutMs: 7_000, either: [COULD_NOT_LEAVE] },
];

for (const { sessionTimeoutMs, either } of lastCommits) {
  Deno.test(`a close without a broker ends in seconds and says that acks are lost, session.timeout.ms ${sessionTimeoutMs}`, async () => {
    await using log = await CapturedLog.start();
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    await kafka.fill(topic, ["a"]);
    const consumer = kafka.newConsumer({
      topics: [topic],
      groupId: "g",
      clientId: "c",
      settings: { "session.timeout.ms": sessionTimeoutMs },
    });
    await receive(consumer);
    kafka.mock.setBrokerUp(1, false);
    consumer.ack(topic, 0, 0n);
    const startMs = performance.now();
    await consumer.close();
    assert.ok(performance.now() - startMs < DEADLINE_MS);
    const said = either.reduce((sum, words) => sum + log.count(words), 0);
    assert.ok(said >= 1, log.lines.join("\n"));
  });
}

for (const strategy of ["range", "roundrobin", "cooperative-sticky"]) {
  Deno.test(`two consumers share the partitions, the last one has them all (${strategy})`, async () => {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic(2);
    const settings = { "partition.assignment.strategy": strategy };
    const options = { topics: [topic], groupId: "g", settings };
    const [one, other] = [kafka.newConsumer(options), kafka.newConsumer(options)];
    await untilEachReceives(kafka, topic, [one, other]);
    await one.close();
    await untilEachPartitionComesFrom(kafka, topic, other);
  });
}

Deno.test("the log says what a consumer has after a rebalance that gave it nothing", async () => {
  await using log = await CapturedLog.start();
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic(2);
  const settings = { "partition.assignment.strategy": "cooperative-sticky" };
  const options = { topics: [topic], groupId: "g", settings };
  const first = kafka.newConsumer({ ...options, clientId: "first" });
  await kafka.fill(topic, ["a"]);
  await receive(first);
  assert.deepEqual(log.lines.filter((line) => line.includes("is assigned")), [
    `info: Consumer g:first is assigned ${topic}[0,1]`,
  ]);
  await untilEachReceives(kafka, topic, [first, kafka.newConsumer(options)]);
  const [, , ...later] = log.lines.filter((line) => line.includes("g:first"));
  const gives = later.filter((line) =>
    /gives up \S+\[[01]\] \(it has \S+\[[01]\] now\)$/.test(line)
  );
  const keeps = later.filter((line) => / keeps \S+\[[01]\]$/.test(line));
  assert.ok(gives.length === 1 && keeps.length >= 1, later.join("\n"));
  assert.equal(later.length, gives.length + keeps.length, later.join("\n"));
});

Deno.test("who waits longer than max.poll.interval.ms keeps its partitions", async () => {
  await using log = await CapturedLog.start();
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const consumer = kafka.newConsumer({ topics: [topic], settings: SHORT_POLL_INTERVAL });
  assert.deepEqual(await consumer.receive(1, 5_000, never), []);
  await kafka.fill(topic, ["still there"]);
  assert.deepEqual((await receive(consumer)).map(textOf), ["still there"]);
  assert.equal(log.count(`is assigned ${topic}[0]`), 1, log.lines.join("\n"));
});

Deno.test("who does not ask for longer than max.poll.interval.ms loses its partitions to the others", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["a"]);
  const options = { topics: [topic], groupId: "g", settings: SHORT_POLL_INTERVAL };
  const stuck = kafka.newConsumer(options);
  assert.deepEqual((await receive(stuck)).map(textOf), ["a"]);
  assert.deepEqual((await receive(kafka.newConsumer(options))).map(textOf), ["a"]);
  assert.throws(
    () => stuck.poll(1),
    (error) => error instanceof KafkaError && error.codeName === "_MAX_POLL_EXCEEDED",
  );
});

Deno.test("who lost its partitions so cannot ack, gets nothing of what it had fetched, and joins again", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const texts = ["a", "b", "c", "d"];
  await kafka.fill(topic, texts);
  const options = { topics: [topic], groupId: "g", settings: SHORT_POLL_INTERVAL };
  const stuck = kafka.newConsumer(options);
  assert.deepEqual((await receive(stuck)).map(textOf), ["a"], "the others are fetched with it");
  await until(() => stuck.assigned.size === 0, "the loss");
  assert.throws(() => stuck.ack(topic, 0, 0n), {
    name: "KafkaError",
    codeName: "_ASSIGNMENT_LOST",
    message: `partition 0 of '${topic}' is not assigned to this consumer any more, ` +
      "it was lost in a rebalance",
  });

  const other = kafka.newConsumer(options);
  assert.deepEqual((await receive(other, texts.length)).map(textOf), texts);
  other.ack(topic, 0, 3n);
  await other.close(); // before there is a rebalance, in which a mock cluster takes no commit
  assert.throws(() => stuck.poll(1), { codeName: "_MAX_POLL_EXCEEDED" });
  await kafka.fill(topic, ["new"]);
  assert.deepEqual((await receive(stuck)).map(textOf), ["new"]);
  stuck.ack(topic, 0, 4n);
});

Deno.test("what is acked before max.poll.interval.ms is over is committed, however rare commits are", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["done", "next"]);
  const settings = { ...SHORT_POLL_INTERVAL, "auto.commit.interval.ms": 3_600_000 };
  const options = { topics: [topic], groupId: "g", settings };
  const slow = kafka.newConsumer(options);
  assert.deepEqual((await receive(slow)).map(textOf), ["done"]);
  slow.ack(topic, 0, 0n);
  await until(() => slow.assigned.size === 0, "the loss"); // a mock cluster takes no commit in a rebalance
  assert.deepEqual((await receive(kafka.newConsumer(options))).map(textOf), ["next"]);
});

Deno.test("a late ack is an error also when the partition has come back: others have acked more", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["a", "b", "c"]);
  const options = { topics: [topic], groupId: "g", settings: SHORT_POLL_INTERVAL };
  const stuck = kafka.newConsumer(options);
  assert.deepEqual((await receive(stuck)).map(textOf), ["a"]);
  const other = kafka.newConsumer(options);
  assert.deepEqual((await receive(other, 3)).map(textOf), ["a", "b", "c"]);
  other.ack(topic, 0, 2n);
  await other.close();
  assert.throws(() => stuck.poll(1), { codeName: "_MAX_POLL_EXCEEDED" });
  await kafka.fill(topic, ["d"]);
  assert.deepEqual((await receive(stuck)).map(textOf), ["d"]);
  assert.throws(() => stuck.ack(topic, 0, 0n), { message: notHandedOut(topic, 0) });
  await stuck.close();
  assert.deepEqual((await receive(kafka.newConsumer(options))).map(textOf), ["d"]);
});

Deno.test("an ack of a message that was not handed out is an error: nobody would ever see what is before it", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["a", "b", "c", "d"]);
  const consumer = kafka.newConsumer({ topics: [topic], groupId: "g" });
  await receive(consumer, 2);
  assert.throws(() => consumer.ack(topic, 0, 2n), { message: notHandedOut(topic, 2) });
  consumer.ack(topic, 0, 1n);
  consumer.ack(topic, 0, 0n); // goes back: that much was handed out
  await consumer.close();
  const next = kafka.newConsumer({ topics: [topic], groupId: "g" });
  assert.deepEqual((await receive(next)).map(textOf), ["b"]);
});

function notHandedOut(topic: string, offset: number): string {
  return `offset ${offset} of partition 0 of '${topic}' was not handed out to this consumer ` +
    "since the partition is assigned to it";
}

/** The least that makes the wait longer than the interval, as librdkafka looks at it twice a second. */
const SHORT_POLL_INTERVAL = {
  "max.poll.interval.ms": 1_500,
  "session.timeout.ms": 1_500,
  "heartbeat.interval.ms": 100,
};

/** Produces to both partitions until each of the consumers has got a message. */
async function untilEachReceives(
  kafka: TestKafka,
  topic: string,
  consumers: readonly Consumer[],
): Promise<void> {
  const without = new Set(consumers);
  await until(async () => {
    await produceToBothPartitions(kafka, topic);
    await Promise.all(consumers.map(async (consumer) => {
      if ((await consumer.receive(1, 100, never)).length > 0) without.delete(consumer);
    }));
    return without.size === 0;
  }, "messages for both consumers");
}

async function untilEachPartitionComesFrom(
  kafka: TestKafka,
  topic: string,
  consumer: Consumer,
): Promise<void> {
  const partitions = new Set<number>();
  await until(async () => {
    await produceToBothPartitions(kafka, topic);
    const [message] = await consumer.receive(1, 100, never);
    if (message) partitions.add(message.partition);
    return partitions.size === 2;
  }, "messages of both partitions");
}

async function produceToBothPartitions(kafka: TestKafka, topic: string): Promise<void> {
  const producer = kafka.newProducer();
  for (let n = 0; n < 8; n++) producer.produce(topic, toBytes("x"), toBytes(`key ${n}`));
  assert.equal(await producer.flush(DEADLINE_MS), 0);
}
