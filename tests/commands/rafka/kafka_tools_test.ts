/**
 * RAFKA's commands beside Kafka's own tools: the same answers.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { TestGateway, until } from "../../support/gateway.ts";
import { hasKafkaTool, KafkaCluster } from "../../support/kafka_cluster.ts";
import { onBrokers } from "../../support/kafka.ts";
import { askPlain, askRecords } from "../../support/plain_reply.ts";

const MOMENTS = 10;
const PARTITIONS = 4;

/** A row of `kafka-consumer-groups --describe`. */
interface ToolLag {
  readonly committed: number | null;
  readonly end: number;
  readonly lag: number | null;
}

Deno.test({
  name: "topics, groups and brokers are as Kafka's own tools show them",
  ignore: !hasKafkaTool,
  async fn(): Promise<void> {
    await using kafka = await KafkaCluster.start();
    await using gateway = await TestGateway.start({ config: onBrokers(kafka.bootstrapServers) });
    using client = await gateway.connect();
    await client.ask("HELLO", 3);
    await sameTopics(client, kafka);
    await sameGroups(client, kafka);
  },
});

Deno.test({
  name: `lag is Kafka's own in ${MOMENTS} moments under load, within what is in flight`,
  ignore: !hasKafkaTool,
  async fn(): Promise<void> {
    await using kafka = await KafkaCluster.start();
    await using gateway = await TestGateway.start({ config: onBrokers(kafka.bootstrapServers) });
    using client = await gateway.connect();
    await client.ask("HELLO", 3);
    await client.ask("RAFKA", "TOPIC", "CREATE", "load", "PARTITIONS", PARTITIONS);
    // the first group of a cluster: Kafka makes its topic for offsets
    const create = ["XGROUP", "CREATE", "topics:load", "g", 0];
    await until(async () => await client.ask(...create) === "+OK\r\n", "a group", 60_000);
    const load = new Load(gateway);
    try {
      for (let moment = 0; moment < MOMENTS; moment++) {
        const before = await lagsOf(client);
        const theirs = await toolLags(kafka, "g");
        const after = await lagsOf(client);
        assert.equal(theirs.size, PARTITIONS);
        for (const [partition, tool] of theirs) {
          const [first, last] = [before.get(partition)!, after.get(partition)!];
          // what was committed and produced in between
          within(tool.committed!, first.committed, last.committed, `committed ${moment}`);
          within(tool.end, first.end, last.end, `end ${moment}`);
          const moved = last.end - first.end + last.committed - first.committed;
          assert.ok(Math.abs(tool.lag! - first.lag - first.acked) <= moved, `lag ${moment}`);
        }
      }
    } finally {
      await load.stop();
    }
    assert.ok(load.produced > MOMENTS && load.acked > MOMENTS, "there was no load");
  },
});

/** Creates and changes topics on both sides. */
async function sameTopics(client: TestClient, kafka: KafkaCluster): Promise<void> {
  const config = ["CONFIG", "retention.ms", 3_600_000, "max.message.bytes", 65_536];
  await client.ask("RAFKA", "TOPIC", "CREATE", "ours", "PARTITIONS", 3, ...config);
  await kafka.run("topics", "--create", "--topic", "theirs", "--partitions", "2");
  const listed = (await kafka.run("topics", "--list")).trim().split("\n")
    .filter((name) => !name.startsWith("__")).sort();
  const topics = await askRecords(client, "RAFKA", "TOPICS");
  assert.deepEqual(topics.map(({ topic }) => topic), listed);
  const described = await kafka.run("topics", "--describe", "--topic", "ours");
  assert.match(
    described,
    /PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=3600000/,
  );
  const ours = await askPlain(client, "RAFKA", "TOPIC", "DESCRIBE", "ours") as {
    partitions: { partition: number; leader: number; replicas: number[]; isr: number[] }[];
    config: Record<string, string>;
  };
  const rows = [
    ...described.matchAll(/Partition: (\d+)\s+Leader: (\d+)\s+Replicas: (\S+)\s+Isr: (\S+)/g),
  ];
  assert.deepEqual(
    ours.partitions.map((one) => [one.partition, one.leader, one.replicas, one.isr]),
    rows.map(([, partition, leader, replicas, isr]) => [
      Number(partition),
      Number(leader),
      replicas!.split(",").map(Number),
      isr!.split(",").map(Number),
    ]),
  );
  const configs = await kafka.run(
    ...["configs", "--describe", "--entity-type", "topics", "--entity-name", "ours"] as const,
  );
  const names = [...configs.matchAll(/^\s+(\S+)=(\S+) sensitive/gm)];
  assert.deepEqual(ours.config, Object.fromEntries(names.map(([, name, value]) => [name, value])));
  await client.ask("RAFKA", "TOPIC", "ALTER", "theirs", "PARTITIONS", 5);
  assert.match(await kafka.run("topics", "--describe", "--topic", "theirs"), /PartitionCount: 5/);
  await client.ask("RAFKA", "TOPIC", "DELETE", "theirs");
  assert.doesNotMatch(await kafka.run("topics", "--list"), /theirs/);
  const [broker] = await askRecords(client, "RAFKA", "BROKERS");
  assert.equal(`${broker!.host}:${broker!.port}`, kafka.bootstrapServers);
}

