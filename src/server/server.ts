/**
 * @module
 * The gateway as a server: listens, holds the sessions, ends in the order that loses nothing.
 */

import { getLogger } from "@logtape/logtape";
import type { About, ClientView } from "../commands/context.ts";
import type { ServerSettings } from "../server_settings.ts";
import type { Cluster } from "../kafka/cluster.ts";
import { KafkaError } from "../kafka/error.ts";
import type { FirstContact } from "../kafka/first_contact.ts";
import { LogSummary, type Occurrences } from "../log_summary.ts";
import type { Producers } from "../kafka/producers.ts";
import type { ProtocolError } from "../resp/protocol_error.ts";
import { Acceptor, type Host } from "./acceptor.ts";
import type { Client } from "./client.ts";
import { ClientLog } from "./client_log.ts";
import { CommandStats } from "./command_stats.ts";
import type { ErrorRing } from "./error_ring.ts";
import type { Gateway } from "./gateway.ts";
import { IdleSweep } from "./idle_sweep.ts";
import { FLUSH_TIMEOUT_MS, type KafkaClients } from "./kafka_clients.ts";
import { Monitors } from "./monitors.ts";
import { Names } from "./names.ts";
import { Session } from "./session.ts";
import type { Stats } from "./stats.ts";
import { Traffic } from "./traffic.ts";
import { Turns } from "./turns.ts";

const logger = getLogger(["rafka", "server"]);

/** INFO is asked for when something is wrong: it does not wait long for Kafka. */
const TOPIC_COUNT_TIMEOUT_MS = 500;

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
  readonly #sessions = new Set<Session>();
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
    { stats, errors }: Pick<Server, "stats" | "errors">,
    about: About,
  ) {
    this.settings = settings;
    this.about = about;
    this.cluster = cluster;
    this.producers = cluster.newProducers({
      shared: settings.producerMode === "shared",
      idleMs: settings.producerIdleMs,
      maxIdle: settings.producerPool,
    });
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

  /** Ends the gateway; what was answered is in Kafka and what was acked is committed when it resolves. */
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
    await Promise.all(consuming.map((session) => session.shutDown()));

    // 3. nobody new from here on
    logger.info("Shutdown 3/4: no new connections");
    await this.#acceptor.close();

    // 4. the others; each flushes what it has answered for
    logger.info("Shutdown 4/4: closing {count} connections, flushing their producers", {
      count: this.#sessions.size,
    });
    const deadline = performance.now() + FLUSH_TIMEOUT_MS;
    await Promise.all([...this.#sessions].map((session) => session.shutDown()));
    await this.producers.close(Math.max(0, deadline - performance.now()));
    this.closeSummaries();
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

  /** Serves a connection. */
  open(conn: Deno.TcpConn): void {
    const session = new Session(this, conn, ++this.traffic.connections);
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
