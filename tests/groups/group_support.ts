/**
 * Stream groups of running gateways, without commands.
 *
 * @module
 */
import assert from "node:assert/strict";
import { decodeProgress } from "../../src/groups/commit_metadata.ts";
import type { StreamEntry } from "../../src/groups/group_entries.ts";
import type { StreamGroup } from "../../src/groups/stream_group.ts";
import type { GroupStart, StreamGroups } from "../../src/groups/stream_groups.ts";
import { MIN_ID } from "../../src/streams/stream_id.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { onBrokers, produceAll, TestCluster, type TestConfig } from "../support/kafka.ts";
import { kafkaBrokers } from "../support/machine.ts";

/** How long a test waits for an entry: a new member of a group gets partitions after seconds only. */
export const PATIENCE_MS = 20_000;
export const never: AbortSignal = new AbortController().signal;

/** A group on a topic, as one gateway sees it. */
export class TestGroup {
  readonly gateway: TestGateway;
  readonly name: string;
  readonly topic: string;

  constructor(gateway: TestGateway, name = uniqueName("group"), topic = uniqueName("topic")) {
    this.gateway = gateway;
    this.name = name;
    this.topic = topic;
  }

  get groups(): StreamGroups {
    return this.gateway.rafka.server.state.principals.own.groups;
  }

  /** The same group, as another gateway sees it. */
  at(gateway: TestGateway): TestGroup {
    return new TestGroup(gateway, this.name, this.topic);
  }

  async create(start: GroupStart = MIN_ID): Promise<void> {
    const created = await this.groups.create(this.name, this.topic, start, { makeTopic: true });
    assert.equal(created, "created");
  }

  /** Joins the group, if it isn't in use yet. */
  async open(): Promise<StreamGroup> {
    const group = await this.groups.open(this.name, this.topic);
    assert.ok(group, `no group ${this.name}`);
    return group;
  }

  /** Produces messages whose values are numbers, from `first` on; those of a call without keys are of one partition. */
  async fill(count: number, first = 0, keyOf?: (n: number) => string): Promise<void> {
    using client = await this.gateway.connect();
    const target = (n: number): string => keyOf ? `${this.topic}:${keyOf(n)}` : this.topic;
    await produceAll(client, numbers(count, first).map((n) => [target(n), `${n}`]));
  }

  /** Waits for entries until there are so many, or for `patienceMs`. */
  async take(count: number, consumer = "c", patienceMs = PATIENCE_MS): Promise<StreamEntry[]> {
    const group = await this.open();
    const entries: StreamEntry[] = [];
    const deadline = performance.now() + patienceMs;
    while (entries.length < count) {
      entries.push(...group.take(consumer, count - entries.length, false));
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) break;
      if (entries.length < count) await this.groups.wait([group], leftMs, never);
    }
    return entries;
  }
}

/** Waits until two gateways have the four partitions of a topic between them. */
export async function untilShared(one: StreamGroup, other: StreamGroup): Promise<void> {
  const counts = (): number[] => [one, other].map(({ partitions }) => partitions.size);
  await until(
    () => Math.min(...counts()) > 0 && counts()[0]! + counts()[1]! === 4,
    "both to have partitions",
  );
}

/** What both gateways deliver until nothing more comes. */
export async function drain(...groups: readonly TestGroup[]): Promise<StreamEntry[]> {
  const entries: StreamEntry[] = [];
  for (let quiet = 0; quiet < 3;) {
    const taken = (await Promise.all(groups.map((group) => group.take(1_000, "c", 500)))).flat();
    entries.push(...taken);
    quiet = taken.length === 0 ? quiet + 1 : 0;
  }
  return entries;
}

/** Values of entries, in the order of numbers. */
export function valuesOf(entries: readonly Pick<StreamEntry, "message">[]): number[] {
  const decoder = new TextDecoder();
  return entries.map(({ message }) => Number(decoder.decode(message.value!))).sort((a, b) => a - b);
}

/** Numbers from `first` on. */
export function numbers(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, n) => first + n);
}

/** A cluster that several gateways use. */
export interface SharedCluster {
  /** Starts a gateway. */
  start(config?: TestConfig): Promise<TestGateway>;
  /** A new topic. */
  newTopic(): string;
  /** Else it may rebalance again and again, and give partitions that it has just taken to the other member. */
  readonly isReal: boolean;
}

/** The same test with several gateways on a mock cluster and, if there is one, on a real Kafka. */
export function testWithGateways(
  title: string,
  run: (cluster: SharedCluster) => Promise<void>,
): void {
  Deno.test(`${title} (mock cluster)`, async () => {
    await using cluster = await TestCluster.start();
    await run({
      start: (config) => TestGateway.start({ config: cluster.config(config) }),
      newTopic(): string {
        const topic = uniqueName("topic");
        cluster.mock.createTopic(topic); // gateways can't, it is not theirs
        return topic;
      },
      isReal: false,
    });
  });
  Deno.test({
    name: `${title} (real Kafka)`,
    ignore: kafkaBrokers === undefined,
    fn: () =>
      run({
        start: (config) => TestGateway.start({ config: onBrokers(kafkaBrokers!, config) }),
        newTopic: () => uniqueName("topic"),
        isReal: true,
      }),
  });
}

/** Waits until so many acks are committed. */
export async function untilAcked(
  { gateway, name, topic }: TestGroup,
  count: number,
): Promise<void> {
  const { admin } = gateway.rafka.server.state.principals.own.cluster;
  await until(async () => {
    const committed = await admin.listGroupOffsets(name, topic);
    const acked = committed.map(({ offset, metadata }) => {
      const { runs } = decodeProgress(Number(offset), metadata);
      return Number(offset) + runs.reduce((sum, run, at) => sum + at % 2 * run, 0);
    });
    return acked.reduce((sum, one) => sum + one, 0) === count;
  }, `${count} acks to be committed`);
}
