/**
 * @module
 * The gateway put together: librdkafka, the cluster (embedded or real), the server. Tests start the same thing.
 */

import { getLogger } from "@logtape/logtape";
import { type Config, configError, withBootstrapServers } from "./config.ts";
import { consumerDefaults } from "./consumer_defaults.ts";
import type { Library } from "./ffi/library.ts";
import { Cluster, type ClusterSettings } from "./kafka/cluster.ts";
import { effectiveValue, type KafkaSettings } from "./kafka/conf.ts";
import { MockCluster } from "./kafka/mock_cluster.ts";
import { INTERNAL_TOPICS } from "./kafka/topic_name.ts";
import { Wakeup } from "./kafka/wakeup.ts";
import { producerDefaults } from "./producer_defaults.ts";
import { ErrorRing } from "./server/error_ring.ts";
import { KafkaEvents } from "./server/kafka_events.ts";
import { Server } from "./server/server.ts";
import { Stats } from "./server/stats.ts";
import { settingProblems, settingWarnings } from "./settings_check.ts";

const logger = getLogger(["rafka", "main"]);

/** How to start a gateway. */
export interface RafkaOptions {
  /** The checked configuration. */
  readonly config: Config;
  /** The opened librdkafka. */
  readonly library: Library;
  /** Embedded Kafka instead of a real one. */
  readonly dev: boolean;
  /** Rafka's own version, for the log. */
  readonly version: string;
}

/** A running gateway and everything that it runs on. */
export class Rafka {
  /** Where clients connect. */
  readonly server: Server;
  readonly #library: Library;
  readonly #wakeup: Wakeup;
  readonly #events: KafkaEvents;
  readonly #cluster: Cluster;
  readonly #mock: MockCluster | undefined;

  private constructor(parts: {
    server: Server;
    library: Library;
    wakeup: Wakeup;
    events: KafkaEvents;
    cluster: Cluster;
    mock: MockCluster | undefined;
  }) {
    this.server = parts.server;
    this.#library = parts.library;
    this.#wakeup = parts.wakeup;
    this.#events = parts.events;
    this.#cluster = parts.cluster;
    this.#mock = parts.mock;
  }

  /**
   * Checks the configuration with librdkafka, then listens.
   *
   * @throws {ConfigError} when something in the configuration can't be used
   */
  static async start({ config, library, dev, version }: RafkaOptions): Promise<Rafka> {
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
    for (const warning of settingWarnings(config, library)) logger.warn("{warning}", { warning });
    const stats = new Stats();
    const errors = new ErrorRing(config.server.errorRingBytes);
    const events = new KafkaEvents(stats, errors);
    const wakeup = await Wakeup.open(library);
    const environment = { library, wakeup, observer: events };
    let mock: MockCluster | undefined;
    try {
      const problems = await settingProblems(environment, config, { needsBrokers: !dev });
      if (problems.length > 0) throw configError(config.source, problems);
      if (dev) mock = new MockCluster(environment);
      const cluster = new Cluster(environment, clusterSettings(config, library, mock), mock);
      const server = new Server(config.server, cluster, { stats, errors }, {
        version,
        librdkafkaVersion: library.version,
        brokers: brokersOf(config, mock),
        runId: newRunId(),
      });
      logStart(config, server, mock);
      if (!mock) cluster.connect(brokersOf(config, mock));
      return new Rafka({ server, library, wakeup, events, cluster, mock });
    } catch (error) {
      await mock?.close();
      await wakeup.close();
      events.close();
      throw error;
    }
  }

  /** Stops the server, then what it runs on. */
  async stop(): Promise<void> {
    await this.server.stop();
    await this.#cluster.close();
    await this.#mock?.close();
    await this.#wakeup.close();
    this.#events.close();
    this.#reportOpenHandles();
    logger.info("Shutdown is complete");
  }

  /** The program ends now, whatever `stop` has left to do: logs what is lost by it, and what is still counted. */
  abandon(): void {
    this.server.closeSummaries();
    this.#events.close();
    const count = this.server.producers.outstanding;
    if (count === 0) return;
    logger.error("Lost: {count} messages that are not delivered; what was sent may be in Kafka", {
      count,
    });
  }

  /** One that is left is a leak: each connection may have left one. */
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

function clusterSettings(
  config: Config,
  library: Library,
  mock: MockCluster | undefined,
): ClusterSettings {
  const { consumer } = config;
  const shared = config.server.producerMode === "shared";
  const presets = producerDefaults(config.producer, { shared });
  const producer = { ...presets, ...config.producer };
  const preset = {
    idempotenceIsPreset: presets["enable.idempotence"] === true,
    consumerDefaults: (asked: KafkaSettings) => consumerDefaults(library, asked),
    hiddenTopics: config.server.internalTopics ? undefined : INTERNAL_TOPICS,
  };
  if (!mock) return { ...preset, producer, consumer };
  return {
    ...preset,
    producer: withBootstrapServers(producer, mock.bootstrapServers),
    consumer: withBootstrapServers(
      { ...mock.consumerSettings, ...consumer },
      mock.bootstrapServers,
    ),
  };
}

function brokersOf({ producer }: Config, mock: MockCluster | undefined): string {
  return mock?.bootstrapServers ??
    String(producer["bootstrap.servers"] ?? producer["metadata.broker.list"]);
}

/** 40 hexadecimal digits, as Redis has them. */
function newRunId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function logStart(config: Config, server: Server, mock: MockCluster | undefined): void {
  const { hostname, port } = server.address;
  const address = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  logger.info("Listening on {address}, Kafka is {kafka}, configuration from {source}", {
    address,
    source: config.source,
    kafka: mock
      ? `embedded at ${mock.bootstrapServers}: all data is gone at exit`
      : brokersOf(config, mock),
  });
  if (!mock) return;
  const host = ["0.0.0.0", "127.0.0.1"].includes(hostname) ? "" : ` -h ${hostname}`;
  const cli = `redis-cli${host} -p ${port}`;
  logger.info("Try: {command}", { command: `${cli} rpushx topics:greetings hello` });
  logger.info("Try: {command}", {
    command: `printf 'client setname group:me\\nblpop topics:greetings 5\\n' | ${cli}`,
  });
}
