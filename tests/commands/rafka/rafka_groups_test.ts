/**
 * RAFKA GROUPS and RAFKA GROUP …: the groups of the cluster, who is in them, how far they are, and what moves them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGroup } from "../../groups/group_support.ts";
import type { TestClient } from "../../support/client.ts";
import { type TestGateway, uniqueName, until } from "../../support/gateway.ts";
import {
  ack,
  mustPop,
  produceAll,
  quit,
  testOnEachKafka,
  testOnRealKafka,
} from "../../support/kafka.ts";
import { askPlain, askRecords } from "../../support/plain_reply.ts";

async function connect(gateway: TestGateway): Promise<TestClient> {
  const client = await gateway.connect();
  await client.ask("HELLO", 3);
  return client;
}

testOnEachKafka(
  "RAFKA GROUPS says who waits, what is pending and who holds a partition up",
  async (start) => {
    await using gateway = await start({ server: { streams: { maxPending: 2 } } });
    const test = new TestGroup(gateway);
    await test.create();
    using client = await connect(gateway);
    const groups = (): ReturnType<typeof askRecords> =>
      askRecords(client, "RAFKA", "GROUPS", test.name);
    await produceAll(client, [0, 1, 2].map((n) => [`${test.topic}:key`, `${n}`]));
    using waiting = await gateway.connect();
    const key = `topics:${test.topic}`;
    await client.ask("XREADGROUP", "GROUP", test.name, "slow", "COUNT", 5, "STREAMS", key, ">");
    const read = ["XREADGROUP", "GROUP", test.name, "next", "BLOCK", 0, "STREAMS", key, ">"];
    await waiting.send(...read);
    const { live } = test.groups;
    await until(() => live[0]!.topics.get(test.topic)!.waiting.count === 1, "a reader that waits");

    const [{ workers, streams }] = await groups() as [{ workers: number; streams: unknown[] }];
    const [stream] = streams as [Record<string, unknown>];
    assert.equal(workers, 0);
    const { topic, consumers, waiting: waits, pending, lag } = stream;
    const want = { topic: test.topic, consumers: 2, waits: 1, pending: 2, lag: 3 };
    assert.deepEqual({ topic, consumers, waits, pending, lag }, want);
    const [heldUp] = stream["held-up"] as [{ consumer: string }];
    assert.equal(heldUp.consumer, "slow");
    assert.match(await client.ask("INFO", "kafka"), /stream_groups:1\r\nstream_pending:2\r\n/);
  },
);

testOnEachKafka("a worker of BLPOP is in its group, which cannot be moved then", async (start) => {
  await using gateway = await start();
  using client = await connect(gateway);
  const [topic, group] = [uniqueName("topic"), uniqueName("group")];
  await produceAll(client, [[topic, "x"]]);
  using worker = await gateway.connectAs(`${group}:worker-1`);
  await ack(worker, await mustPop(worker, topic));
  const [{ workers }] = await askRecords(client, "RAFKA", "GROUPS", `${group}*`) as [
    { workers: number },
  ];
  assert.equal(workers, 1);
  const refusal = new RegExp(
    `^-ERR Group '${group}' must have no members, it has 1: .*worker-1 \\(`,
  );
  assert.match(await client.ask("RAFKA", "GROUP", "SEEK", group, topic, "earliest"), refusal);
  await quit(worker);
  const embedded = "-ERR The embedded Kafka cannot move groups that had members\r\n";
  let moved = "";
  await until(async () => {
    moved = await client.ask("RAFKA", "GROUP", "SEEK", group, topic, "earliest");
    return moved.startsWith("*") || moved === embedded;
  }, "the group is empty");
  if (moved === embedded) return;
  using again = await gateway.connectAs(`${group}:worker-2`);
  assert.equal((await mustPop(again, topic)).value, "x");
});

testOnEachKafka(
  "a group goes to the ends, an offset or a time, and tells its lag",
  async (start) => {
    await using gateway = await start();
    using client = await connect(gateway);
    const [topic, group] = [uniqueName("topic"), uniqueName("group")];
    await client.ask("RAFKA", "TOPIC", "CREATE", topic, "PARTITIONS", 1);
    const ms = 1_700_000_000_000;
    for (let n = 0; n < 5; n++) {
      await client.ask(
        "XADD",
        `topics:${topic}`,
        `${ms + n}-*`,
        "value",
        n,
      );
    }
    const seek = (to: string | number): ReturnType<typeof askRecords> =>
      askRecords(client, "RAFKA", "GROUP", "SEEK", group, topic, to);
    for (const [to, offset] of [["earliest", 0], ["LATEST", 5], [ms + 3, 3], ["0:1", 1]] as const) {
      assert.deepEqual(await seek(to), [{ topic, partition: 0, offset }], String(to));
      const [lag] = await askRecords(client, "RAFKA", "GROUP", "LAG", group, topic);
      const { committed, end, acked } = lag!;
      assert.deepEqual(
        { committed, end, acked, lag: lag!.lag },
        { committed: offset, end: 5, acked: 0, lag: 5 - offset },
      );
    }
    assert.deepEqual(await seek(ms + 99), [{ topic, partition: 0, offset: 5 }]);
    for (
      const [to, error] of [
        ["0:6", `Partition 0 of ${topic} has the offsets 0 to 5, not 6`],
        ["1:0", `Topic ${topic} has the partitions 0 to 0, not 1`],
        [
          "x",
          "A group goes to earliest, latest, milliseconds since 1970 or <partition>:<offset>, got 'x'",
        ],
        [
          "-1",
          "A group goes to earliest, latest, milliseconds since 1970 or <partition>:<offset>, got '-1'",
        ],
      ]
    ) {
      const reply = await client.ask("RAFKA", "GROUP", "SEEK", group, topic, to!);
      assert.equal(reply, `-ERR ${error}\r\n`);
    }
    const all = await askRecords(client, "RAFKA", "GROUP", "LAG", group);
    assert.deepEqual(all.map((one) => one.topic), [topic]);
  },
);

testOnEachKafka("acks beyond the committed offset are no lag", async (start) => {
  await using gateway = await start();
  using client = await connect(gateway);
  const test = new TestGroup(gateway);
  await client.ask("RAFKA", "TOPIC", "CREATE", test.topic, "PARTITIONS", 1);
  await test.create();
  await produceAll(client, [0, 1, 2, 3].map((n) => [test.topic, `${n}`]));
  const key = `topics:${test.topic}`;
  const read = ["XREADGROUP", "GROUP", test.name, "c", "BLOCK", 20_000, "STREAMS", key, ">"];
  const ids: string[] = [];
  while (ids.length < 4) { // some may be fetched later
    const reply = await askPlain(client, ...read) as Record<string, [string, string[]][]>;
    ids.push(...reply[key]!.map(([id]) => id));
  }
  assert.equal(await client.ask("XACK", key, test.name, ids[1]!, ids[2]!), ":2\r\n");
  await until(async () => {
    const [lag] = await askRecords(client, "RAFKA", "GROUP", "LAG", test.name, test.topic);
    return lag!.acked === 2 && lag!.committed === 0 && lag!.lag === 2;
  }, "the acks are committed");
});

testOnRealKafka(
  "a group is described with its members, and deleted when it has none",
  async (start) => {
    await using gateway = await start();
    using client = await connect(gateway);
    const [topic, group] = [uniqueName("topic"), uniqueName("group")];
    await client.ask("RAFKA", "TOPIC", "CREATE", topic, "PARTITIONS", 2);
    await produceAll(client, [[topic, "x"]]);
    const missing = `-ERR Group '${group}' does not exist\r\n`;
    for (const verb of ["DESCRIBE", "LAG", "DELETE"]) {
      assert.equal(await client.ask("RAFKA", "GROUP", verb, group), missing);
    }
    using worker = await gateway.connectAs(`${group}:worker-1`);
    await mustPop(worker, topic);
    const described = await askPlain(client, "RAFKA", "GROUP", "DESCRIBE", group) as {
      state: string;
      workers: number;
      coordinator: { port: number };
      members: { client: string; assigned: unknown }[];
    };
    assert.deepEqual([described.state, described.workers], ["Stable", 1]);
    assert.ok(described.coordinator.port > 0);
    assert.deepEqual(described.members.map(({ client, assigned }) => ({ client, assigned })), [
      { client: "worker-1", assigned: [{ topic, partitions: [0, 1] }] },
    ]);
    const lags = await askRecords(client, "RAFKA", "GROUP", "LAG", group);
    assert.deepEqual(lags.map(({ partition, client }) => [partition, client]), [
      [0, "worker-1"],
      [1, "worker-1"],
    ]);
    assert.match(
      await client.ask("RAFKA", "GROUP", "DELETE", group),
      new RegExp(`^-ERR Group '${group}' must have no members, it has 1: worker-1 \\(/`),
    );
    await quit(worker);
    await until(
      async () => await client.ask("RAFKA", "GROUP", "DELETE", group) === "+OK\r\n",
      "the group is empty, and deleted",
    );
    assert.equal(await client.ask("RAFKA", "GROUP", "DELETE", group), missing);
  },
);