/** Moves and deletes groups on both sides. */
async function sameGroups(client: TestClient, kafka: KafkaCluster): Promise<void> {
  for (let n = 0; n < 9; n++) await client.ask("XADD", `topics:ours:${n}`, "*", "value", n);
  const seek = ["RAFKA", "GROUP", "SEEK", "one", "ours", "latest"];
  await until(async () => (await client.ask(...seek)).startsWith("*"), "the first group", 60_000);
  const reset = ["--reset-offsets", "--topic", "ours", "--to-earliest", "--execute"];
  await kafka.run("groups", "--group", "two", ...reset);
  const listed = (await kafka.run("groups", "--list")).trim().split("\n").sort();
  const groups = await askRecords(client, "RAFKA", "GROUPS");
  assert.deepEqual(groups.map(({ group }) => group), listed);
  for (const group of ["one", "two"]) {
    const lags = await askRecords(client, "RAFKA", "GROUP", "LAG", group);
    const theirs = await toolLags(kafka, group);
    assert.equal(theirs.size, 3);
    for (const { partition, committed, end, lag } of lags) {
      assert.deepEqual({ committed, end, lag }, theirs.get(partition as number), group);
    }
  }
  assert.equal(await client.ask("RAFKA", "GROUP", "DELETE", "one"), "+OK\r\n");
  assert.equal((await kafka.run("groups", "--list")).trim(), "two");
}

async function toolLags(kafka: KafkaCluster, group: string): Promise<Map<number, ToolLag>> {
  const text = await kafka.run("groups", "--describe", "--group", group);
  const number = (cell: string): number | null => cell === "-" ? null : Number(cell);
  const rows = text.matchAll(/^\S+ +\S+ +(\d+) +(\S+) +(\d+) +(\S+) /gm);
  return new Map([...rows].map(([, partition, committed, end, lag]) => [
    Number(partition),
    { committed: number(committed!), end: Number(end), lag: number(lag!) },
  ]));
}

type OurLag = { partition: number; committed: number; end: number; lag: number; acked: number };

async function lagsOf(client: TestClient): Promise<Map<number, OurLag>> {
  const lags = await askRecords(client, "RAFKA", "GROUP", "LAG", "g") as unknown as OurLag[];
  for (const { committed, end, lag, acked } of lags) assert.equal(lag, end - committed - acked);
  return new Map(lags.map((lag) => [lag.partition, lag]));
}

function within(value: number, least: number, most: number, what: string): void {
  assert.ok(value >= least && value <= most, `${what}: ${value} is not in ${least} to ${most}`);
}

/** A producer, and a worker that acks in no order. */
class Load {
  produced = 0;
  acked = 0;
  #stopped = false;
  readonly #running: Promise<unknown>;

  constructor(gateway: TestGateway) {
    this.#running = Promise.all([this.#produce(gateway), this.#work(gateway)]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #produce(gateway: TestGateway): Promise<void> {
    using client = await gateway.connect();
    while (!this.#stopped) {
      await client.ask("XADD", `topics:load:${this.produced}`, "*", "value", this.produced);
      this.produced++;
    }
  }

  async #work(gateway: TestGateway): Promise<void> {
    using client = await gateway.connect();
    const read = ["XREADGROUP", "GROUP", "g", "c", "COUNT", 20, "BLOCK", 100];
    let kept: string[] = [];
    while (!this.#stopped) {
      const reply = await askPlain(client, ...read, "STREAMS", "topics:load", ">");
      const [[, entries]] = (reply ?? [["load", []]]) as [[string, [string, unknown][]]];
      const ids = entries.map(([id]) => id);
      const acks = [...ids.filter((_, at) => at % 3 !== 0), ...kept];
      kept = ids.filter((_, at) => at % 3 === 0);
      if (acks.length > 0) await client.ask("XACK", "topics:load", "g", ...acks);
      this.acked += acks.length;
    }
  }
}
