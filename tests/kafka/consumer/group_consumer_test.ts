/**
 * A consumer for many workers, on each cluster: where it begins, what it commits, that it stays in its group, and what
 * its owner hears of.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Cluster } from "../../../src/kafka/cluster.ts";
import type { Message } from "../../../src/kafka/client/message.ts";
import type { TopicPartition } from "../../../src/kafka/client/topic_partitions.ts";
import {
  GroupConsumer,
  type GroupConsumerOwner,
  OFFSET_BEGINNING,
  type Revocation,
  type StartOffset,
} from "../../../src/kafka/consumer/group_consumer.ts";
import { uniqueName, until } from "../../support/gateway.ts";
import { textOf, toBytes } from "../../support/kafka_environment.ts";
import { type TestedCluster, testOnEachCluster } from "../clusters.ts";

testOnEachCluster(
  "a consumer begins where its owner says, and hears of messages",
  async (cluster) => {
    await using test = await TestMember.start(cluster, { start: 2n, messages: 5 });
    assert.deepEqual((await test.take(3)).map(textOf), ["2", "3", "4"]);
  },
);

testOnEachCluster(
  "what is committed is read with its metadata, and nothing else is committed",
  async (cluster) => {
    await using test = await TestMember.start(cluster);
    await test.fill(5);
    await test.take(5);
    const place = { topic: test.topic, partition: 0 };
    const text = "acked: \u5000\ucfff";
    assert.deepEqual(
      await test.consumer.commit(() => [{ ...place, offset: 3n, metadata: text }]),
      [],
    );
    assert.deepEqual(await test.consumer.commit(() => []), []);
    await test.consumer.close();
    const [committed] = await test.committed();
    assert.deepEqual([committed!.offset, committed!.metadata], [3n, text]);
  },
);

testOnEachCluster("a refused commit says why, and the next one is not held up", async (cluster) => {
  if (!cluster.isReal) return; // the embedded cluster takes metadata of any size
  await using test = await TestMember.start(cluster);
  await test.fill(1);
  await test.take(1);
  const place = { topic: test.topic, partition: 0, offset: 1n };
  const commits = ["\u5000".repeat(4_097), "\u5000".repeat(4_096)].map((metadata) =>
    test.consumer.commit(() => [{ ...place, metadata }])
  );
  const [tooLarge, fits] = await Promise.all(commits);
  assert.deepEqual(tooLarge!.map(({ error }) => error.codeName), ["OFFSET_METADATA_TOO_LARGE"]);
  assert.deepEqual(fits, []);
});

testOnEachCluster("seeking drops what was fetched, and goes on from there", async (cluster) => {
  await using test = await TestMember.start(cluster);
  await test.fill(10);
  assert.deepEqual((await test.take(2)).map(textOf), ["0", "1"]);
  const place = { topic: test.topic, partition: 0 };
  await test.consumer.seek([{ ...place, offset: 7n }], 5_000);
  assert.deepEqual((await test.take(3)).map(textOf), ["7", "8", "9"]);
  await test.consumer.seek([{ ...place, offset: 0n }], 5_000);
  assert.deepEqual((await test.take(1)).map(textOf), ["0"]);
  assert.deepEqual(test.consumer.positions([place]), [1n]);
});

testOnEachCluster(
  "a rebalance goes on at the position of what was taken, also at the end of a partition",
  async (cluster) => {
    await using test = await TestMember.start(cluster);
    await test.fill(3);
    await test.take(3);
    await using other = await TestMember.start(cluster, {
      groupId: test.groupId,
      topic: uniqueName("other"),
    });
    await other.joined();
    await until(() => test.assignments > 1, "the first to take part in it");
    await test.fill(2, 3);
    assert.deepEqual((await test.take(2)).map(textOf), ["3", "4"]);
  },
);

testOnEachCluster("a consumer that nobody takes from stays in its group", async (cluster) => {
  const intervalMs = cluster.isReal ? 6_000 : 2_000;
  await using test = await TestMember.start(cluster, {
    settings: {
      "max.poll.interval.ms": intervalMs,
      "session.timeout.ms": cluster.isReal ? 6_000 : 1_500,
    },
  });
  await test.fill(1);
  await test.joined();
  await new Promise((resolve) => setTimeout(resolve, 1.5 * intervalMs));
  assert.deepEqual(test.revocations, []);
  assert.deepEqual((await test.take(1)).map(textOf), ["0"]);
});

testOnEachCluster(
  "partitions are given up when the owner has done what it does before",
  async (cluster) => {
    await using test = await TestMember.start(cluster);
    await test.joined();
    const done = Promise.withResolvers<void>();
    test.beforeRevoked = done.promise;
    const closing = test.consumer.close();
    await until(() => test.revocations.length === 1, "the owner to be told");
    assert.deepEqual(test.revocations, [{ lost: false, all: false }]);
    let closed = false;
    void closing.then(() => closed = true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(closed, false);
    done.resolve();
    await closing;
  },
);

interface MemberOptions {
  readonly groupId?: string;
  readonly topic?: string;
  readonly start?: bigint;
  /** Number of messages that are there before it joins. */
  readonly messages?: number;
  readonly settings?: Record<string, string | number>;
}

