/**
 * Assembles the gateway: librdkafka, the cluster (embedded or real), the server. Tests start the same gateway.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { type Config, configError } from "../config/load.ts";
import type { Library } from "../ffi/library.ts";
import { BrokerStatistics } from "../kafka/client/broker_statistics.ts";
import { effectiveValue } from "../kafka/client/conf.ts";
import type { CommandTable } from "../commands/registry.ts";
import { MockCluster } from "../kafka/mock_cluster.ts";
import { QueueEvents } from "../kafka/client/queue_events.ts";
import { settlesWithin } from "../async/settles_within.ts";
import { KafkaEvents } from "../telemetry/kafka_events.ts";
import type { TlsCertificates } from "../net/tls_certificates.ts";
import { brokersOf, Clusters } from "./clusters.ts";
import { HttpPort } from "./http_port.ts";
import { type Listeners, listenProblems, openListeners } from "./listeners.ts";
import type { CertificateView, TlsView } from "../commands/core/context.ts";
import { Server } from "../session/server.ts";
import { TIMEOUTS, type Timeouts } from "../config/timeouts.ts";
import { CommandError } from "../commands/core/command_error.ts";
import { accessWarnings, aclFileReader, configuredUsers, userProblems } from "./users.ts";
import { Telemetry } from "../telemetry/telemetry.ts";
import { settingProblems, settingWarnings } from "../config/kafka_check.ts";

const logger = getLogger(["rafka", "main"]);

/** How to start a gateway. */
export interface GatewayOptions {
  /** The checked configuration. */
  readonly config: Config;
  /** The opened librdkafka. */
  readonly library: Library;
  /** Embedded Kafka instead of a real one. */
  readonly dev: boolean;
  /** Rafka's own version, for the log. */
  readonly version: string;
  /** Timeouts that have no setting; those of production unless given. */
  readonly timeouts?: Timeouts;
  /** The commands; all of Rafka's unless given. */
  readonly commands?: CommandTable;
  /** Opens an HTTP port also where the configuration does not say so. */
  readonly httpByDefault?: boolean;
}

/** A running gateway and its dependencies. */
export class Gateway {
  /** The server that clients connect to. */
  readonly server: Server;
  readonly #library: Library;
  readonly #queueEvents: QueueEvents;
  readonly #mock: MockCluster | undefined;
  readonly #certificates: TlsCertificates | undefined;
  readonly #timeouts: Timeouts;
  readonly #http: HttpPort | undefined;

  private constructor(parts: {
    server: Server;
    timeouts: Timeouts;
    library: Library;
    queueEvents: QueueEvents;
    mock: MockCluster | undefined;
    certificates: TlsCertificates | undefined;
    http: HttpPort | undefined;
  }) {
    this.server = parts.server;
    this.#library = parts.library;
    this.#queueEvents = parts.queueEvents;
    this.#mock = parts.mock;
    this.#certificates = parts.certificates;
    this.#timeouts = parts.timeouts;
    this.#http = parts.http;
  }

