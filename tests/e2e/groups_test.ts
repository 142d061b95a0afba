/**
 * Consumer groups as workers see them: where a group goes on, who gets what, what an ack is worth.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ack, mustPop, produceAll, quit, testOnEachKafka } from "../support/kafka.ts";
import { uniqueName } from "../support/gateway.ts";

testOnEachKafka(
  "A consumer that acks, leaves and comes back goes on where it stopped",
  async (start) => {
    await using gateway = await start();
    const topic = uniqueName("returning");
    using producer = await gateway.connect();
    await produceAll(producer, numbered(`${topic}:key`, 10));
    const name = `${uniqueName("group")}:worker`;
    for (const values of [["0", "1", "2"], ["3", "4"], ["5"]]) {
      using consumer = await gateway.connectAs(name);
      for (const value of values) {
        const message = await mustPop(consumer, topic);
        assert.equal(message.value, value);
        assert.equal(await ack(consumer, message), ":1\r\n");
      }
      await quit(consumer);
    }
  },
);

testOnEachKafka("A message that was not acked is handed out again", async (start) => {
  await using gateway = await start();
  const topic = uniqueName("unacked");
  using producer = await gateway.connect();
  await produceAll(producer, numbered(`${topic}:key`, 3));
  const group = uniqueName("group");
  {
    using consumer = await gateway.connectAs(`${group}:first`);
    assert.equal(await ack(consumer, await mustPop(consumer, topic)), ":1\r\n");
    assert.equal((await mustPop(consumer, topic)).value, "1");
    assert.equal((await mustPop(consumer, topic)).value, "2");
    await quit(consumer);
  }
  using consumer = await gateway.connectAs(`${group}:second`);
  assert.equal((await mustPop(consumer, topic)).value, "1");
  assert.equal((await mustPop(consumer, topic)).value, "2");
});

testOnEachKafka(
  "An ack holds for all messages before it in its partition, and for no other partition",
  async (start) => {
    await using gateway = await start();
    const topic = uniqueName("cumulative");
    using producer = await gateway.connect();
    await produceAll(producer, keyed(topic, "before", 40));
    const group = uniqueName("group");
    const acked = { partition: -1, offset: -1 };
    {
      using consumer = await gateway.connectAs(`${group}:first`);
      const messages = [];
      for (let i = 0; i < 40; i++) messages.push(await mustPop(consumer, topic));
      const { partition } = messages[0]!;
      const last = messages.filter((message) => message.partition === partition).at(-1)!;
      assert.equal(await ack(consumer, last), ":1\r\n");
      Object.assign(acked, last);
      await quit(consumer);
    }
    using consumer = await gateway.connectAs(`${group}:second`);
    const again = [];
    for (let i = 0; i < 40 - (acked.offset + 1); i++) again.push(await mustPop(consumer, topic));
    assert.ok(again.every(({ partition }) => partition !== acked.partition));
  },
);

testOnEachKafka(
  "The messages of a key are in one partition, in the order in which they were produced",
  async (start) => {
    await using gateway = await start();
    const topic = uniqueName("ordered");
    const keys = ["a", "b:with:colons", "c", "d", "e", "f", "g"];
    using producer = await gateway.connect();
    const messages = [];
    for (let i = 0; i < 30; i++) {
      for (const key of keys) messages.push([`${topic}:${key}`, `${key} ${i}`] as const);
    }
    await produceAll(producer, messages);

    using consumer = await gateway.connectAs(`${uniqueName("group")}:worker`);
    const numbersByKey = new Map<string, number[]>();
    const partitionsByKey = new Map<string, Set<number>>();
    for (let i = 0; i < messages.length; i++) {
      const { value, partition } = await mustPop(consumer, topic);
      const [key = "", number] = value!.split(" ");
      numbersByKey.set(key, [...numbersByKey.get(key) ?? [], Number(number)]);
      partitionsByKey.set(key, (partitionsByKey.get(key) ?? new Set()).add(partition));
    }
    const inOrder = Array.from({ length: 30 }, (_, i) => i);
    for (const key of keys) {
      assert.deepEqual(numbersByKey.get(key), inOrder, `order of ${key}`);
      assert.equal(partitionsByKey.get(key)!.size, 1, `partitions of ${key}`);
    }
    const used = new Set([...partitionsByKey.values()].flatMap((partitions) => [...partitions]));
    assert.ok(used.size > 1, "different keys use more than one partition");
  },
);

testOnEachKafka("A new group begins with the oldest message", async (start) => {
  await using gateway = await start();
  const topic = uniqueName("earliest");
  using producer = await gateway.connect();
  await produceAll(producer, [[topic, "from before the group"]]);
  for (const group of [uniqueName("group"), uniqueName("group")]) {
    using consumer = await gateway.connectAs(`${group}:worker`);
    assert.equal((await mustPop(consumer, topic)).value, "from before the group");
  }
});

for (const where of ["the configuration file", "the JSON of BLPOP"]) {
  testOnEachKafka(
    `auto.offset.reset=latest in ${where} leaves out what is older than the group`,
    async (start) => {
      const latest = { "auto.offset.reset": "latest" };
      await using gateway = await start(
        where === "the configuration file" ? { consumer: latest } : {},
      );
      const json = where === "the configuration file" ? "" : `:${JSON.stringify(latest)}`;
      const topic = uniqueName("latest");
      using producer = await gateway.connect();
      await produceAll(producer, keyed(topic, "old", 8));
      using consumer = await gateway.connectAs(`${uniqueName("group")}:worker`);
      const popping = mustPop(consumer, topic + json);
      let popped = false;
      void popping.then(() => popped = true, () => popped = true);
      // nothing tells when the group has begun, so new messages come until one is handed out
      while (!popped) await produceAll(producer, keyed(topic, "new", 8));
      assert.match((await popping).value!, /^new/);
    },
  );
}

/** `count` messages for one target: "0", "1"… */
function* numbered(target: string, count: number): Generator<[string, string]> {
  for (let i = 0; i < count; i++) yield [target, String(i)];
}

/** `count` messages of as many keys: they spread over the partitions. */
function* keyed(topic: string, prefix: string, count: number): Generator<[string, string]> {
  for (let i = 0; i < count; i++) yield [`${topic}:key${i}`, `${prefix} ${i}`];
}