/** A member of a group and its owner. */
class TestMember implements GroupConsumerOwner, AsyncDisposable {
  readonly groupId: string;
  readonly topic: string;
  readonly revocations: Revocation[] = [];
  readonly consumer: GroupConsumer;
  beforeRevoked: Promise<void> = Promise.resolve();
  assignments = 0;
  readonly #cluster: TestedCluster;
  readonly #admin: Cluster;
  readonly #start: bigint;
  #arrived = false;

  private constructor(cluster: TestedCluster, options: MemberOptions) {
    const { kafka, consumerSettings } = cluster;
    this.#cluster = cluster;
    this.#start = options.start ?? OFFSET_BEGINNING;
    this.groupId = options.groupId ?? uniqueName("group");
    this.topic = options.topic ?? cluster.topic;
    this.#admin = new Cluster(
      kafka.environment,
      { producer: cluster.settings, consumer: cluster.settings },
      cluster.isReal ? undefined : kafka.mock,
    );
    const settings = {
      ...(!cluster.isReal && kafka.mock.consumerSettings),
      "allow.auto.create.topics": true,
      "partition.assignment.strategy": "cooperative-sticky",
      ...consumerSettings,
      ...options.settings,
    };
    const { environment } = kafka;
    this.consumer = new GroupConsumer(
      environment,
      { groupId: this.groupId, clientId: uniqueName("consumer"), settings },
      this,
    );
  }

  static async start(cluster: TestedCluster, options: MemberOptions = {}): Promise<TestMember> {
    const member = new TestMember(cluster, options);
    await member.#admin.admin.createTopic(member.topic, { partitions: 1 });
    await member.fill(options.messages ?? 0);
    member.consumer.subscribe([member.topic]);
    return member;
  }

  /** Produces numbers. */
  async fill(count: number, first = 0): Promise<void> {
    const producer = this.#cluster.kafka.newProducer({ ...this.#cluster.settings });
    for (let n = 0; n < count; n++) producer.produce(this.topic, toBytes(`${first + n}`), null);
    assert.equal(await producer.flush(20_000), 0);
  }

  async joined(): Promise<void> {
    await until(() => this.consumer.partitions.length > 0, "partitions");
  }

  async take(count: number): Promise<Message[]> {
    const messages: Message[] = [];
    await until(() => {
      for (const place of this.consumer.partitions) {
        const queue = this.consumer.queueOf(place)!;
        messages.push(...queue.take(count - messages.length || 1));
      }
      return messages.length >= count;
    }, `${count} messages`);
    await until(() => this.#arrived, "to be told of messages");
    return messages;
  }

  async committed(): Promise<{ offset: bigint; metadata: string }[]> {
    return await this.#admin.admin.listGroupOffsets(this.groupId, this.topic);
  }

  starting(partitions: readonly TopicPartition[]): Promise<readonly StartOffset[]> {
    return Promise.resolve(partitions.map((place) => ({ ...place, offset: this.#start })));
  }

  assigned(): void {
    this.assignments++;
  }

  revoking(_partitions: readonly TopicPartition[], revocation: Revocation): Promise<void> {
    this.revocations.push(revocation);
    return this.beforeRevoked;
  }

  arrived(): void {
    this.#arrived = true;
  }

  skipped(): void {}

  recreating(): void {}

  recreated(): void {}

  failed(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.consumer.close();
    await this.#admin.close();
  }
}
