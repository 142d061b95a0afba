/**
 * Administering topics, offsets and groups, on the embedded cluster and on a real one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Cluster } from "../../../src/kafka/cluster.ts";
import type { Admin } from "../../../src/kafka/client/admin.ts";
import { uniqueName, until } from "../../support/gateway.ts";
import { kafkaBrokers } from "../../support/machine.ts";
import { DEADLINE_MS, receive, TestKafka, toBytes } from "../../support/kafka_environment.ts";
import { type TestedCluster, testOnEachCluster } from "../clusters.ts";

/** A cluster with its admin. */
interface Administered extends TestedCluster {
  readonly cluster: Cluster;
  readonly admin: Admin;
}

function onEach(title: string, run: (cluster: Administered) => Promise<void>): void {
  testOnEachCluster(title, (tested) => administer(tested, run));
}

function onReal(title: string, run: (cluster: Administered) => Promise<void>): void {
  Deno.test({
    name: `${title} (real Kafka)`,
    ignore: kafkaBrokers === undefined,
    async fn(): Promise<void> {
      await using kafka = await TestKafka.start();
      const settings = { "bootstrap.servers": kafkaBrokers! };
      const consumerSettings = { ...settings, "session.timeout.ms": 10_000 };
      const topic = uniqueName("topic");
      await administer({ kafka, settings, consumerSettings, topic, isReal: true }, run);
    },
  });
}

function onEmbedded(title: string, run: (cluster: Administered) => Promise<void>): void {
  Deno.test(`${title} (embedded Kafka)`, async () => {
    await using kafka = await TestKafka.start();
    const { settings } = kafka;
    const topic = kafka.newTopic();
    await administer({ kafka, settings, consumerSettings: settings, topic, isReal: false }, run);
  });
}

async function administer(
  tested: TestedCluster,
  run: (cluster: Administered) => Promise<void>,
): Promise<void> {
  const { kafka, settings, isReal } = tested;
  const mock = isReal ? undefined : kafka.mock;
  const cluster = new Cluster(
    kafka.environment,
    { producer: settings, consumer: settings },
    mock,
  );
  try {
    await run({ ...tested, cluster, admin: cluster.admin });
  } finally {
    await cluster.close();
  }
}

/** Produces a message with each of these timestamps. */
async function fill(
  { kafka, settings }: TestedCluster,
  topic: string,
  timestamps: readonly number[],
): Promise<void> {
  const producer = kafka.newProducer(settings);
  for (const timestampMs of timestamps) {
    producer.produce(topic, toBytes("value"), null, { timestampMs });
    // a batch of its own for each
    assert.equal(await producer.flush(DEADLINE_MS), 0);
  }
}

onEach("a topic is created once, with its partitions", async ({ admin }) => {
  const topic = uniqueName("created");
  assert.equal(await admin.partitionsOf(topic), undefined);
  assert.equal(await admin.createTopic(topic, { partitions: 3 }), true);
  assert.equal(await admin.createTopic(topic), false);
  assert.equal(await admin.partitionsOf(topic), 3);
});

onEach("asking for a topic does not create it", async ({ admin }) => {
  const topic = uniqueName("missing");
  assert.equal(await admin.partitionsOf(topic), undefined);
  assert.equal(await admin.partitionsOf(topic), undefined);
});

onEach("a name that no topic may have is an error", async ({ admin }) => {
  const error = { codeName: "TOPIC_EXCEPTION", message: /'not a name'.*1 to 249 of/ };
  await assert.rejects(admin.partitionsOf("not a name"), error);
  await assert.rejects(admin.createTopic("not a name"), error);
});

onReal("what Kafka does not create is an error with its text", async ({ admin }) => {
  await assert.rejects(admin.createTopic(uniqueName("copies"), { replicationFactor: 99 }), {
    name: "KafkaError",
    codeName: "INVALID_REPLICATION_FACTOR",
    message: /replication factor/i,
  });
});

onEach("first and last offsets come in one call for all partitions", async (cluster) => {
  const { admin } = cluster;
  const topic = uniqueName("offsets");
  await admin.createTopic(topic, { partitions: 3 });
  await fill(cluster, topic, [10, 20, 30, 40, 50]);
  assert.deepEqual(await admin.listOffsets(topic, 3, "earliest"), [0n, 0n, 0n]);
  const ends = await admin.listOffsets(topic, 3, "latest");
  assert.equal(ends.reduce((sum, end) => sum! + end!, 0n), 5n);
});

