/**
 * Stream groups on the embedded and on a real Kafka: where they begin, what they deliver, what is left of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { StreamEntry } from "../../src/groups/group_entries.ts";
import { compareIds, MAX_ID, MIN_ID, placeOf } from "../../src/streams/stream_id.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { produceAll, TestCluster, testOnEachKafka, testOnRealKafka } from "../support/kafka.ts";
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

/** A group joins with many requests, one after the other. */
const SLOW_MS = 500;

testOnEachKafka("entries are delivered once, and acked once", async (start) => {
  await using gateway = await start();
  const test = new TestGroup(gateway);
  await test.create();
  await test.fill(100);
  const entries = await test.take(100);
  assert.deepEqual(valuesOf(entries), numbers(100));
  const group = await test.open();
  assert.deepEqual(group.take("c", 10, false), []);
  assert.equal(group.pendingSummary().count, 100);
  const ids = entries.map(({ id }) => id);
  assert.equal(group.ack(ids), 100);
  assert.equal(group.ack(ids), 0);
  assert.equal(group.pendingSummary().count, 0);
  const { lag, pending } = await group.info();
  assert.deepEqual([lag, pending], [0, 0]);
});

testOnEachKafka(
  "of those who create a group at the same time, one has created it",
  async (start) => {
    await using gateway = await start();
    const { groups, name, topic } = new TestGroup(gateway);
    const makeTopic = true;
    const made = Array.from({ length: 5 }, () => groups.create(name, topic, "end", { makeTopic }));
    assert.deepEqual((await Promise.all(made)).sort(), ["created", ...Array(4).fill("exists")]);
  },
);

testOnEachKafka(
  "what is claimed is the claimer's, also when that is deleted while Kafka is asked",
  async (start) => {
    await using gateway = await start({ server: { streams: { pendingBytes: 0 } } });
    const test = new TestGroup(gateway);
    await test.create();
    await test.fill(2, 0, () => "key");
    const group = await test.open();
    const [first, second] = (await test.take(2, "a")).map(({ id }) => id);
    assert.equal(group.ack([first!]), 1);
    const claiming = group.claim("b", [first!, second!], { minIdleMs: 0, force: true });
    assert.equal(group.deleteConsumer("b"), 0);
    group.createConsumer("c"); // gets the number that b had
    assert.equal((await claiming).length, 2);
    assert.deepEqual(group.pendingSummary().consumers, [[
      "b",
      2,
    ]]);
    assert.equal(group.ack([first!, second!]), 2);
    assert.equal(group.names.pending, 0);
  },
);

testOnEachKafka(
  "what is claimed has an idle time of its own, also with 0 deliveries",
  async (start) => {
    await using gateway = await start();
    const test = new TestGroup(gateway);
    await test.create();
    await test.fill(1);
    const [{ id }] = await test.take(1) as [StreamEntry];
    const group = await test.open();
    assert.equal((await group.claim("a", [id], { minIdleMs: 0, deliveries: 0 })).length, 1);
    assert.deepEqual(await group.claim("b", [id], { minIdleMs: 60_000 }), []);
    assert.equal(group.ack([id]), 1);
    assert.equal((await group.claim("a", [id], { minIdleMs: 60_000, force: true })).length, 1);
    assert.deepEqual(await group.claim("b", [id], { minIdleMs: 60_000, force: true }), []);
  },
);

testOnEachKafka("entries of several partitions come in the order of their ids", async (start) => {
  await using gateway = await start();
  const test = new TestGroup(gateway);
  await test.create();
  await test.fill(100, 0, (n) => `key${n}`);
  const group = await test.open();
  let count = 0;
  await until(() => {
    const ids = group.take("c", 100, false).map(({ id }) => id);
    assert.deepEqual(ids, ids.toSorted(compareIds));
    count += ids.length;
    return count === 100;
  }, "all entries");
});

