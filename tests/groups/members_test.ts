/**
 * A stream group among other members of its Kafka group, and through what happens to a member: rebalances, a clock that
 * nobody polls by, the end of its gateway.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MAX_ID, MIN_ID, placeOf } from "../../src/groups/stream_id.ts";
import { uniqueName, until } from "../support/gateway.ts";
import { ack, mustPop, produceAll, testOnEachKafka } from "../support/kafka.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { never, numbers, TestGroup, testWithGateways, valuesOf } from "./group_support.ts";

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
  async ({ start, newTopic }) => {
    const consumer = { "max.poll.interval.ms": 6_000, "session.timeout.ms": 6_000 };
    await using log = await CapturedLog.start();
    await using gateway = await start({ consumer });
    const test = new TestGroup(gateway, undefined, newTopic());
    await test.create();
    await test.fill(3);
    const entries = await test.take(3);
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    assert.equal((await test.open()).ack(entries.map(({ id }) => id)), 3);
    assert.equal(log.count("gives up"), 0);
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
    const startMs = performance.now();
    assert.deepEqual(valuesOf(await test.at(gateway).take(5)), valuesOf(entries.slice(15)));
    assert.ok(
      performance.now() - startMs < 3_000,
      "the group did not wait for the member that has left",
    );
  },
);

testOnEachKafka("metadata of another client is no acks", async (start) => {
  await using gateway = await start();
  const test = new TestGroup(gateway);
  await test.create();
  await test.fill(4);
  const { admin } = gateway.rafka.server.state.cluster;
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