onEach("offsets by time are those of the first message from then on", async (cluster) => {
  const { admin } = cluster;
  const topic = uniqueName("times");
  await admin.createTopic(topic, { partitions: 1 });
  await fill(cluster, topic, [1_000, 2_000, 3_000]);
  const at = (timestampMs: number) => admin.listOffsets(topic, 1, { timestampMs });
  assert.deepEqual(await at(1), [0n]);
  assert.deepEqual(await at(2_000), [1n]);
  assert.deepEqual(await at(2_001), [2n]);
  assert.deepEqual(await at(3_001), [undefined]);
});

onEach("a partition that is not there is an error that names it", async (cluster) => {
  const topic = uniqueName("narrow");
  await cluster.admin.createTopic(topic, { partitions: 1 });
  await assert.rejects(cluster.admin.listOffsets(topic, 2, "latest", { timeoutMs: 5_000 }), {
    name: "KafkaError",
    codeName: /^_?UNKNOWN/,
  });
});

onEach("offsets are committed for a group that nobody is in", async (cluster) => {
  const { admin, kafka, consumerSettings } = cluster;
  const [topic, groupId] = [uniqueName("committed"), uniqueName("group")];
  await admin.createTopic(topic, { partitions: 2 });
  assert.deepEqual(await admin.listGroupOffsets(groupId, topic), []);
  const offsets = [
    { topic, partition: 0, offset: 0n, metadata: "" },
    { topic, partition: 1, offset: 7n, metadata: "8-9 \u5000\u7fff" },
  ];
  await admin.alterGroupOffsets(groupId, offsets);
  assert.deepEqual(await admin.listGroupOffsets(groupId, topic), offsets);
  // a consumer begins there
  const one = uniqueName("one");
  await admin.createTopic(one, { partitions: 1 });
  await fill(cluster, one, [1, 2, 3]);
  await admin.alterGroupOffsets(groupId, [{ topic: one, partition: 0, offset: 2n }]);
  const consumer = kafka.newConsumer({ topics: [one], groupId, settings: consumerSettings });
  const [message] = await receive(consumer);
  assert.equal(message!.offset, 2n);
});

onEach("a commit beside the members of a group is refused", async (cluster) => {
  const { admin, kafka, consumerSettings, isReal } = cluster;
  const [topic, groupId] = [uniqueName("live"), uniqueName("group")];
  await admin.createTopic(topic, { partitions: 1 });
  await fill(cluster, topic, [1]);
  await receive(kafka.newConsumer({ topics: [topic], groupId, settings: consumerSettings }));
  const commit = admin.alterGroupOffsets(groupId, [{ topic, partition: 0, offset: 1n }]);
  if (!isReal) return await commit.catch(() => {}); // the embedded one takes it
  await assert.rejects(commit, { name: "KafkaError", codeName: "UNKNOWN_MEMBER_ID" });
});

onReal("groups are listed and described with their members", async (cluster) => {
  const { admin, kafka, consumerSettings, topic } = cluster;
  const groupId = uniqueName("group");
  assert.equal(await admin.describeGroup(groupId), undefined);
  await admin.createTopic(topic, { partitions: 1 });
  await fill(cluster, topic, [1]);
  const consumer = kafka.newConsumer({
    topics: [topic],
    groupId,
    clientId: "worker",
    settings: consumerSettings,
  });
  await receive(consumer);
  assert.ok((await admin.listGroups()).some(({ group }) => group === groupId));
  const { state, members } = (await admin.describeGroup(groupId))!;
  assert.equal(state, "Stable");
  assert.equal(members.length, 1);
  assert.equal(members[0]!.clientId, "worker");
  assert.deepEqual(members[0]!.partitions, [{ topic, partition: 0 }]);
  await assert.rejects(admin.deleteGroup(groupId), { codeName: "NON_EMPTY_GROUP" });
  await consumer.close();
  assert.equal((await admin.describeGroup(groupId))!.state, "Empty");
});