testOnEachKafka("a group begins where it is told to", async (start) => {
  await using gateway = await start();
  const first = new TestGroup(gateway);
  const { groups, topic } = first;
  assert.equal(await groups.create("g", topic, MIN_ID, { makeTopic: false }), "no topic");
  assert.equal(await groups.open("g", topic), undefined, "no topic");
  await first.create();
  await first.fill(3);
  assert.equal(await groups.open("g", topic), undefined, "no group");
  const again = await groups.create(first.name, topic, "end", { makeTopic: false });
  assert.equal(again, "exists");

  const entries = (await first.take(3)).sort((a, b) =>
    a.id.ms - b.id.ms || Number(a.id.seq - b.id.seq)
  );
  const atEnd = new TestGroup(gateway, uniqueName("end"), topic);
  await atEnd.create("end");
  const behind = new TestGroup(gateway, uniqueName("behind"), topic);
  await behind.create(entries[1]!.id);
  await first.fill(1, 3);
  assert.deepEqual(valuesOf(await atEnd.take(1)), [3]);
  const later = [entries[2]!, ...await first.take(1)];
  assert.deepEqual(valuesOf(await behind.take(2)), valuesOf(later));
  assert.deepEqual((await atEnd.open()).take("c", 9, false), []);
});

testWithGateways(
  "the next gateway delivers what is not acked, and counts its deliveries",
  async ({ start, newTopic }) => {
    const test = new TestGroup(await start(), undefined, newTopic());
    await test.create();
    await test.fill(50);
    const entries = await test.take(50);
    const [kept, acked] = [entries.slice(0, 7), entries.slice(7)];
    assert.equal((await test.open()).ack(acked.map(({ id }) => id)), 43);
    await test.gateway[Symbol.asyncDispose]();

    await using gateway = await start();
    const next = test.at(gateway);
    const group = await next.open();
    assert.equal((await group.info()).lag, 7);
    assert.deepEqual(valuesOf(await next.take(7)), valuesOf(kept));
    assert.deepEqual(group.take("c", 10, false), []);
    const pending = group.pending({ start: MIN_ID, end: MAX_ID, count: 10 });
    assert.deepEqual(pending.map(({ deliveries }) => deliveries), Array(7).fill(2));
  },
);

testWithGateways(
  "two gateways share the partitions of a group; what was pending comes again, what was acked does not",
  async ({ start, newTopic, isReal }) => {
    await using one = await start();
    await using other = await start();
    const test = new TestGroup(one, undefined, newTopic());
    await test.create();
    await test.fill(200);
    const entries = await test.take(200);
    const acked = entries.filter((_, at) => at % 3 !== 0);
    const group = await test.open();
    group.ack(acked.map(({ id }) => id));

    await untilAcked(test, acked.length);
    const elsewhere = await test.at(other).open();
    await untilShared(group, elsewhere);
    const left = entries.filter((entry) => !acked.includes(entry));
    if (!isReal) { // partitions may move again meanwhile
      const again = valuesOf(await drain(test, test.at(other)));
      for (const value of again) assert.ok(valuesOf(left).includes(value), `${value} was acked`);
      return;
    }
    const moved = left.filter(({ id }) => elsewhere.partitions.has(placeOf(id).partition));
    assert.deepEqual(valuesOf(await test.at(other).take(moved.length)), valuesOf(moved));
    assert.deepEqual(elsewhere.take("c", 10, false), []);
    assert.deepEqual(group.take("c", 10, false), [], "what stayed is pending as it was");
    const ids = moved.map(({ id }) => id);
    assert.equal(group.ack(ids), 0, "they are the other gateway's");
    assert.equal(elsewhere.ack(ids), moved.length);
    assert.equal(group.pendingSummary().count, left.length - moved.length);
  },
);

testOnEachKafka("SETID goes back and ahead, and what is pending stays pending", async (start) => {
  await using gateway = await start();
  const test = new TestGroup(gateway);
  await test.create();
  await test.fill(10);
  const group = await test.open();
  const entries = await test.take(10, "a");
  group.ack(entries.slice(0, 5).map(({ id }) => id));
  assert.equal(await test.groups.setId(test.name, test.topic, MIN_ID), "set");
  assert.equal(group.pendingSummary().count, 5);
  assert.deepEqual(valuesOf(await test.take(10, "b")), numbers(10));
  assert.deepEqual(group.pendingSummary().consumers, [["b", 10]]);

  await test.fill(5, 10);
  assert.equal(await test.groups.setId(test.name, test.topic, "end"), "set");
  await test.fill(1, 15);
  assert.deepEqual(valuesOf(await test.take(1)), [15]);
  assert.equal(await test.groups.setId("nobody", test.topic, "end"), "no group");
  assert.equal(await test.groups.setId(test.name, uniqueName("none"), "end"), "no topic");
});

