/**
 * Producers that are leased to one connection after the other: who gets which, how many are kept and for how long, and
 * that no connection hears of another's messages.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Producers } from "../../../src/kafka/producer/producers.ts";
import { until } from "../../support/gateway.ts";
import { DEADLINE_MS, somebody, TestKafka, toBytes } from "../../support/kafka_environment.ts";

const PRODUCE = 0;
const INIT_PRODUCER_ID = 22;
const INVALID_RECORD = 87;
const CLUSTER_AUTHORIZATION_FAILED = 31;
const FOR_LONG = { shared: false, idleMs: 3_600_000, maxIdle: 100 };

Deno.test("a producer is leased to one at a time, and again when it came back", async () => {
  await using kafka = await TestKafka.start();
  const producers = kafka.newProducers(FOR_LONG);
  const [one, two] = [producers.lease("a", somebody), producers.lease("a", somebody)];
  assert.deepEqual([producers.count, producers.idleCount], [2, 0]);
  for (const lease of [one, two]) assert.equal(lease.produce("t", toBytes("x"), null), true);
  assert.equal(await one.close(DEADLINE_MS), 0);
  assert.deepEqual([producers.count, producers.idleCount], [2, 1]);
  const three = producers.lease("a", somebody);
  assert.deepEqual([producers.count, producers.idleCount], [2, 0]);
  producers.lease("a", somebody);
  assert.equal(producers.count, 3);
  assert.equal(await two.flush(DEADLINE_MS), 0);
  assert.equal(await three.flush(0), 0);
  assert.equal(kafka.observer.deliveredCount, 2);
});

Deno.test("a producer is leased again under the name that Kafka knows it by only", async () => {
  await using kafka = await TestKafka.start();
  const producers = kafka.newProducers(FOR_LONG);
  await producers.lease("a", somebody).close(0);
  await producers.lease(undefined, somebody).close(0);
  producers.lease("b", somebody);
  assert.deepEqual([producers.count, producers.idleCount], [3, 2]);
  producers.lease(undefined, somebody);
  producers.lease("a", somebody);
  assert.deepEqual([producers.count, producers.idleCount], [3, 0]);
});

Deno.test("where the settings say the client.id, any producer is for anybody", async () => {
  await using kafka = await TestKafka.start();
  const producers = kafka.newProducers(FOR_LONG, { "client.id": "fixed" });
  await producers.lease("a", somebody).close(0);
  producers.lease("b", somebody);
  assert.equal(producers.count, 1);
});

Deno.test("no more idle producers are kept than allowed, and the longest idle goes first", async () => {
  await using kafka = await TestKafka.start();
  const producers = kafka.newProducers({ ...FOR_LONG, maxIdle: 2 });
  const leases = ["a", "b", "c", "d"].map((name) => producers.lease(name, somebody));
  for (const lease of leases) await lease.close(0);
  assert.equal(producers.idleCount, 2);
  await until(() => producers.count === 2, "the end of the others");
  producers.lease("c", somebody);
  producers.lease("d", somebody);
  assert.deepEqual([producers.count, producers.idleCount], [2, 0]);
});

Deno.test("an idle producer ends when its time is over, one that came back later stays", async () => {
  await using kafka = await TestKafka.start();
  const producers = kafka.newProducers({ ...FOR_LONG, idleMs: 300 });
  const later = producers.lease("later", somebody);
  await producers.lease("soon", somebody).close(0);
  await until(() => producers.count === 1, "the end of the idle one");
  await later.close(0);
  assert.deepEqual([producers.count, producers.idleCount], [1, 1]);
  await until(() => producers.count === 0, "the end of the other, too");
});

Deno.test("a producer whose connection has ended is the next one's while messages are on their way; each counts its own", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers(FOR_LONG, { "reconnect.backoff.max.ms": 100 });
  const one = producers.lease("a", somebody);
  for (const text of ["x", "y"]) one.produce("t", toBytes(text), null);
  const oneEnds = one.close(DEADLINE_MS);
  const two = producers.lease("a", somebody);
  two.produce("t", toBytes("z"), null);
  assert.deepEqual([one.outstanding, two.outstanding, producers.count], [2, 1, 1]);
  producers.lease("a", somebody);
  assert.equal(producers.count, 2, "a third connection beside the second has its own");
  kafka.mock.setBrokerUp(1, true);
  assert.deepEqual(await Promise.all([oneEnds, two.flush(DEADLINE_MS)]), [0, 0]);
  assert.deepEqual([kafka.observer.deliveredCount, producers.idleCount], [3, 0]);
  assert.equal(await two.close(DEADLINE_MS), 0);
  assert.equal(producers.idleCount, 1);
});

Deno.test("a connection does not get a producer with very many messages of another", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers(FOR_LONG);
  const one = producers.lease("a", somebody);
  for (let n = 0; n < 101; n++) one.produce("t", toBytes("x"), null);
  void one.close(DEADLINE_MS);
  producers.lease("a", somebody);
  assert.equal(producers.count, 2);
});

Deno.test("what fails of a connection that has ended is no failure of the one that has its producer", async () => {
  await using kafka = await TestKafka.start();
  const [good, bad] = [kafka.newTopic(), kafka.newTopic()];
  const producers = kafka.newProducers(FOR_LONG, { "linger.ms": 100 });
  kafka.mock.failRequests(PRODUCE, [INVALID_RECORD]);
  const one = producers.lease("a", somebody);
  one.produce(bad, toBytes("x"), null);
  const oneEnds = one.close(DEADLINE_MS);
  const two = producers.lease("a", somebody);
  assert.equal(await oneEnds, 0);
  two.produce(good, toBytes("x"), null);
  assert.equal(await two.flush(DEADLINE_MS), 0);
  assert.deepEqual([one.takeFailed(), two.takeFailed(), producers.count], [1, 0, 1]);
});

Deno.test("a producer that takes long to deliver what a connection has left is leased only then", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers(FOR_LONG, { "reconnect.backoff.max.ms": 100 });
  assert.equal(await leave(producers, 1), 1);
  assert.deepEqual([producers.draining.count, producers.draining.messages], [1, 1]);
  producers.lease("a", somebody);
  assert.deepEqual([producers.count, producers.idleCount], [2, 0]);
  kafka.mock.setBrokerUp(1, true);
  await until(() => producers.idleCount === 1, "the end of its work");
  assert.equal(kafka.observer.deliveredCount, 1);
  assert.deepEqual([producers.draining.count, kafka.observer.failures.length], [0, 0]);
});

Deno.test("of too many producers whose connections are gone, the one that has tried longest gives up", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers({ ...FOR_LONG, maxDraining: 1 });
  await leave(producers, 3);
  await leave(producers, 2);
  await until(() => producers.count === 1, "the end of the first");
  assert.equal(producers.draining.messages, 2);
  const [failure, ...more] = kafka.observer.failures;
  assert.partialDeepStrictEqual(failure, { count: 3, unflushed: true });
  assert.match(failure!.error.message, /^given up \(.*, maxDrainingProducers is 1\): /);
  assert.deepEqual(more, []);
});

Deno.test("of producers with too many bytes, too, but the latest may have as many as there are", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers({ ...FOR_LONG, maxDrainingBytes: 2 });
  await leave(producers, 1);
  await leave(producers, 1);
  assert.equal(producers.draining.count, 2);
  await leave(producers, 3);
  await until(() => producers.count === 1, "the end of the others");
  assert.equal(producers.draining.messages, 3);
  assert.match(kafka.observer.failures[0]!.error.message, /maxDrainingBytes is 2/);
});

Deno.test("a producer that knows very many topics is not kept: the next lease would be slow with it", async () => {
  await using kafka = await TestKafka.start();
  const producers = kafka.newProducers(FOR_LONG);
  for (const [topics, kept] of [[1_000, 1], [1_001, 0]] as const) {
    const lease = producers.lease(`with ${topics}`, somebody);
    for (let n = 0; n < topics; n++) lease.produce(`topic-${n}`, toBytes("x"), null);
    const before = producers.idleCount;
    assert.equal(await lease.close(DEADLINE_MS), 0);
    assert.equal(producers.idleCount - before, kept, `${topics} topics`);
  }
});

Deno.test("what failed under one lease is no failure of the next", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producers = kafka.newProducers(FOR_LONG);
  const one = producers.lease("a", somebody);
  kafka.mock.failRequests(PRODUCE, [INVALID_RECORD]);
  one.produce(topic, toBytes("x"), null);
  await one.close(DEADLINE_MS);
  const two = producers.lease("a", somebody);
  assert.equal(producers.count, 1);
  two.produce(topic, toBytes("x"), null);
  assert.equal(await two.flush(DEADLINE_MS), 0);
  assert.deepEqual([one.takeFailed(), two.takeFailed()], [1, 0]);
});

for (const shared of [false, true]) {
  const mode = shared ? "shared" : "leased";
  Deno.test(`a producer with a fatal error is replaced, its messages fail (${mode})`, async () => {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    kafka.mock.failRequests(INIT_PRODUCER_ID, [CLUSTER_AUTHORIZATION_FAILED]);
    const producers = kafka.newProducers({ ...FOR_LONG, shared }, { "enable.idempotence": true });
    const lease = producers.lease("a", somebody);
    lease.produce(topic, toBytes("lost"), null);
    assert.equal(await lease.flush(DEADLINE_MS), 0);
    assert.equal(lease.takeFailed(), 1);
    assert.equal(kafka.observer.failures.length, 1);
    assert.match(kafka.observer.failures[0]!.error.message, /: .*Cluster authorization failed/);

    assert.equal(lease.produce(topic, toBytes("taken"), null), false, "not by this producer");
    await lease.produceWhenRoom(topic, toBytes("taken"), null, new AbortController().signal);
    assert.equal(await lease.flush(DEADLINE_MS), 0);
    assert.deepEqual([lease.takeFailed(), kafka.observer.deliveredCount], [0, 1]);
    await until(() => producers.count === 1, "the end of the first");
  });
}

Deno.test("users of a shared producer count and wait for their own messages only", async () => {
  await using kafka = await TestKafka.start();
  const [good, bad] = [kafka.newTopic(), kafka.newTopic()];
  const producers = kafka.newProducers({ ...FOR_LONG, shared: true }, { "linger.ms": 100 });
  const [one, two, three] = [
    producers.lease("a", somebody),
    producers.lease("b", somebody),
    producers.lease("c", somebody),
  ];
  kafka.mock.failRequests(PRODUCE, [INVALID_RECORD]);
  for (let n = 0; n < 3; n++) {
    one.produce(bad, toBytes("x"), null);
    if (n > 0) two.produce(bad, toBytes("x"), null);
  }
  assert.deepEqual([one, two, three].map(({ outstanding }) => outstanding), [3, 2, 0]);
  assert.equal(producers.outstanding, 5);
  assert.equal(await three.flush(DEADLINE_MS), 0);
  assert.equal(await one.flush(DEADLINE_MS), 0);
  three.produce(good, toBytes("x"), null);
  assert.equal(await three.flush(DEADLINE_MS), 0);
  assert.deepEqual([one, two, three].map((lease) => lease.takeFailed()), [3, 2, 0]);
  assert.deepEqual([producers.count, producers.outstanding], [1, 0]);
});

Deno.test("messages of a user that is gone are still counted by a shared producer, and by nobody else", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers({ ...FOR_LONG, shared: true });
  const gone = producers.lease("a", somebody);
  for (let n = 0; n < 3; n++) gone.produce("t", toBytes("x"), null);
  assert.equal(await gone.close(50), 3);
  const next = producers.lease("b", somebody);
  assert.deepEqual([next.outstanding, producers.outstanding], [0, 3]);
  next.produce("t", toBytes("x"), null);
  kafka.mock.setBrokerUp(1, true);
  assert.equal(await next.flush(DEADLINE_MS), 0);
  await until(() => kafka.observer.deliveredCount === 4, "their delivery");
  assert.equal(producers.outstanding, 0);
});

Deno.test("the end of a shared producer gives its messages up and reports each topic", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  const producers = kafka.newProducers({ ...FOR_LONG, shared: true });
  const lease = producers.lease("a", somebody);
  for (const topic of ["t", "u", "t"]) lease.produce(topic, toBytes("x"), null);
  assert.equal(await lease.close(50), 3);
  await producers.close(50);
  const counts = kafka.observer.failures.map(({ topic, count }) => [topic, count]);
  assert.deepEqual(counts.sort(), [["t", 2], ["u", 1]]);
  assert.equal(producers.count, 0);
});

for (const shared of [false, true]) {
  const mode = shared ? "shared" : "leased";
  Deno.test(`messages that fail are reported with value and sender, also of who is gone (${mode})`, async () => {
    await using kafka = await TestKafka.start();
    kafka.mock.setBrokerUp(1, false);
    const producers = kafka.newProducers({ ...FOR_LONG, shared });
    const [anna, ben] = [{ id: "anna" }, { id: "ben" }];
    const [one, two] = [producers.lease("a", anna), producers.lease("a", ben)];
    one.produce("t", toBytes("Anna's"), null);
    two.produce("t", toBytes("Ben's"), null);
    anna.id = "annie";
    await one.close(50);
    anna.id = "nobody";
    await producers.close(0);
    const messages = kafka.observer.failedMessages.map(({ sender, text }) => `${sender}: ${text}`);
    assert.deepEqual(messages.sort(), ["annie: Anna's", "ben: Ben's"]);
  });
}

Deno.test("what a connection gives up while all producers end is reported once", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producers = kafka.newProducers(FOR_LONG, { "enable.idempotence": true });
  const lease = producers.lease("a", somebody);
  lease.produce(topic, toBytes("connects"), null);
  assert.equal(await lease.flush(DEADLINE_MS), 0);
  kafka.mock.setRoundTripMs(60_000);
  lease.produce(topic, toBytes("x"), null);
  const closed = lease.close(100);
  await Promise.all([closed, producers.close(0)]);
  assert.deepEqual(kafka.observer.failures.map(({ count }) => count), [1]);
});

Deno.test("a connection that brings very many topics gets a producer of its own, and keeps the order", async () => {
  await using kafka = await TestKafka.start();
  const producers = kafka.newProducers({ ...FOR_LONG, shared: true });
  const [many, other] = [producers.lease("a", somebody), producers.lease("b", somebody)];
  for (let n = 0; n < 1_001; n++) {
    if (many.produce(`topic-${n}`, toBytes("x"), null)) continue;
    await many.produceWhenRoom(`topic-${n}`, toBytes("x"), null, AbortSignal.timeout(DEADLINE_MS));
  }
  assert.equal(producers.count, 2);
  assert.ok(other.produce("topic-of-another", toBytes("x"), null));
  assert.equal(await many.flush(DEADLINE_MS), 0);
  assert.equal(await many.close(0), 0);
  await until(() => producers.count === 1, "the end of its producer");
  assert.equal(await other.flush(DEADLINE_MS), 0);
});

Deno.test("a shared producer that takes no more topics is replaced, and ends with its last connection", async () => {
  await using kafka = await TestKafka.start();
  const producers = kafka.newProducers({ ...FOR_LONG, shared: true });
  const leases = Array.from({ length: 4 }, (_, n) => producers.lease(`${n}`, somebody));
  leases.forEach((lease, at) => {
    for (let n = 0; n < 1_000; n++) assert.ok(lease.produce(`${at}-${n}`, toBytes("x"), null));
  });
  assert.equal(producers.count, 1);
  const next = producers.lease("next", somebody);
  assert.ok(next.produce("one-more", toBytes("x"), null));
  assert.equal(producers.count, 2);
  for (const lease of leases) await lease.close(DEADLINE_MS);
  await until(() => producers.count === 1, "the end of the full one", 120_000);
  assert.equal(await next.flush(DEADLINE_MS), 0);
  assert.equal(kafka.observer.deliveredCount, 4_001);
});

/** A connection produces so many messages of one byte, and goes; how many are left then. */
async function leave(producers: Producers, count: number): Promise<number> {
  const lease = producers.lease("a", somebody);
  for (let n = 0; n < count; n++) lease.produce("t", toBytes("x"), null);
  return await lease.close(50);
}
