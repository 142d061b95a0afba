/**
 * @module
 * The gateway as a server: listens, holds the sessions, ends in the order that loses nothing.
 */

import { getLogger } from "@logtape/logtape";
import type { About } from "../commands/core/about.ts";
import type { ClientView } from "../commands/core/context.ts";
import { takesMessages } from "../commands/registry.ts";
import type { ServerSettings } from "../config/schema.ts";
import type { Cluster } from "../kafka/cluster.ts";
import { KafkaError } from "../kafka/client/error.ts";
import type { FirstContact } from "../kafka/client/bootstrap_watch.ts";
import { LogSummary, type Occurrences } from "../telemetry/log_summary.ts";
import type { Producers } from "../kafka/producer/producers.ts";
import { settlesWithin } from "../async/settles_within.ts";
import type { ProtocolError } from "../resp/protocol_error.ts";
import type { ParserLimits } from "../resp/request_parser.ts";
import { Acceptor, type Host } from "../net/listener.ts";
import type { Client } from "./client_state.ts";
import { ClientLog } from "../telemetry/client_log.ts";
import { CommandStats } from "../telemetry/command_counters.ts";
import type { ErrorRing } from "../telemetry/failed_messages.ts";
import type { Gateway } from "./gateway.ts";
import { IdleSweep } from "./idle_timeout.ts";
import { InputBudget } from "../net/input_budget.ts";
import type { KafkaClients } from "./kafka_clients.ts";
import { Monitors } from "./monitors.ts";
import { Names } from "./name_registry.ts";
import { Reserve } from "./reserve.ts";
import { Session } from "./session.ts";
import { SHUTDOWN_MS } from "../config/timeouts.ts";
import type { Stats } from "../telemetry/message_counters.ts";
import { Traffic } from "../telemetry/connection_counters.ts";
import { Turns } from "./time_slice.ts";

/** How long consumers that are slow to leave their groups get for it at the end. */
const LEAVE_TIMEOUT_MS = 4_000;

const logger = getLogger(["rafka", "server"]);

/** INFO is asked for when something is wrong: it does not wait long for Kafka. */
const TOPIC_COUNT_TIMEOUT_MS = 500;
/** What a server is given. */
export interface ServerParts {
  /** The counters. */
  readonly stats: Stats;
  /** The messages that were last not delivered. */
  readonly errors: ErrorRing;
  /** Whether there is somebody at the other end of a connection, which is named by its ports. */
  readonly peerAnswers: (ends: { localPort: number; remotePort: number }) => Promise<boolean>;
}

/** A running gateway. */
export class Server implements Gateway, Host {
  /** Our own settings. */
  readonly settings: ServerSettings;
  /** What this gateway is. */
  readonly about: About;
  /** Makes consumers. */
  readonly cluster: Cluster;
  /** Where connections get their producers from. */
  readonly producers: Producers;
  /** The counters. */
  readonly stats: Stats;
  /** The messages that were last not delivered. */
  readonly errors: ErrorRing;
  /** What came and went. */
  readonly traffic = new Traffic();
  /** What was run. */
  readonly commandStats = new CommandStats();
  /** What is logged of clients. */
  readonly clientLog = new ClientLog();
  /** Who holds which name. */
  readonly names = new Names();
  /** Who listens to MONITOR. */
  readonly monitors = new Monitors();
  /** Whose turn it is. */
  readonly turns = new Turns();
  /** Connections above `maxClients`. */
  readonly reserve = new Reserve();
  /** Memory for requests that have not arrived as a whole. */
  readonly inputBudget: InputBudget;
  /** What one request may cost. */
  readonly parserLimits: ParserLimits;
  /** The largest message that producers take. */
  readonly maxMessageBytes: number;
  readonly #sessions = new Set<Session>();
  readonly #peerAnswers: ServerParts["peerAnswers"];
  readonly #acceptor: Acceptor;
  readonly #idleSweep: IdleSweep;
  readonly #protocolErrors = new LogSummary<BadClient>(logProtocolErrors);
  readonly #startedAtMs = performance.now();
  #shuttingDown = false;
  #topicCount = 0;

  /**
   * Listens at once.
   *
   * @throws {ListenError} when the address can't be had
   */
  constructor(
    settings: ServerSettings,
    cluster: Cluster,
    { stats, errors, peerAnswers }: ServerParts,
    about: About,
  ) {
    this.#peerAnswers = peerAnswers;
    this.settings = settings;
    this.about = about;
    this.cluster = cluster;
    this.producers = cluster.newProducers({
      shared: settings.producerMode === "shared",
      idleMs: settings.producerIdleMs,
      maxIdle: settings.producerPool,
      maxDraining: settings.maxDrainingProducers,
      maxDrainingBytes: settings.maxDrainingBytes,
    });
    this.maxMessageBytes = cluster.maxMessageBytes;
    this.inputBudget = new InputBudget(settings.maxInputBytes);
    this.parserLimits = {
      ...settings,
      maxKeptBytes: this.maxMessageBytes,
      skipsLongArguments: takesMessages,
    };
    this.stats = stats;
    this.errors = errors;
    this.#acceptor = new Acceptor(this);
    this.#idleSweep = new IdleSweep(settings.idleTimeoutMs, () => this.#listedClients());
  }

  /** Where it listens; the port is the real one if 0 was asked for. */
  get address(): Deno.NetAddr {
    return this.#acceptor.address;
  }

  /** Whether Kafka was ever reached. */
  get contact(): FirstContact {
    return this.cluster.contact;
  }

  /** The port that clients connect to. */
  get port(): number {
    return this.address.port;
  }

