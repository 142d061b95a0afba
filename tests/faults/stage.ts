/**
 * A trial: a topic, a gateway, writers and readers of its own; the fault is the scenario's. Afterwards everything is
 * drained, the group restarts cleanly, and the topic is read by kcat.
 *
 * @module
 */
import { say } from "../../tasks/say.ts";
import { uniqueName } from "../support/gateway.ts";
import { onBrokers, type TestConfig } from "../support/kafka.ts";
import { kcatMessages } from "../support/kcat.ts";
import { check, type Verdict } from "./check.ts";
import type { Counters } from "./failures.ts";
import { GatewayProcess } from "./gateway_process.ts";
import { Journal } from "./journal.ts";
import { idOf, pause, Reader, type Worker, Writer } from "./load.ts";
import { type Pace, SteadyWriter } from "./steady.ts";
import type { Loss } from "./stream_handouts.ts";
import { COMMIT_MS, StreamStage } from "./stream_stage.ts";
import { type Committed, holdings } from "./stream_state.ts";

const PARTITIONS = 6;
/** How long everything may take to work again when the fault is over. */
const RECOVERY_DEADLINE_MS = 120_000;
/** How long the group may read what has come together: as fast as the machine can, which may do other things, too. */
const DRAIN_DEADLINE_MS = 480_000;
/** Nothing more comes: the group has read all. */
const QUIET_MS = 4_000;
/** The same, when each message that is known to be in Kafka was handed out. */
const SHORT_QUIET_MS = 1_000;
const POLL_MS = 100;
/** What is acked so long before a fault is committed, also by brokers that share a busy machine. */
const SLOW_COMMIT_MS = 4_000;
/** The evidence of promises that were kept is of interest, too. */
const KEEPS_ALL = Boolean(Deno.env.get("RAFKA_TEST_EVIDENCE"));

/** Where a trial's topic is. */
export interface Kafka {
  readonly bootstrapServers: string;
  createTopic(topic: string, partitions: number): Promise<void> | unknown;
  /** What Kafka's own tool says of a group; undefined where there is none. */
  committedOf?(group: string, topic: string): Promise<ReadonlyMap<number, Committed>>;
}

/** How a trial differs from the usual. */
export interface StageOptions {
  readonly config?: TestConfig;
  /** See `Evidence`. */
  readonly acksMayBeLost?: boolean;
  readonly writers?: number;
  readonly readers?: number;
  /** Writers beside these that send each message once, and go on at their pace whatever happens. */
  readonly steadyWriters?: readonly Pace[];
  readonly partitions?: number;
  /** `server.streams.order` is "key". */
  readonly inOrderOfKeys?: boolean;
}

/** What a trial has shown. */
export interface Outcome extends Verdict {
  readonly longestStallMs: number;
  readonly ackErrors: ReadonlyMap<string, number>;
}

/** What a scenario plays on. */
export class Stage implements AsyncDisposable {
  readonly kafka: Kafka;
  readonly gateway: GatewayProcess;
  readonly topic: string;
  /** Name of the consumer group. */
  readonly group: string;
  readonly journal = new Journal();
  readonly writers: (Writer | SteadyWriter)[] = [];
  readonly readers: Reader[] = [];
  /** Those of the stream are always there. */
  stream!: StreamStage;
  /** Other gateways that the stream's group has members on. */
  readonly #others: GatewayProcess[] = [];
  readonly #config: TestConfig;
  readonly #acksMayBeLost: boolean;
  readonly #inOrderOfKeys: boolean;
  /** What came before does not count. */
  countsFromMs = 0;
  /** What was acked until then is committed, whatever happens since. */
  faultFromMs = Infinity;
  #counters: Counters | undefined;

  private constructor(
    kafka: Kafka,
    gateway: GatewayProcess,
    topic: string,
    config: TestConfig,
    options: StageOptions,
  ) {
    this.kafka = kafka;
    this.gateway = gateway;
    this.#config = config;
    this.topic = topic;
    this.group = `${topic}-group`;
    this.#acksMayBeLost = options.acksMayBeLost ?? false;
    this.#inOrderOfKeys = options.inOrderOfKeys ?? false;
  }

  /** With the load on: everybody has had a first success. */
  static async open(kafka: Kafka, options: StageOptions = {}): Promise<Stage> {
    const topic = uniqueName("faults");
    await kafka.createTopic(topic, options.partitions ?? PARTITIONS);
    const config = configure(kafka.bootstrapServers, options);
    const gateway = await GatewayProcess.start(topic, config);
    const stage = new Stage(kafka, gateway, topic, config, options);
    for (let n = 0; n < (options.writers ?? 3); n++) stage.addWriter(n % 3 === 2 ? "DUMP" : "WAIT");
    for (const pace of options.steadyWriters ?? []) stage.addSteadyWriter(pace);
    for (let n = 0; n < (options.readers ?? 2); n++) stage.addReader(`reader-${n}`);
    try {
      await stage.#openStream();
      await stage.works();
    } catch (error) {
      await stage.keepEvidence();
      await stage[Symbol.asyncDispose]();
      throw error;
    }
    return stage;
  }

