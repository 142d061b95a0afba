/**
 * The Kafka that both sides use: librdkafka's mock cluster in a process of its own, or a real one.
 *
 * @module
 */
import { uniqueName } from "../support/gateway.ts";
import type { KafkaSection } from "../../src/config/kafka_section.ts";
import { run } from "./process.ts";
import { rdkafkaPerformance } from "./tools.ts";

/** Topics of the mock cluster, each with its partitions. It keeps 5 MB of a partition, so what is read needs many. */
const PARTITION_COUNTS = { produced: 4, full: 40, latency: 1, workers: 4 } as const;

/** What a topic is for. */
export type TopicUse = keyof typeof PARTITION_COUNTS;

/** Where the bench's messages go. */
export class Broker implements AsyncDisposable {
  readonly bootstrapServers: string;
  /** What consumers of it need. */
  readonly consumerSettings: KafkaSection;
  readonly isReal: boolean;
  readonly #topics: Readonly<Record<TopicUse, string>>;
  readonly #mock: Deno.ChildProcess | undefined;
  #filled = 0;

  private constructor(
    kafka: { bootstrapServers: string; consumerSettings: KafkaSection },
    topics: Record<TopicUse, string>,
    mock?: Deno.ChildProcess,
  ) {
    this.bootstrapServers = kafka.bootstrapServers;
    this.consumerSettings = kafka.consumerSettings;
    this.isReal = mock === undefined;
    this.#topics = topics;
    this.#mock = mock;
  }

  /** A real Kafka, which must let clients create topics. */
  static real(bootstrapServers: string): Broker {
    return new Broker({ bootstrapServers, consumerSettings: {} }, newTopics());
  }

  /** Starts a mock cluster. */
  static async mock(): Promise<Broker> {
    const topics = newTopics();
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--allow-ffi", "--allow-read"],
        "--allow-net=127.0.0.1",
        ...["--allow-env", "--allow-sys=uid"],
        new URL("mock_broker.ts", import.meta.url).pathname,
        ...Object.entries(PARTITION_COUNTS).map(([use, count]) =>
          `${topics[use as TopicUse]}:${count}`
        ),
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = process.stdout.pipeThrough(new TextDecoderStream());
    for await (const line of lines) return new Broker(JSON.parse(line), topics, process);
    throw new Error("The mock cluster did not start");
  }

  /** The name of a topic. */
  topic(use: TopicUse): string {
    return this.#topics[use];
  }

  /** The numbers of a topic's partitions. */
  partitions(use: TopicUse): number[] {
    return Array.from({ length: PARTITION_COUNTS[use] }, (_, number) => number);
  }

  /** Makes sure that the topic to read from holds so many messages of 100 bytes. */
  async fill(count: number): Promise<void> {
    const missing = count - this.#filled;
    if (missing <= 0) return;
    const produced = await run(await rdkafkaPerformance(), [
      ...["-P", "-q", "-b", this.bootstrapServers, "-t", this.topic("full")],
      ...["-s", "100", "-c", String(missing)],
      ...["-X", "log_level=3", "-X", "linger.ms=100"],
      ...["-X", "sticky.partitioning.linger.ms=0"], // to all partitions alike: none may overflow
    ]);
    if (!produced.includes(`${missing} delivered`) || !produced.includes(" 0 failed")) {
      throw new Error(`The topic could not be filled:\n${produced}`);
    }
    this.#filled = count;
  }

  /** Ends the mock cluster. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#mock) return;
    await this.#mock.stdin.close();
    await this.#mock.status;
  }
}

function newTopics(): Record<TopicUse, string> {
  const run = uniqueName("bench"); // a real Kafka keeps those of earlier runs
  const uses = Object.keys(PARTITION_COUNTS) as TopicUse[];
  return Object.fromEntries(uses.map((use) => [use, `${run}-${use}`])) as Record<TopicUse, string>;
}