testOnEachKafka("a group that is destroyed is gone, and can be made again", async (start) => {
  await using gateway = await start();
  const test = new TestGroup(gateway);
  await test.create();
  await test.fill(5);
  const entries = await test.take(5);
  const group = await test.open();
  group.ack(entries.map(({ id }) => id));
  assert.equal(await test.groups.destroy(test.name, test.topic), "destroyed");
  assert.throws(() => group.take("c", 1, false), { codeName: "GROUP_ID_NOT_FOUND" });
  assert.equal(test.groups.known(test.name, test.topic), undefined);
  assert.equal(await test.groups.open(test.name, test.topic), undefined);
  assert.equal(await test.groups.destroy(test.name, test.topic), "no group");
  await test.create();
  assert.deepEqual(valuesOf(await test.take(5)), numbers(5));
});

testOnRealKafka(
  "a group of a topic that is made again is known, and can be destroyed",
  async (start) => {
    await using gateway = await start();
    const test = new TestGroup(gateway);
    await test.create();
    await test.fill(5);
    const group = await test.open();
    group.ack((await test.take(5)).map(({ id }) => id));
    await untilAcked(test, 5);
    const { admin } = gateway.rafka.server.state.principals.own.cluster;
    await admin.deleteTopic(test.topic);
    await admin.createTopic(test.topic);
    let names: string[] | undefined;
    await until(async () => {
      names = (await test.groups.ofTopic(test.topic))?.map(({ name }) => name);
      const committed = await admin.listGroupOffsets(test.name, test.topic);
      return names !== undefined && committed.length === 0;
    }, "Kafka to know the topic, and to forget the offsets");
    assert.deepEqual(names, [test.name]);
    const again = await test.groups.create(test.name, test.topic, MIN_ID, { makeTopic: false });
    assert.equal(again, "exists");
    assert.equal(await test.groups.destroy(test.name, test.topic), "destroyed");
    assert.deepEqual(await test.groups.ofTopic(test.topic), []);
  },
);

testOnEachKafka("a group that is in use gets one more topic, and loses one", async (start) => {
  await using gateway = await start();
  const first = new TestGroup(gateway);
  await first.create();
  await first.fill(3);
  const entries = await first.take(3);
  const second = new TestGroup(gateway, first.name);
  await second.create();
  await second.fill(3, 100);
  assert.deepEqual(valuesOf(await second.take(3)), numbers(3, 100));
  const group = await first.open();
  assert.equal(group.ack(entries.map(({ id }) => id)), 3, "the first topic's are still pending");
  assert.equal(await first.groups.destroy(second.name, second.topic), "destroyed");
  await first.fill(2, 3);
  assert.deepEqual(valuesOf(await first.take(2)), [3, 4]);
});

testWithGateways(
  "a group that another gateway uses gets one more topic",
  async ({ start, newTopic }) => {
    await using one = await start();
    await using other = await start();
    const test = new TestGroup(one, undefined, newTopic());
    await test.create();
    await test.fill(1);
    await test.take(1);
    const second = new TestGroup(other, test.name, newTopic());
    await second.create("end");
    await second.fill(1, 7);
    assert.deepEqual(valuesOf(await second.take(1)), [7]);
  },
);

testOnEachKafka(
  "the groups of a topic are listed with what is left for each, also without joining them",
  async (start) => {
    await using gateway = await start();
    const test = new TestGroup(gateway, uniqueName("b"));
    const { groups, topic } = test;
    assert.equal(await groups.ofTopic(topic), undefined);
    await test.create();
    const idle = new TestGroup(gateway, uniqueName("a"), topic);
    await idle.create();
    await test.fill(10);
    const entries = await test.take(10);
    (await test.open()).ack(entries.slice(0, 4).map(({ id }) => id));
    const listed = (await groups.ofTopic(topic))!;
    const infos = await Promise.all(listed.map((group) => group.info()));
    assert.deepEqual(
      infos.map(({ name, consumers, pending, lag }) => ({ name, consumers, pending, lag })),
      [
        { name: idle.name, consumers: 0, pending: 0, lag: 10 },
        { name: test.name, consumers: 1, pending: 6, lag: 6 },
      ],
    );
    assert.equal(groups.known(idle.name, topic), undefined, "nobody has joined it");
  },
);

