/**
 * Gateways join and leave a group, and their topics change, while its entries are acked: what is acked is not delivered
 * again, as a healthy rebalance commits it before its partition moves.
 *
 * @module
 */
import assert from "node:assert/strict";
import { until } from "../support/gateway.ts";
import { AckingWorkers } from "./acking_workers.ts";
import { type SharedCluster, TestGroup, testWithGateways } from "./group_support.ts";

const STRATEGIES = ["cooperative-sticky", "range"];
const ROUNDS = 3;
/** Gateways that join, and leave, at the same time. */
const JOINING = 2;
/** Entries of each produce. */
const BATCH = 40;
/** Entries that a worker acks before its gateway leaves. */
const ACKED = 10;

for (const strategy of STRATEGIES) {
  testWithGateways(
    `while gateways join and leave, no acked entry is delivered again (${strategy})`,
    async (cluster) => {
      const { again, produced, acked } = await play(cluster, strategy, ROUNDS);
      assert.equal(again, 0, "acked entries were delivered again");
      assert.equal(acked, produced);
    },
  );
}

/** Numbers of entries. */
interface Played {
  readonly produced: number;
  readonly acked: number;
  readonly again: number;
}

/** Each round some gateways join the group, and one more topic is used by it; they work, then they leave. */
export async function play(
  cluster: SharedCluster,
  strategy: string,
  rounds: number,
): Promise<Played> {
  const heartbeat = cluster.isReal ? { "heartbeat.interval.ms": 200 } : {};
  const config = { consumer: { "partition.assignment.strategy": strategy, ...heartbeat } };
  await using steady = await cluster.start(config);
  const test = new TestGroup(steady, undefined, cluster.newTopic());
  await test.create();
  const topics = Array.from({ length: JOINING }, () => cluster.newTopic());
  for (const topic of topics) await new TestGroup(steady, test.name, topic).create();
  const workers = new AckingWorkers();
  const worker = workers.start(test, "steady");
  const producing = new Producing(test, () => workers.acked.size);
  for (let round = 0; round < rounds; round++) {
    await Promise.all(topics.map(async (topic, n) => {
      await using gateway = await cluster.start(config);
      const joined = workers.start(test.at(gateway), `worker ${round}-${n}`);
      await joined.untilAcked(ACKED);
      await new TestGroup(gateway, test.name, topic).open(); // its topics change, and the group once more
      await joined.end();
    }));
  }
  const produced = await producing.end();
  await until(() => workers.acked.size >= produced, "all to be acked", 60_000);
  await worker.end();
  return { produced, acked: workers.acked.size, again: workers.again.length };
}

/** Produces until its end. */
class Producing {
  readonly #done: Promise<number>;
  #ends = false;

  constructor(test: TestGroup, acked: () => number) {
    this.#done = this.#produce(test, acked);
  }

  /** Returns the number of messages. */
  end(): Promise<number> {
    this.#ends = true;
    return this.#done;
  }

  /** The workers keep up with it. */
  async #produce(test: TestGroup, acked: () => number): Promise<number> {
    let count = 0;
    while (!this.#ends) {
      await until(() => this.#ends || count - acked() < BATCH, "entries to be acked", 60_000);
      await test.fill(BATCH, count, (n) => `key-${n % 37}`);
      count += BATCH;
    }
    return count;
  }
}
