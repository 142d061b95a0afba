/**
 * @module
 * The gateway put together: librdkafka, the cluster (embedded or real), the server. Tests start the same thing.
 */

import { getLogger } from "@logtape/logtape";
import {
  type Config,
  ConfigError,
  hasBootstrapServers,
  withBootstrapServers,
  withoutBootstrapServers,
} from "./config.ts";
import type { Library } from "./ffi/library.ts";
import type { KafkaEnvironment } from "./kafka/client.ts";
import { checkClusterSettings, Cluster, type ClusterSettings } from "./kafka/cluster.ts";
import { SettingError } from "./kafka/conf.ts";
import { CONSUMER_RESERVED } from "./kafka/consumer.ts";
import { KafkaError } from "./kafka/error.ts";
import { MockCluster } from "./kafka/mock_cluster.ts";
import { PRODUCER_RESERVED } from "./kafka/producer.ts";
import { Wakeup } from "./kafka/wakeup.ts";
import { KafkaEvents } from "./server/kafka_events.ts";
import { Server } from "./server/server.ts";
import { Stats } from "./server/stats.ts";

const logger = getLogger(["rafka", "main"]);

/**
 * A group without a committed offset begins with the oldest message: with librdkafka's `largest`, a message that was
 * handed out and not acked would be gone for a group that has not committed yet. The configuration wins.
 */
const CONSUMER_DEFAULTS = { "auto.offset.reset": "earliest" } as const;

/** librdkafka 2.6.1, as `rd_kafka_version()` writes it. */
const SCRAM_FIXED_VERSION = 0x020601ff;

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
    logger.info("Rafka {version}, Deno {deno}, librdkafka {librdkafka} from {path}", {
      version,
      deno: Deno.version.deno,
      librdkafka: library.version,
      path: library.path,
    });
    warnOfIgnoredSettings(config);
    warnOfScram(config, library);
    if (!dev) requireBootstrapServers(config);
    const stats = new Stats();
    const events = new KafkaEvents(stats);
    const wakeup = await Wakeup.open(library);
    const environment = { library, wakeup, observer: events };
    let mock: MockCluster | undefined;
    try {
      await checkSettings(environment, config);
      if (dev) mock = new MockCluster(environment);
      const cluster = new Cluster(environment, clusterSettings(config, mock), mock);
      const server = new Server(config.server, cluster, stats);
      logStart(config, server, mock);
      return new Rafka({ server, library, wakeup, events, cluster, mock });
    } catch (error) {
      await mock?.close();
      await wakeup.close();
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
    const open = Object.entries(this.#library.handles.open);
    if (open.length > 0) {
      logger.warn("Bug: native handles are still open: {handles}", {
        handles: open.map(([type, count]) => `${count} ${type}`).join(", "),
      });
    }
    logger.info("Shutdown is complete");
  }
}

function clusterSettings(config: Config, mock: MockCluster | undefined): ClusterSettings {
  const consumer = { ...CONSUMER_DEFAULTS, ...config.consumer };
  if (!mock) return { producer: config.producer, consumer };
  return {
    producer: withBootstrapServers(config.producer, mock.bootstrapServers),
    consumer: withBootstrapServers(
      { ...mock.consumerSettings, ...consumer },
      mock.bootstrapServers,
    ),
  };
}

async function checkSettings(environment: KafkaEnvironment, config: Config): Promise<void> {
  for (const kind of ["consumer", "producer"] as const) {
    try {
      await checkClusterSettings(environment, kind, withoutBootstrapServers(config[kind]));
    } catch (cause) {
      if (!(cause instanceof SettingError || cause instanceof KafkaError)) throw cause;
      throw new ConfigError(
        `librdkafka refuses the settings for its ${kind}: ${cause.message.trimEnd()}`,
        {
          cause,
        },
      );
    }
  }
}

function requireBootstrapServers(config: Config): void {
  for (const kind of ["consumer", "producer"] as const) {
    if (hasBootstrapServers(config[kind])) continue;
    throw new ConfigError(
      `No Kafka to talk to: 'bootstrap.servers' is not set for the ${kind}. Set it in the section ` +
        `'general' of the file given with --config, or start with --dev for an embedded Kafka`,
    );
  }
}

function warnOfIgnoredSettings(config: Config): void {
  if (config.ignored.length > 0) {
    logger.warn("Settings of the Go client mean nothing here and are ignored: {settings}", {
      settings: config.ignored.join(", "),
    });
  }
  const reserved = {
    consumer: {
      ...CONSUMER_RESERVED,
      "group.id": "(from CLIENT SETNAME)",
      "client.id": "(from CLIENT SETNAME)",
    },
    producer: PRODUCER_RESERVED,
  };
  for (const kind of ["consumer", "producer"] as const) {
    for (const [name, value] of Object.entries(reserved[kind])) {
      const given = config[kind][name];
      if (given === undefined || String(given) === String(value)) continue;
      logger.warn("Setting {name} of the {kind} is ignored, Rafka decides it: {value}", {
        name,
        kind,
        value: String(value),
      });
    }
  }
}

/** librdkafka before 2.6.1 can't log in to Kafka 4 with SCRAM; the broker's own error does not say so. */
function warnOfScram(config: Config, library: Library): void {
  if (library.versionNumber >= SCRAM_FIXED_VERSION) return;
  const mechanisms = [config.consumer, config.producer].flatMap((settings) => [
    settings["sasl.mechanism"],
    settings["sasl.mechanisms"],
  ]);
  if (!mechanisms.some((mechanism) => String(mechanism).toUpperCase().startsWith("SCRAM"))) return;
  logger.warn("librdkafka {librdkafka} cannot log in to Kafka 4 with SCRAM: 2.6.1 or newer can", {
    librdkafka: library.version,
  });
}

function logStart(config: Config, server: Server, mock: MockCluster | undefined): void {
  const { hostname, port } = server.address;
  const address = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  logger.info("Listening on {address}, Kafka is {kafka}", {
    address,
    kafka: mock
      ? `embedded at ${mock.bootstrapServers}: all data is gone at exit`
      : String(config.producer["bootstrap.servers"] ?? config.producer["metadata.broker.list"]),
  });
  if (!mock) return;
  const host = ["0.0.0.0", "127.0.0.1"].includes(hostname) ? "" : ` -h ${hostname}`;
  const cli = `redis-cli${host} -p ${port}`;
  logger.info("Try: {command}", { command: `${cli} rpushx topics:greetings hello` });
  logger.info("Try: {command}", {
    command: `printf 'client setname group:me\\nblpop topics:greetings 5\\n' | ${cli}`,
  });
}
