/**
 * A stream group among other members of its Kafka group, and through what happens to a member: rebalances, a clock that
 * nobody polls by, the end of its gateway.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MAX_ID, MIN_ID, placeOf } from "../../src/streams/stream_id.ts";
import { uniqueName, until } from "../support/gateway.ts";
import { ack, mustPop, produceAll, testOnEachKafka, testOnRealKafka } from "../support/kafka.ts";
import { CapturedLog } from "../support/captured_log.ts";
import {
  drain,
  never,
  numbers,
  TestGroup,
  testWithGateways,
  untilAcked,
  untilShared,
  valuesOf,
} from "./group_support.ts";

testOnEachKafka(
  "BLPOP workers and readers of a stream share a group: each message is for one of them",
  async (start) => {
    await using gateway = await start();
    const test = new TestGroup(gateway);
    await test.create();
    const group = await test.open();
    const worker = await gateway.connectAs(`${test.name}:blpop`);
    const popping = worker.pop(`topics:${test.topic}`, 60);
    await until(
      () => group.partitions.size > 0 && group.partitions.size < 4,
      "both to have partitions",
    );
    await test.fill(400, 0, (n) => `key-${n}`);
    const popped = [Number((await popping)!.value)];
    const entries = [];
    while (popped.length + entries.length < 400) {
      entries.push(...await test.take(400, "c", 100));
      for (let message; (message = await worker.pop(`topics:${test.topic}`, 0.1));) {
        popped.push(Number(message.value));
      }
    }
    assert.deepEqual([...popped, ...valuesOf(entries)].sort((a, b) => a - b), numbers(400));
    assert.equal(group.ack(entries.map(({ id }) => id)), entries.length);
    worker[Symbol.dispose]();
  },
);

testOnEachKafka(
  "what a BLPOP worker has acked is not delivered to readers of the stream",
  async (start) => {
    await using gateway = await start();
    const test = new TestGroup(gateway);
    await test.create();
    await test.fill(5);
    const worker = await gateway.connectAs(`${test.name}:blpop`);
    for (let n = 0; n < 3; n++) {
      assert.equal(
        await ack(worker, await mustPop(worker, test.topic)),
        ":1\r\n",
      );
    }
    worker[Symbol.dispose]();
    await gateway.untilSessions(0);
    const left = await test.take(2);
    assert.equal(valuesOf(left).length, 2);
    assert.deepEqual((await test.open()).take("c", 10, false), []);
  },
);

testOnEachKafka(
  "order key: entries of a key come one after the other, those of others meanwhile",
  async (start) => {
    await using gateway = await start({ server: { streams: { order: "key" } } });
    const test = new TestGroup(gateway);
    await test.create();
    using client = await gateway.connect();
    const keys = ["a", "b", "c"];
    await produceAll(client, numbers(30).map((n) => [`${test.topic}:${keys[n % 3]}`, `${n}`]));
    const group = await test.open();
    const seen: number[] = [];
    while (seen.length < 30) {
      const entries = await test.take(3);
      const values = entries.map(({ message }) => Number(new TextDecoder().decode(message.value!)));
      assert.deepEqual(new Set(values.map((value) => value % 3)).size, values.length, `${values}`);
      seen.push(...values);
      group.ack(entries.map(({ id }) => id));
    }
    for (const key of [0, 1, 2]) {
      const ofKey = seen.filter((value) => value % 3 === key);
      assert.deepEqual(ofKey, ofKey.toSorted((a, b) => a - b));
    }
  },
);

testWithGateways(
  "a group stays alive while nobody asks and nobody waits",
  async ({ start, newTopic, isReal }) => {
    const limitMs = isReal ? 6_000 : 2_000; // a broker's shortest
    const session = isReal ? { "session.timeout.ms": limitMs } : {};
    await using log = await CapturedLog.start();
    await using gateway = await start({
      consumer: { "max.poll.interval.ms": limitMs, ...session },
    });
    const test = new TestGroup(gateway, undefined, newTopic());
    await test.create();
    await test.fill(3);
    const entries = await test.take(3);
    using worker = await gateway.connectAs(`${uniqueName("silent")}:blpop`);
    await mustPop(worker, test.topic);
    await log.has("maximum poll interval"); // a worker that is silent for less long has lost its partitions
    assert.equal((await test.open()).ack(entries.map(({ id }) => id)), 3);
    assert.equal(log.count(`${test.name}:rafka gives up`), 0);
  },
);

testWithGateways(
  "the end of a gateway commits acks and leaves its groups; who waits is told",
  async ({ start, newTopic }) => {
    const first = await start();
    const test = new TestGroup(first, undefined, newTopic());
    await test.create();
    await test.fill(20);
    const entries = await test.take(20);
    const group = await test.open();
    const waiting = test.groups.wait([group], Infinity, never).then(() =>
      group.take("c", 1, false)
    );
    waiting.catch(() => {});
    group.ack(entries.slice(0, 15).map(({ id }) => id));
    await first[Symbol.asyncDispose]();
    await assert.rejects(waiting, { codeName: "GROUP_ID_NOT_FOUND" });

    await using gateway = await start();
    // sooner than the 45 s after which a real Kafka would have missed the member that has left
    assert.deepEqual(valuesOf(await test.at(gateway).take(5)), valuesOf(entries.slice(15)));
  },
);

testOnEachKafka("metadata of another client is no acks", async (start) => {
  await using gateway = await start();
  const test = new TestGroup(gateway);
  await test.create();
  await test.fill(4);
  const { admin } = gateway.rafka.server.state.principals.own.cluster;
  await admin.alterGroupOffsets(
    test.name,
    [0, 1, 2, 3].map((partition) => ({
      topic: test.topic,
      partition,
      offset: 0n,
      metadata: "rafka1:not ours",
    })),
  );
  assert.deepEqual(valuesOf(await test.take(4)), numbers(4));
});

testOnEachKafka(
  "an entry that was claimed is the claimer's, also beyond the memory",
  async (start) => {
    await using gateway = await start({ server: { streams: { pendingBytes: 0 } } });
    const test = new TestGroup(gateway);
    await test.create();
    await test.fill(6);
    const group = await test.open();
    const entries = await test.take(6, "a");
    const ids = entries.map(({ id }) => id);
    const claimed = await group.claim("b", ids.slice(0, 2), { minIdleMs: 0 });
    assert.deepEqual(
      valuesOf(claimed.map(({ message }) => ({ message: message! }))),
      valuesOf(entries.slice(0, 2)),
    );
    assert.equal(group.deleteConsumer("a"), 4);
    assert.deepEqual(valuesOf(await test.take(4, "c")), valuesOf(entries.slice(2)));
    const history = await group.history("b", MIN_ID, 10);
    assert.deepEqual(new Set(history.map(({ id }) => placeOf(id).offset)).size > 0, true);
    assert.equal(group.ack(ids), 6);
    assert.deepEqual(group.pending({ start: MIN_ID, end: MAX_ID, count: 10 }), []);
  },
);

testOnEachKafka(
  "a topic without messages is waited for, and its first entry comes",
  async (start) => {
    await using gateway = await start();
    const test = new TestGroup(gateway, uniqueName("group"));
    await test.create("end");
    const waiting = test.take(1);
    await test.fill(1, 5);
    assert.deepEqual(valuesOf(await waiting), [5]);
  },
);

testWithGateways(
  "an assignor that takes all partitions at each rebalance gives those that come back as they were",
  async ({ start, newTopic, isReal }) => {
    const consumer = { "partition.assignment.strategy": "range" };
    await using one = await start({ consumer });
    await using other = await start({ consumer });
    const test = new TestGroup(one, undefined, newTopic());
    await test.create();
    await test.fill(100, 0, (n) => `key-${n}`);
    const entries = await test.take(100);
    const group = await test.open();
    group.ack(entries.filter((_, at) => at % 4 === 0).map(({ id }) => id));
    await untilAcked(test, 25);
    const elsewhere = await test.at(other).open();
    await untilShared(group, elsewhere);
    const pending = entries.filter((_, at) => at % 4 !== 0);
    const kept = pending.filter(({ id }) => group.partitions.has(placeOf(id).partition));
    const moved = pending.filter((entry) => !kept.includes(entry));
    if (!isReal) { // partitions may move again meanwhile
      const again = valuesOf(await drain(test, test.at(other)));
      for (const value of again) assert.ok(valuesOf(pending).includes(value), `${value} was acked`);
      return;
    }
    assert.ok(kept.length > 0 && moved.length > 0);
    assert.deepEqual(group.take("c", 100, false), [], "what stayed is not delivered again");
    assert.equal(group.pendingSummary().count, kept.length);
    assert.deepEqual(valuesOf(await test.at(other).take(moved.length)), valuesOf(moved));
    assert.equal(group.ack(kept.map(({ id }) => id)), kept.length);
    assert.equal(elsewhere.ack(moved.map(({ id }) => id)), moved.length);
    await test.fill(20, 100, (n) => `key-${n}`);
    assert.deepEqual(valuesOf(await drain(test, test.at(other))), numbers(20, 100));
  },
);

testOnRealKafka(
  "pending entries that Kafka has deleted are found by who claims them, and dropped and counted by themselves",
  async (start) => {
    await using gateway = await start({ server: { streams: { pendingBytes: 0 } } });
    const test = new TestGroup(gateway);
    await test.create();
    await test.fill(6, 0, () => "key");
    const entries = await test.take(6, "a");
    const { partition } = placeOf(entries[0]!.id);
    const group = await test.open();
    const { admin } = gateway.rafka.server.state.principals.own.cluster;
    await admin.deleteRecords(test.topic, new Map([[partition, 2n]]));
    const claim = { minIdleMs: 0, count: 1, justId: false };
    const { deleted } = await group.autoClaim("b", MIN_ID, claim);
    await until(() => group.pendingSummary().count === 4, "the others to be dropped");
    const { lostPending } = gateway.rafka.server.state.telemetry.messages;
    assert.equal(deleted.length + lostPending.total, 2, "by the claim, or before it");
    assert.equal(group.ack(entries.map(({ id }) => id)), 4);
  },
);