onReal("committed offsets and groups are deleted", async ({ admin }) => {
  const [first, second, groupId] = [uniqueName("a"), uniqueName("b"), uniqueName("group")];
  for (const topic of [first, second]) {
    await admin.createTopic(topic, { partitions: 2 });
    await admin.alterGroupOffsets(groupId, [{ topic, partition: 1, offset: 3n }]);
  }
  assert.equal((await admin.listGroupOffsets(groupId)).length, 2);
  assert.equal(await admin.deleteGroupOffsets(groupId, first), true);
  assert.equal(await admin.deleteGroupOffsets(groupId, first), false);
  assert.deepEqual((await admin.listGroupOffsets(groupId)).map(({ topic }) => topic), [second]);
  assert.equal(await admin.deleteGroup(groupId), true);
  assert.equal(await admin.deleteGroup(groupId), false);
  assert.deepEqual(await admin.listGroupOffsets(groupId, second), []);
});

onReal("the first records of a partition are deleted", async (cluster) => {
  const { admin, topic } = cluster;
  await admin.createTopic(topic, { partitions: 1 });
  await fill(cluster, topic, [1, 2, 3]);
  assert.deepEqual(await admin.deleteRecords(topic, new Map([[0, 2n]])), new Map([[0, 2n]]));
  assert.deepEqual(await admin.listOffsets(topic, 1, "earliest"), [2n]);
  await assert.rejects(admin.deleteRecords(topic, new Map([[0, 99n]])), {
    codeName: "OFFSET_OUT_OF_RANGE",
    message: new RegExp(`^${topic}\\[0\\]: `),
  });
});

onReal("a topic is deleted once", async ({ admin, topic }) => {
  await admin.createTopic(topic);
  assert.equal(await admin.deleteTopic(topic), true);
  assert.equal(await admin.deleteTopic(topic), false);
});

onReal("what was changed of a topic is what the brokers say of it", async ({ admin }) => {
  const topics = Array.from({ length: 20 }, () => uniqueName("changed"));
  for (const topic of topics) {
    await admin.createTopic(topic, { partitions: 1 });
    assert.equal(await admin.partitionsOf(topic), 1);
    await admin.addPartitions(topic, 3);
    assert.equal(await admin.partitionsOf(topic), 3);
    await admin.deleteTopic(topic);
    assert.equal(await admin.partitionsOf(topic), undefined);
  }
});

onEmbedded("what it cannot do is an error, at once", async ({ admin }) => {
  const calls: Record<string, () => Promise<unknown>> = {
    "delete topics": () => admin.deleteTopic("topic"),
    "delete records": () => admin.deleteRecords("topic", new Map([[0, 1n]])),
    "list groups": () => admin.listGroups(),
    "describe groups": () => admin.describeGroup("group"),
    "delete groups": () => admin.deleteGroup("group"),
    "delete committed offsets": () => admin.deleteGroupOffsets("group", "topic"),
    "list the offsets of all topics of a group": () => admin.listGroupOffsets("group"),
  };
  for (const [what, call] of Object.entries(calls)) {
    await assert.rejects(call, {
      codeName: "_UNSUPPORTED_FEATURE",
      message: `The embedded Kafka cannot ${what}`,
    });
  }
});

onEmbedded(
  "a call that timed out while its coordinator was away does no harm when that is back",
  async (tested) => {
    const { kafka, admin, topic } = tested;
    const offsets = [{ topic, partition: 0, offset: 5n }];
    await admin.alterGroupOffsets("group", offsets); // the coordinator is known
    kafka.mock.setBrokerUp(1, false);
    // a request that is sent before that would fail with the connection
    await until(() => kafka.observer.errors.length > 0, "the end of the connection");
    await assert.rejects(admin.alterGroupOffsets("group", offsets, { timeoutMs: 300 }), {
      codeName: "_TIMED_OUT",
    });
    kafka.mock.setBrokerUp(1, true);
    await admin.alterGroupOffsets("group", offsets, { timeoutMs: DEADLINE_MS });
  },
);

onEmbedded("a broker that hangs ends a call after its timeout, no end", async (tested) => {
  const { kafka, cluster, admin, topic } = tested;
  assert.equal(await admin.partitionsOf(topic), 1);
  kafka.mock.setRoundTripMs(60_000);
  const startMs = performance.now();
  await assert.rejects(admin.partitionsOf(topic, { timeoutMs: 300 }), { codeName: "_TIMED_OUT" });
  await assert.rejects(admin.listOffsets(topic, 1, "latest", { timeoutMs: 300 }), {
    codeName: "_TIMED_OUT",
  });
  assert.ok(performance.now() - startMs < 5_000, "it took longer than it may");
  const pending = admin.partitionsOf(topic, { timeoutMs: 60_000 });
  const ended = assert.rejects(pending, { codeName: "_DESTROY" });
  await cluster.close();
  await ended;
});
