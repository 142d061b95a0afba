/**
 * Messages that Kafka deletes before a group has read them, as retention does where workers are too slow. None of them
 * can be handed out any more; how many they were must be known.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { uniqueName } from "../support/gateway.ts";
import { ack, mustPop, onBrokers, produceAll, quit } from "../support/kafka.ts";
import { Program } from "../support/program.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterTrial, EnduranceOutcome } from "./endurance.ts";

const PARTITIONS = 4;
/** Messages, each with another key, that are sent together. */
const BATCH = 200;
/** Little is fetched ahead, so that a worker's next message is one that was deleted. */
const FETCH_LITTLE = {
  "queued.min.messages": 1,
  "queued.max.messages.kbytes": 1,
  "fetch.message.max.bytes": 1_000,
};
/** Messages of each partition that are left. */
const KEPT = 10;
const COUNTER = "consumer.skipped.messages";

/** Records are deleted under a worker, and between two. */
export const skipped: ClusterTrial = {
  name: "skipped",
  what: "records are deleted between two BLPOPs of a worker, and between two workers",
  short: true,
  async run(cluster: Cluster, full: boolean): Promise<EnduranceOutcome> {
    const topic = uniqueName("skipped");
    await cluster.createTopic(topic, PARTITIONS);
    const config = onBrokers(cluster.bootstrapServers, { consumer: FETCH_LITTLE });
    await using program = await Program.start([], { RAFKA_CONFIG_JSON: JSON.stringify(config) });
    const trial = new Trial(cluster, program, topic, full ? 40_000 : 4_000);
    const underWorker = await trial.deleteUnderWorker();
    const betweenWorkers = await trial.deleteBetweenWorkers();
    return {
      figures: {
        messages: trial.produced,
        "skipped between two BLPOPs": underWorker.skipped,
        "counted then": underWorker.counted,
        "skipped between two workers": betweenWorkers.skipped,
        "counted for them": betweenWorkers.counted,
      },
      problems: [
        ...wrongCount("between two BLPOPs", underWorker),
        ...wrongCount("between two workers", betweenWorkers),
      ],
    };
  },
};

/** What a worker has not got, by the offsets of what it has, and by the counter. */
interface Skipped {
  readonly skipped: number;
  readonly counted: number;
}

function wrongCount(when: string, { skipped, counted }: Skipped): string[] {
  if (skipped === 0) return [`nothing was skipped ${when}`];
  return skipped === counted ? [] : [`${skipped} skipped ${when}, ${COUNTER} rose by ${counted}`];
}

/** A topic, and how far its group has read. */
class Trial {
  readonly #cluster: Cluster;
  readonly #program: Program;
  readonly #topic: string;
  readonly #count: number;
  /** The offset behind the last message that was handed out, of each partition. */
  readonly #next = new Map<number, number>();
  produced = 0;

  constructor(cluster: Cluster, program: Program, topic: string, count: number) {
    this.#cluster = cluster;
    this.#program = program;
    this.#topic = topic;
    this.#count = count;
  }

  /** The worker's connection stays: it has read some of each partition, and goes on behind what is gone. */
  async deleteUnderWorker(): Promise<Skipped> {
    await this.#produce();
    using client = await this.#worker("stays");
    await this.#popUntil(client, [...(await this.#ends()).keys()].map((one) => [one, 0]));
    const before = await this.#counted();
    const skipped = await this.#popUntil(client, await this.#delete());
    await quit(client);
    return { skipped, counted: await this.#counted() - before };
  }

  /** The next worker goes on at what the one before has committed, which is gone. */
  async deleteBetweenWorkers(): Promise<Skipped> {
    await this.#produce();
    const before = await this.#counted();
    const kept = await this.#delete();
    using client = await this.#worker("next");
    const skipped = await this.#popUntil(client, kept);
    await quit(client);
    return { skipped, counted: await this.#counted() - before };
  }

  /** In small batches, which Kafka hands out whole. */
  async #produce(): Promise<void> {
    using client = await this.#program.connect();
    for (const endCount = this.produced + this.#count; this.produced < endCount;) {
      const messages = Array.from({ length: BATCH }, (_, key): [string, string] => [
        `${this.#topic}:${key}`,
        `value ${this.produced + key}`,
      ]);
      await produceAll(client, messages);
      this.produced += BATCH;
    }
  }

  #ends(): Promise<Map<number, number>> {
    return this.#cluster.endsOf(this.#topic);
  }

  /** All but the last of each partition; the first offsets that are left. */
  async #delete(): Promise<Map<number, number>> {
    const ends = await this.#ends();
    const kept = new Map([...ends].map(([partition, end]) => [partition, end - KEPT]));
    await this.#cluster.deleteRecords(this.#topic, kept);
    return kept;
  }

  /** Pops and acks until each partition is as far as that; how many messages were left out. */
  async #popUntil(
    client: TestClient,
    offsets: Iterable<[partition: number, offset: number]>,
  ): Promise<number> {
    const next = (partition: number): number => this.#next.get(partition) ?? 0;
    const awaited = new Map([...offsets].filter(([partition, at]) => next(partition) <= at));
    let skipped = 0;
    while (awaited.size > 0) {
      const message = await mustPop(client, this.#topic);
      const { partition, offset } = message;
      assert.equal(await ack(client, message), ":1\r\n");
      skipped += offset - next(partition);
      this.#next.set(partition, offset + 1);
      if (offset >= (awaited.get(partition) ?? Infinity)) awaited.delete(partition);
    }
    return skipped;
  }

  async #worker(name: string): Promise<TestClient> {
    const client = await this.#program.connect();
    const reply = await client.ask("CLIENT", "SETNAME", `${this.#topic}-group:${name}`);
    assert.equal(reply, "+OK\r\n");
    return client;
  }

  /** 0 where the gateway has no such counter. */
  async #counted(): Promise<number> {
    using client = await this.#program.connect();
    const stats = (await client.ask("HGETALL", "stats")).split("\r\n");
    const at = stats.indexOf(COUNTER);
    return at < 0 ? 0 : Number(stats[at + 2]);
  }
}