  /** How long it has been listening. */
  get uptimeMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  /** The largest argument that it takes. */
  get maxBulkBytes(): number {
    return this.settings.maxBulkBytes;
  }

  /** The largest command, and all commands between MULTI and EXEC together. */
  get maxRequestBytes(): number {
    return this.settings.maxRequestBytes;
  }

  /** What may wait for a client in replies. */
  get outputLimitBytes(): number {
    return this.settings.outputLimitBytes;
  }

  /** How long a connection may do nothing, 0 for as long as it likes. */
  get idleTimeoutMs(): number {
    return this.settings.idleTimeoutMs;
  }

  /** Whether Kafka's own topics are for clients, too. */
  get internalTopics(): boolean {
    return this.settings.internalTopics;
  }

  /** How many connections there may be. */
  get maxClients(): number {
    return this.settings.maxClients;
  }

  /** How many consumers there may be. */
  get maxConsumers(): number {
    return this.cluster.limits?.maxConsumers ?? Infinity;
  }

  /** How many producers there may be. */
  get maxProducers(): number {
    return this.cluster.limits?.maxProducers ?? Infinity;
  }

  /** All connections that have neither ended nor been killed, the oldest first. */
  get clientList(): readonly ClientView[] {
    return this.#listedClients();
  }

  /** Those of all connections, also of those that are ending. */
  get kafkaClients(): readonly KafkaClients[] {
    return [...this.#sessions].map(({ kafka }) => kafka);
  }

  /** Objects of librdkafka that are open. */
  get nativeHandles(): number {
    return this.cluster.nativeHandles;
  }

  /** The names of all topics. */
  topicNames(): Promise<string[]> {
    return this.cluster.topicNames();
  }

  async answers({ id, address, localAddress }: ClientView): Promise<boolean> {
    const ends = { localPort: portOf(localAddress), remotePort: portOf(address) };
    const answers = await this.#peerAnswers(ends);
    const why = "its machine does not answer, and another client takes its name";
    if (!answers) this.clientLog.disconnected({ client: id, cause: "no answer", why });
    return answers;
  }

  /** How many there are, or were when Kafka last said so. */
  async countTopics(): Promise<number> {
    try {
      this.#topicCount = await this.cluster.countTopics(TOPIC_COUNT_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
    }
    return this.#topicCount;
  }

  get shuttingDown(): boolean {
    return this.#shuttingDown;
  }

  /** Logs it, summed up: a client that sends garbage must not fill the log. */
  reportProtocolError(client: string, error: ProtocolError, kind: string = error.message): void {
    this.#protocolErrors.note(kind, { client, error });
  }

  /** How many connections are open or still ending. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Ends the gateway; what was answered is in Kafka and what was acked is committed when it resolves, but for what is
   * logged. No step takes longer than `SHUTDOWN_MS` says.
   */
  async stop(): Promise<void> {
    // 1. no new consumers: one that is made now would only have to leave again
    this.#shuttingDown = true;
    logger.info("Shutdown 1/4: no new consumers");

    // 2. consumers commit and leave while producers still work: their groups rebalance once, and
    //    what workers produce for the messages they hold is taken
    const consuming = [...this.#sessions].filter((session) => session.kafka.consumer);
    logger.info("Shutdown 2/4: closing {count} connections with consumers", {
      count: consuming.length,
    });
    const closed = Promise.all(consuming.map((session) => session.shutDown()));
    const left = closed.then(() => this.cluster.departures.end(LEAVE_TIMEOUT_MS));
    await this.#within(SHUTDOWN_MS.consumers, [left]);

    // 3. nobody new from here on
    logger.info("Shutdown 3/4: no new connections");
    await this.#acceptor.close();

    // 4. the others; each flushes what it has answered for
    logger.info("Shutdown 4/4: closing {count} connections, flushing their producers", {
      count: this.#sessions.size,
    });
    const { flushTimeoutMs } = this.settings;
    const deadline = performance.now() + flushTimeoutMs;
    const ended = Promise.all([...this.#sessions].map((session) => session.shutDown()));
    const flushed = ended.then(() =>
      this.producers.close(Math.max(0, deadline - performance.now()))
    );
    await this.#within(flushTimeoutMs + SHUTDOWN_MS.producers, [flushed]);
    this.closeSummaries();
  }

  async #within(timeoutMs: number, ends: readonly Promise<unknown>[]): Promise<void> {
    if (await settlesWithin(Promise.all(ends), timeoutMs)) return;
    logger.warn("{count} connections have not ended in {timeoutMs} ms: the shutdown goes on", {
      count: this.#sessions.size,
      timeoutMs,
    });
  }

  /** Logs what is still counted of clients. */
  closeSummaries(): void {
    this.#idleSweep.close();
    this.#protocolErrors.close();
    this.clientLog.close();
  }

  #listedClients(): Client[] {
    return [...this.#sessions].filter(({ listed }) => listed).map(({ client }) => client);
  }

  /** A client was one too many. */
  reject(client: string): void {
    this.#acceptor.noteRejection(client);
  }

  /** Serves a connection. */
  open(conn: Deno.TcpConn, reserved: boolean): void {
    const session = new Session(this, conn, ++this.traffic.connections);
    session.client.reserved = reserved;
    if (reserved) void this.reserve.hold(session);
    this.#sessions.add(session);
    void session.ended.then(() => this.#sessions.delete(session));
  }
}

interface BadClient {
  readonly client: string;
  readonly error: ProtocolError;
}

function logProtocolErrors({ latest, count }: Occurrences<BadClient>): void {
  logger.warn("Client {client}: {error} ({count} times)", {
    client: latest.client,
    error: latest.error.message,
    count,
  });
}

/** Of `ip:port`. */
function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
