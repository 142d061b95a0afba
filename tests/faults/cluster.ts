/**
 * A real Kafka of three brokers, each of which can be killed, stopped for a while, and brought back.
 *
 * @module
 */
import { kcatLeader } from "../support/kcat.ts";
import { KafkaCluster } from "../support/kafka_cluster.ts";
import type { Committed } from "./stream_state.ts";
import { Undo } from "./undo.ts";

const BROKER_IDS = [1, 2, 3] as const;

const OPTIONS = [
  ...["--brokers", "3", "--heap", "384m"],
  "--no-auto-create", // a topic that was deleted stays away until it is made again
];

/** Three brokers on this machine. */
export class Cluster implements AsyncDisposable {
  readonly #kafka: KafkaCluster;
  readonly #running = new Set<number>(BROKER_IDS);
  readonly #end: Undo;

  private constructor(kafka: KafkaCluster) {
    this.#kafka = kafka;
    this.#end = new Undo(() => this.#stop());
  }

  /** Starts it; it takes some 15 seconds. */
  static async start(): Promise<Cluster> {
    return new Cluster(await KafkaCluster.start(...OPTIONS));
  }

  /** `host:port` of each broker. */
  get bootstrapServers(): string {
    return this.#kafka.bootstrapServers;
  }

  /** Where clients and other brokers reach these brokers, or all. */
  portsOf(...brokerIds: number[]): number[] {
    const ports = this.bootstrapServers.split(",").map((broker) => Number(broker.split(":")[1]));
    return brokerIds.length === 0 ? ports : brokerIds.map((id) => ports[id - 1]!);
  }

  /** Makes a topic that survives the loss of one broker, and of no more: min.insync.replicas is 2. */
  async createTopic(topic: string, partitions: number): Promise<void> {
    await this.#kafka.run(
      "topics",
      ...["--create", "--topic", topic, "--partitions", String(partitions)],
      ...["--replication-factor", "3", "--config", "min.insync.replicas=2"],
    );
  }

  /** The topic has so many partitions from now on. */
  async addPartitions(topic: string, partitions: number): Promise<void> {
    const count = String(partitions);
    await this.#kafka.run("topics", "--alter", "--topic", topic, "--partitions", count);
  }

  /** Sets a setting of a topic. */
  async setTopic(topic: string, name: string, value: number): Promise<void> {
    const what = ["--entity-type", "topics", "--entity-name", topic];
    await this.#kafka.run("configs", "--alter", ...what, "--add-config", `${name}=${value}`);
  }

  /** Deletes a topic with all that is in it. */
  async deleteTopic(topic: string): Promise<void> {
    await this.#kafka.run("topics", "--delete", "--topic", topic);
  }

  /** The offset behind the last message of each partition. */
  async endsOf(topic: string): Promise<Map<number, number>> {
    const lines = await this.#kafka.run("offsets", "--topic", topic);
    const ends = lines.matchAll(/:(\d+):(\d+)$/gm);
    return new Map([...ends].map(([, partition, end]) => [Number(partition), Number(end)]));
  }

  /** Deletes what is in these partitions before these offsets, as retention does. */
  async deleteRecords(topic: string, ends: ReadonlyMap<number, number>): Promise<void> {
    const partitions = [...ends].map(([partition, offset]) => ({ topic, partition, offset }));
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, JSON.stringify({ version: 1, partitions }));
      await this.#kafka.run("delete-records", "--offset-json-file", file);
    } finally {
      await Deno.remove(file);
    }
  }

  /** The broker that leads partition 0. */
  leaderOf(topic: string): Promise<number> {
    return kcatLeader(this.bootstrapServers, topic); // takes no seconds, as Kafka's own tool does
  }

  /** The two that follow the leader of partition 0. */
  async followersOf(topic: string): Promise<number[]> {
    const leader = await this.leaderOf(topic);
    return BROKER_IDS.filter((id) => id !== leader);
  }

  /** The broker that keeps the offsets of a consumer group. */
  async coordinatorOf(group: string): Promise<number> {
    const described = await this.#kafka.run("groups", "--describe", "--state", "--group", group);
    return numberIn(described, /\((\d+)\)/);
  }

  /** What a consumer group has committed of a topic, as Kafka's own tool shows it. */
  async committedOf(group: string, topic: string): Promise<Map<number, Committed>> {
    const described = await this.#kafka.run("groups", "--describe", "--group", group);
    const lines = described.split("\n").map((line) => line.trim().split(/\s+/))
      .filter(([of, on]) => of === group && on === topic);
    return new Map(lines.map(([, , partition, offset, end]) => [
      Number(partition),
      { offset: offset === "-" ? undefined : Number(offset), end: Number(end) },
    ]));
  }

  /** SIGKILL. */
  async kill(...brokerIds: number[]): Promise<void> {
    await this.#kafka.run("kill", ...brokerIds.map(String));
    for (const id of brokerIds) this.#running.delete(id);
  }

  /** SIGTERM, where it runs, and a new start; until all running brokers see it. */
  async restart(...brokerIds: number[]): Promise<void> {
    await this.#kafka.run("restart", ...brokerIds.map(String));
    for (const id of brokerIds) this.#running.add(id);
  }

  /** Signals brokers: SIGSTOP lets them accept connections and answer nothing, until SIGCONT. */
  async signal(name: Deno.Signal, ...brokerIds: number[]): Promise<void> {
    for (const id of brokerIds) {
      const pid = Number(await Deno.readTextFile(`${this.#kafka.dir}/broker-${id}.pid`));
      Deno.kill(pid, name);
    }
  }

  /** Whatever a trial has broken works again. */
  async heal(): Promise<void> {
    await this.signal("SIGCONT", ...this.#running);
    const down = BROKER_IDS.filter((id) => !this.#running.has(id));
    if (down.length > 0) await this.restart(...down);
  }

  /** Ends it; nothing is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end[Symbol.asyncDispose]();
  }

  async #stop(): Promise<void> {
    await this.signal("SIGCONT", ...this.#running);
    await this.#kafka[Symbol.asyncDispose]();
  }
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`Nothing like ${pattern} in ${text}`);
  return Number(found);
}