  /**
   * Checks the configuration with librdkafka, then listens.
   *
   * @throws {ConfigError} when the configuration is invalid
   * @throws {ListenError} when the address cannot be used
   */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const { config, library, dev, version, timeouts = TIMEOUTS } = options;
    logLibrary(library, version);
    for (const warning of settingWarnings(config, library)) logger.warn("{warning}", { warning });
    for (const warning of accessWarnings(config)) logger.error("{warning}", { warning });
    const telemetry = new Telemetry(config.server.errorRingBytes);
    const events = new KafkaEvents(telemetry);
    const queueEvents = await QueueEvents.open(library);
    const statistics = new BrokerStatistics();
    const environment = { library, queueEvents, observer: events, statistics };
    let mock: MockCluster | undefined;
    let http: HttpPort | undefined;
    try {
      if (dev) mock = new MockCluster(environment); // first: it says best what is wrong with 127.0.0.1
      http = HttpPort.open(config, options.httpByDefault ?? false, timeouts.acceptPauseMs);
      statistics.enabled = http !== undefined;
      const problems = await settingProblems(environment, config, { needsBrokers: !dev });
      problems.push(...userProblems(config), ...listenProblems(config, library));
      if (problems.length > 0) throw configError(config.source, problems);
      const clusters = new Clusters({ config, environment, telemetry, timeouts, mock });
      const own = clusters.openOwn();
      const brokers = brokersOf(config, mock);
      const listeners = openListeners(config, library, timeouts);
      const server = new Server(listeners.all, {
        settings: config.server,
        own,
        principals: clusters.ofUsers,
        telemetry,
        timeouts,
        about: { version, librdkafkaVersion: library.version, brokers, runId: newRunId() },
        port: listeners.port,
        tls: tlsView(listeners),
        users: configuredUsers(config),
        readUsers: aclFileReader(config),
        ...(options.commands && { commands: options.commands }),
      });
      logStart(config, listeners, mock);
      if (!mock) own.cluster.connect(brokers);
      http?.serve(server.state, own.cluster);
      const certificates = listeners.tls?.certificates;
      return new Gateway({
        server,
        timeouts,
        library,
        queueEvents,
        mock,
        certificates,
        http,
      });
    } catch (error) {
      await http?.close();
      await mock?.close();
      await queueEvents.close();
      events.close();
      throw error;
    }
  }

  /** The HTTP port; undefined without one. */
  get httpPort(): number | undefined {
    return this.#http?.port;
  }

  /** The port that clients connect to with TLS; undefined without one. */
  get tlsPort(): number | undefined {
    return this.server.state.tls?.port;
  }

  /** The files that `reload` reads, in words. */
  get reloadable(): string[] {
    return [
      ...this.server.state.canReloadUsers ? ["the ACL file"] : [],
      ...this.#certificates ? ["the TLS certificates"] : [],
    ];
  }

  /** Reads them again; a wrong one is logged, and what was read before stays. */
  reload(): void {
    this.#certificates?.reload();
    if (!this.server.state.canReloadUsers) return;
    try {
      this.server.state.reloadUsers();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error; // else it is logged
    }
  }

  /** The port that clients connect to. */
  get port(): number {
    return this.server.state.port;
  }

  /**
   * Stops the server, then its dependencies.
   *
   * @returns whether all parts have ended; those that exceed their timeouts end with the process
   */
  async stop(): Promise<boolean> {
    this.#http?.stopping();
    await this.server.stop();
    this.#certificates?.close();
    const closed = await settlesWithin(this.#closeKafka(), this.#timeouts.shutdown.kafkaMs);
    this.server.state.principals.closeSummaries();
    this.#reportEnding();
    await this.#http?.close();
    const complete = closed && this.server.sessionCount === 0;
    if (complete) {
      this.#reportOpenHandles();
      logger.info("Shutdown is complete");
    } else {
      this.#reportCutShort();
    }
    return complete && this.#library.handles.ending === 0;
  }

  async #closeKafka(): Promise<void> {
    await this.server.state.principals.close();
    await this.#mock?.close();
    if (this.server.sessionCount === 0) await this.#queueEvents.close();
  }

  /** For an exit during `stop`: logs the messages lost by it and the pending summaries. */
  abandon(): void {
    this.server.closeSummaries();
    this.server.state.principals.closeSummaries();
    this.#reportLost();
  }

  #reportLost(): void {
    const count = this.server.state.principals.outstanding;
    if (count === 0) return;
    logger.error("Lost: {count} messages that are not delivered; what was sent may be in Kafka", {
      count,
    });
  }

  /** Clients that librdkafka is still closing in its own threads, since a broker hangs. */
  #reportEnding(): void {
    const { ending } = this.#library.handles;
    if (ending === 0) return;
    logger.warn("librdkafka is still ending {count} clients, which end with the program", {
      count: ending,
    });
  }

  /** Some connections or clients have exceeded their timeouts. */
  #reportCutShort(): void {
    this.#reportLost();
    logger.warn(
      "Shutdown is cut short, {connections} connections end with the program. What was delivered and committed stays " +
        "so; messages that were acked since the last commit are handed out again",
      { connections: this.server.sessionCount },
    );
  }

  /** A handle left open is a leak, maybe one per connection. */
  #reportOpenHandles(): void {
    const { handles } = this.#library;
    if (handles.count === 0) return;
    const types = Object.entries(handles.open).map(([type, count]) => `${count} ${type}`);
    logger.error("Bug: {count} native handles are still open: {types}", {
      count: handles.count,
      types: types.join(", "),
    });
  }
}

function logLibrary(library: Library, version: string): void {
  logger.info("Rafka {version}, Deno {deno}, librdkafka {librdkafka} ({path}) with {features}", {
    version,
    deno: Deno.version.deno,
    librdkafka: library.version,
    path: library.path,
    features: effectiveValue(library, {}, "builtin.features"),
  });
  for (const reason of library.passedOver) {
    logger.warn("Another librdkafka should have been used, but cannot be opened: {reason}", {
      reason,
    });
  }
  if (!library.expiresInOrder) {
    logger.warn(
      "This librdkafka is not Rafka's own build: when message.timeout.ms passes, messages behind the one that " +
        "expires may be stored twice, also those that are reported as delivered; and where a topic is deleted and " +
        "created again, messages of the new one may be skipped",
    );
  }
}

/** 40 hexadecimal digits, as Redis has them. */
function newRunId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function tlsView({ tls }: Listeners): TlsView | undefined {
  return tls && {
    port: tls.port,
    get certificate(): CertificateView {
      return tls.certificates.certificate;
    },
    get clientCa(): CertificateView | undefined {
      return tls.certificates.clientCa;
    },
  };
}

function logStart(
  config: Config,
  { addresses, plain }: Listeners,
  mock: MockCluster | undefined,
): void {
  logger.info("Listening on {address}, Kafka is {kafka}, configuration from {source}", {
    address: addresses,
    source: config.source,
    kafka: mock
      ? `embedded at ${mock.bootstrapServers}: all data is gone at exit`
      : brokersOf(config, mock),
  });
  if (!mock || !plain) return;
  const { hostname, port } = plain;
  const host = ["0.0.0.0", "127.0.0.1"].includes(hostname) ? "" : ` -h ${hostname}`;
  const cli = `redis-cli${host} -p ${port}`;
  logger.info("Try: {command}", { command: `${cli} rpushx topics:greetings hello` });
  logger.info("Try: {command}", {
    command: `printf 'client setname group:me\\nblpop topics:greetings 5\\n' | ${cli}`,
  });
}