  async #openStream(): Promise<void> {
    const { port, topic, journal, kafka } = this;
    const group = `${topic}-stream`;
    const askKafka = kafka.committedOf && (() => kafka.committedOf!(group, topic));
    const place = { port, topic, group, journal };
    this.stream = await StreamStage.open(place, !this.#inOrderOfKeys, askKafka);
  }

  /** Where clients find the gateway now. */
  readonly port = (): number => this.gateway.port;

  /** One more writer, at once. */
  addWriter(cover: "WAIT" | "DUMP"): Writer {
    const name = `writer-${this.writers.length}`;
    const writer = new Writer(name, cover, this.port, this.topic, this.journal).start();
    this.writers.push(writer);
    return writer;
  }

  /** One more writer that sends each message once, at once. */
  addSteadyWriter(pace: Pace): SteadyWriter {
    const name = `steady-${pace.perSecond}-${this.writers.length}`;
    const writer = new SteadyWriter(name, pace, this.port, this.topic, this.journal).start();
    this.writers.push(writer);
    return writer;
  }

  /** Another gateway on the same Kafka; all loads but those that are told to go there stay where they are. */
  async addGateway(): Promise<GatewayProcess> {
    const gateway = await GatewayProcess.start(this.topic, this.#config);
    this.#others.push(gateway);
    return gateway;
  }

  /** One more worker of the group, at once. */
  addReader(name: string, work?: ConstructorParameters<typeof Reader>[4]): Reader {
    const worker = `${this.group}:${name}`;
    const reader = new Reader(worker, this.port, this.topic, this.journal, work).start();
    this.readers.push(reader);
    return reader;
  }

  /** The worker leaves the group. */
  async removeReader(reader: Reader): Promise<void> {
    this.readers.splice(this.readers.indexOf(reader), 1);
    await reader.stop();
  }

  /** Every writer has had a batch confirmed from now on, and somebody has consumed. */
  async works(): Promise<void> {
    await Promise.all([
      ...this.writers.map((writer) => writer.succeeds(RECOVERY_DEADLINE_MS)),
      Promise.any(this.readers.map((reader) => reader.succeeds(RECOVERY_DEADLINE_MS))),
      this.stream.works(RECOVERY_DEADLINE_MS),
    ]);
  }

  /** Ends the load, lets the group read the rest, restarts it, and compares. */
  async finish(): Promise<Outcome> {
    await stopAll([...this.writers, ...this.stream.writers]);
    this.#counters = await this.gateway.settled(RECOVERY_DEADLINE_MS);
    if (this.gateway.restarted) this.#counters = undefined;
    await Promise.all([
      this.#drained(this.journal.handedOut, () => this.#allHandedOut(this.journal.handedOut)),
      this.#drained(this.journal.entries, () => this.#allHandedOut(this.journal.entries))
        .then(() => this.stream.rest(DRAIN_DEADLINE_MS)),
    ]);
    await stopAll(this.readers);
    const counted = this.#counted();
    await this.gateway.stop();
    this.journal.cleanRestartsMs.push(performance.now());
    await this.gateway.restart();
    const after = this.addReader("after-restart");
    await Promise.all([
      this.#drained(this.journal.handedOut),
      this.stream.finish(() => this.#drained(this.journal.entries, () => this.#allAcked())),
    ]);
    await after.stop();
    await this.gateway.stop();
    const outcome = { ...await this.#compare(), ...counted };
    if (outcome.problems.length > 0 || KEEPS_ALL) await this.keepEvidence();
    return outcome;
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const gateway of [this.gateway, ...this.#others]) await gateway[Symbol.asyncDispose]();
  }

  /** For a while nothing was handed out; a shorter one will do when nothing is known to be missing. */
  async #drained(
    handedOut: readonly { readonly id: string }[],
    isComplete: () => boolean = () => false,
  ): Promise<void> {
    const deadline = performance.now() + DRAIN_DEADLINE_MS;
    let lastMs = performance.now();
    for (let count = -1; performance.now() < deadline; await pause(POLL_MS)) {
      const { length } = handedOut;
      if (length !== count) lastMs = performance.now();
      count = length;
      const quietMs = performance.now() - lastMs;
      if (quietMs >= QUIET_MS || quietMs >= SHORT_QUIET_MS && isComplete()) return;
    }
    throw new Error(`The group has not read everything ${DRAIN_DEADLINE_MS} ms after the load`);
  }

  /** Each message that is known to be in Kafka was handed out. */
  #allHandedOut(handedOut: readonly { readonly id: string }[]): boolean {
    const ids = new Set(handedOut.map(({ id }) => id));
    return this.journal.sent.every(({ id, covered }) => !covered || ids.has(id));
  }

  /** No entry of the stream is pending with anybody. */
  #allAcked(): boolean {
    return [...holdings(this.journal).values()].every(({ consumer }) => consumer === undefined);
  }

  /** For whoever looks into a promise that was broken, or a trial that could not be played. */
  async keepEvidence(): Promise<void> {
    const folder = await Deno.makeTempDir({ prefix: `${this.topic}-` });
    const logs = [this.gateway, ...this.#others].map(({ log }) => log);
    await Deno.writeTextFile(`${folder}/gateway.log`, logs.join("\n"));
    const { sent, handedOut, entries, deletedConsumers, cleanRestartsMs } = this.journal;
    const { timeOrigin } = performance;
    const observations = this.stream?.observations;
    const journal = JSON.stringify({
      ...{ timeOrigin, cleanRestartsMs, losses: this.stream && this.#losses() },
      ...{ sent, handedOut, entries, deletedConsumers, observations },
    }, (_, value) => value instanceof Map ? [...value] : value);
    await Deno.writeTextFile(`${folder}/journal.json`, journal);
    say(`  the gateway's log and the journal are in ${folder}`);
  }

  #counted(): Pick<Outcome, "longestStallMs" | "ackErrors"> {
    const clients = [...this.writers, ...this.readers, ...this.stream.writers];
    const stalls = clients.map(({ longestStallMs }) => longestStallMs);
    return { longestStallMs: Math.max(...stalls), ackErrors: this.journal.ackErrors };
  }

  async #compare(): Promise<Verdict> {
    const records = await kcatMessages(this.kafka.bootstrapServers, this.topic);
    const journal = this.journal.since(this.countsFromMs);
    const before = this.journal.sentBefore(this.countsFromMs);
    const counts = ({ id }: { id: string }): boolean => !before.has(id);
    const { assignments, refusedCommits, failures, killsMs } = this.gateway;
    const killed = killsMs.length > 0;
    const named = failures.named.filter(counts);
    const earlier = failures.named.length - named.length;
    const wholeTopic = records.map(({ value, headers, ...record }) => ({
      ...record,
      headers: withoutOurs(headers),
      id: idOf(value),
    }));
    return check(journal, {
      topic: wholeTopic.filter(counts),
      wholeTopic,
      assignments,
      refusedCommits,
      failures: {
        named,
        counted: failures.counted - earlier,
        logged: failures.logged - earlier,
      },
      counters: this.countsFromMs > 0 ? undefined : this.#counters,
      gatewayKilled: killed,
      acksMayBeLost: this.#acksMayBeLost || killed,
      stream: { losses: this.#losses(), inOrderOfKeys: this.#inOrderOfKeys },
      observations: this.stream.observations,
    });
  }

  /**
   * What takes pending lists away. Where acks may be lost, those since the fault may; those before it are committed, but
   * for the last ones.
   */
  #losses(): Loss[] {
    const gateways = [this.gateway, ...this.#others];
    const { journal, stream } = this;
    return [
      ...journal.cleanRestartsMs.map((atMs) => ({ atMs, partition: undefined, unsafeMs: 0 })),
      ...gateways.flatMap(({ killsMs }) => killsMs).map((atMs) => {
        return { atMs, partition: undefined, unsafeMs: this.#unsafeMs(atMs, COMMIT_MS) };
      }),
      ...gateways.flatMap(({ assignments, givenUp }) => [...assignments, ...givenUp])
        .filter(({ worker }) => worker.startsWith(`${stream.group}:`))
        .map(({ atMs, partition }) => ({ atMs, partition, unsafeMs: this.#unsafeMs(atMs, 0) })),
    ];
  }

  /** How long before a loss an ack may have come for nothing. */
  #unsafeMs(atMs: number, usuallyMs: number): number {
    if (!this.#acksMayBeLost) return usuallyMs;
    if (!this.kafka.committedOf) return Infinity; // the mock cluster forgets commits
    return Math.max(usuallyMs, atMs - this.faultFromMs + SLOW_COMMIT_MS);
  }
}

/** What is said of time is short, so that a trial is. */
function configure(
  bootstrapServers: string,
  { config = {}, inOrderOfKeys }: StageOptions,
): TestConfig {
  return onBrokers(bootstrapServers, {
    ...config,
    server: { ...config.server, ...(inOrderOfKeys && { streams: { order: "key" } }) },
    consumer: { "session.timeout.ms": 6_000, "heartbeat.interval.ms": 1_000, ...config.consumer },
  });
}

/** Headers that the gateway has added to those of the client. */
function withoutOurs(headers: string): string {
  return headers.split(",").filter((header) => !header.startsWith("rafka.")).join(",");
}

async function stopAll(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop()));
}
