/**
 * @module
 * A real Kafka of three brokers, each of which can be killed, stopped for a while, and brought back.
 */
import { TaskError } from "../../tasks/say.ts";
import { run } from "../bench/process.ts";
import { isFile } from "../support/on_path.ts";
import { withFreePorts } from "./free_ports.ts";
import { Undo } from "./undo.ts";

/** The program that starts a Kafka, beside the checkout. */
const TOOL = new URL("../../../shared/tools/kafka", import.meta.url).pathname;
const BROKER_IDS = [1, 2, 3] as const;
const DEADLINE_MS = 180_000;

/** Three brokers on this machine. */
export class Cluster implements AsyncDisposable {
  readonly bootstrapServers: string;
  readonly #dir: string;
  readonly #running = new Set<number>(BROKER_IDS);
  readonly #end: Undo;

  private constructor(dir: string, bootstrapServers: string) {
    this.#dir = dir;
    this.bootstrapServers = bootstrapServers;
    this.#end = new Undo(() => this.#stop());
  }

  /** A Kafka can be started here. */
  static get available(): boolean {
    return isFile(TOOL);
  }

  /** Starts it; it takes some 15 seconds. */
  static async start(): Promise<Cluster> {
    if (!Cluster.available) throw new TaskError(`There is no Kafka to be started: no ${TOOL}`);
    const dir = await Deno.makeTempDir({ prefix: "rafka-faults-" });
    const bootstrapServers = await withFreePorts(BROKER_IDS.length, (port) =>
      run(TOOL, [
        ...["start", "--dir", dir, "--brokers", "3", "--port", String(port), "--heap", "384m"],
        "--no-auto-create", // a topic that was deleted stays away until it is made again
        // it is forgotten that a broker was killed in 3 s, not in 9
        ...["--set", "broker.session.timeout.ms=3000", "--set", "broker.heartbeat.interval.ms=500"],
      ], { deadlineMs: DEADLINE_MS }));
    return new Cluster(dir, bootstrapServers.trim());
  }

  /** Makes a topic that survives the loss of one broker, and of no more: min.insync.replicas is 2. */
  async createTopic(topic: string, partitions: number): Promise<void> {
    await this.#tool("topics", [
      ...["--create", "--topic", topic, "--partitions", String(partitions)],
      ...["--replication-factor", "3", "--config", "min.insync.replicas=2"],
    ]);
  }

  /** Deletes a topic with all that is in it. */
  async deleteTopic(topic: string): Promise<void> {
    await this.#tool("topics", ["--delete", "--topic", topic]);
  }

  /** The broker that leads partition 0. */
  async leaderOf(topic: string): Promise<number> {
    const described = await this.#tool("topics", ["--describe", "--topic", topic]);
    const leader = /Partition: 0\s+Leader: (\d+)/.exec(described)?.[1];
    if (leader === undefined) throw new Error(`No leader in ${described}`);
    return Number(leader);
  }

  /** The broker that keeps the offsets of a consumer group. */
  async coordinatorOf(group: string): Promise<number> {
    const described = await this.#tool("groups", ["--describe", "--state", "--group", group]);
    const coordinator = /\((\d+)\)/.exec(described)?.[1];
    if (coordinator === undefined) throw new Error(`No coordinator in ${described}`);
    return Number(coordinator);
  }

  /** SIGKILL. */
  async kill(...brokerIds: number[]): Promise<void> {
    await this.#tool("kill", brokerIds.map(String));
    for (const id of brokerIds) this.#running.delete(id);
  }

  /** SIGTERM, where it runs, and a new start; until all running brokers see it. */
  async restart(...brokerIds: number[]): Promise<void> {
    await this.#tool("restart", brokerIds.map(String));
    for (const id of brokerIds) this.#running.add(id);
  }

  /** Signals brokers: SIGSTOP lets them accept connections and answer nothing, until SIGCONT. */
  async signal(name: Deno.Signal, ...brokerIds: number[]): Promise<void> {
    for (const id of brokerIds) {
      const pid = Number(await Deno.readTextFile(`${this.#dir}/broker-${id}.pid`));
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
    await this.#tool("stop", ["--clean"]);
  }

  #tool(verb: string, args: readonly string[]): Promise<string> {
    return run(TOOL, [verb, "--dir", this.#dir, ...args], { deadlineMs: DEADLINE_MS });
  }
}