testOnEachKafka(
  "a gateway is in no more groups than maxGroups, and leaves those that nobody asks for",
  async (start) => {
    await using gateway = await start({
      server: { streams: { maxGroups: 1, groupIdleMs: 1_000 } },
    });
    const first = new TestGroup(gateway);
    await first.create();
    await first.fill(4);
    const entries = await first.take(4);
    (await first.open()).ack(entries.slice(0, 3).map(({ id }) => id));
    const second = new TestGroup(gateway);
    await second.create();
    await assert.rejects(second.open(), /server\.streams\.maxGroups/);
    await until(() => first.groups.live.length === 0, "the group to be left");
    await second.open();
    await until(() => first.groups.live.length === 0, "the other group to be left");
    assert.deepEqual(valuesOf(await first.take(1)), valuesOf(entries.slice(3)));
  },
);

testOnEachKafka("a group is not left while somebody waits", async (start) => {
  await using gateway = await start({ server: { streams: { groupIdleMs: 1_000 } } });
  const test = new TestGroup(gateway);
  await test.create();
  const group = await test.open();
  await test.groups.wait([group], 3_000, never);
  assert.equal(test.groups.known(test.name, test.topic), group);
});

Deno.test("a group is not left while it is joined, however long that takes", async () => {
  await using cluster = await TestCluster.start();
  const server = { streams: { groupIdleMs: 1_000 } };
  await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
  const topic = uniqueName("topic");
  cluster.mock.createTopic(topic);
  const test = new TestGroup(gateway, undefined, topic);
  await test.create();
  await test.fill(1);
  cluster.mock.setRoundTripMs(SLOW_MS);
  assert.deepEqual(valuesOf(await test.take(1)), [0]);
});

testOnEachKafka("who holds a partition up is logged once, until it moves on", async (start) => {
  await using log = await CapturedLog.start();
  await using gateway = await start({ server: { streams: { maxPending: 3 } } });
  const test = new TestGroup(gateway);
  await test.create();
  using client = await gateway.connect();
  await produceAll(client, numbers(10).map((n) => [`${test.topic}:key`, `${n}`])); // of one partition
  const group = await test.open();
  assert.deepEqual(valuesOf(group.take("slow", 2, false)), [0, 1]);
  assert.deepEqual(valuesOf(group.take("c", 10, false)), [2]);
  assert.deepEqual(group.take("c", 10, false), []);
  await log.has("slow has 2 of them");
  group.take("c", 10, false);
  assert.equal(log.count("slow has 2 of them"), 1);
  group.ack(group.pending({ start: MIN_ID, end: MAX_ID, count: 10 }).map(({ id }) => id));
  assert.deepEqual(valuesOf(group.take("c", 10, false)), [3, 4, 5]);
});

testOnEachKafka(
  "a topic that nobody asks for is given up, with what is acked of it, while its group is used for another",
  async (start) => {
    await using gateway = await start({ server: { streams: { groupIdleMs: 1_500 } } });
    const busy = new TestGroup(gateway);
    await busy.create();
    const idle = new TestGroup(gateway, busy.name);
    await idle.create();
    const group = await busy.open();
    await idle.fill(5, 0, () => "key");
    const entries = await idle.take(5);
    (await idle.open()).ack(entries.slice(0, 3).map(({ id }) => id));
    await until(() => {
      group.take("c", 1, false);
      return busy.groups.live[0]!.topics.size === 1;
    }, "the topic to be given up");
    assert.equal(idle.groups.known(idle.name, idle.topic), undefined);
    assert.equal(busy.groups.known(busy.name, busy.topic), group);
    assert.deepEqual(valuesOf(await idle.take(2)), [3, 4]);
    await busy.fill(1, 9);
    assert.deepEqual(valuesOf(await busy.take(1)), [9]);
  },
);
