/**
 * Clusters as the configuration describes them: with the gateway's own login to Kafka, and with those of users.
 *
 * @module
 */

import type { KafkaSection } from "../config/kafka_section.ts";
import { type Config, withBootstrapServers } from "../config/load.ts";
import { type ConfiguredPrincipal, configuredPrincipals } from "../config/configured_principals.ts";
import type { Timeouts } from "../config/timeouts.ts";
import { ClientLimits } from "../kafka/client/client_limits.ts";
import type { KafkaSettings } from "../kafka/client/conf.ts";
import type { KafkaEnvironment } from "../kafka/client/kafka_client.ts";
import { consumerDefaults, producerDefaults } from "../kafka/client/settings_policy.ts";
import { threadLimits } from "../kafka/client/thread_limits.ts";
import { INTERNAL_TOPICS } from "../kafka/client/topic_name.ts";
import { Cluster, type ClusterSettings } from "../kafka/cluster.ts";
import type { MockCluster } from "../kafka/mock_cluster.ts";
import type { OpenCluster } from "../session/principal.ts";
import type { PrincipalSource } from "../session/principals.ts";
import { KafkaEvents } from "../telemetry/kafka_events.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** Settings of one login. */
type Login = Pick<ConfiguredPrincipal, "consumer" | "producer">;

/** What clusters are made of. */
export interface ClustersParts {
  /** The checked configuration. */
  readonly config: Config;
  /** What all Kafka clients need; the logins of users have observers of their own. */
  readonly environment: KafkaEnvironment & { readonly observer: KafkaEvents };
  /** Counts what happens to messages. */
  readonly telemetry: Telemetry;
  /** Timeouts that have no setting. */
  readonly timeouts: Timeouts;
  /** The embedded Kafka; undefined for a real one. */
  readonly mock: MockCluster | undefined;
}

/** Opens the same Kafka with different logins. All count for the same limits. */
export class Clusters {
  readonly #parts: ClustersParts;
  readonly #limits: ClientLimits;

  /** Connects to nothing. */
  constructor(parts: ClustersParts) {
    const { config, environment, mock } = parts;
    const { maxClients, maxConsumers, maxProducers, producerMode } = config.server;
    const sharedProducer = producerMode === "shared";
    const bootstrapServers = brokersOf(config, mock).split(",").length;
    const settings = { maxConsumers, maxProducers, sharedProducer, bootstrapServers };
    this.#parts = parts;
    this.#limits = new ClientLimits(environment.library, settings, threadLimits(maxClients));
    if (mock) this.#limits.brokers = 1;
  }

  /** The gateway's own. */
  openOwn(): OpenCluster {
    return this.#open(this.#parts.config, this.#parts.environment.observer);
  }

  /** Those of users. */
  get ofUsers(): PrincipalSource[] {
    return configuredPrincipals(this.#parts.config).map((principal) => ({
      name: principal.name,
      users: principal.users,
      open: () => this.#openFor(principal),
    }));
  }

  #openFor(principal: ConfiguredPrincipal): OpenCluster {
    const refusal = this.#limits.principalRefusal;
    if (refusal) throw refusal;
    const { mock, telemetry } = this.#parts;
    const open = this.#open(principal, new KafkaEvents(telemetry, principal.name), principal.name);
    if (!mock) open.cluster.connect(brokersOf(principal, mock));
    return open;
  }

  #open(login: Login, events: KafkaEvents, principal?: string): OpenCluster {
    const { environment, timeouts, mock } = this.#parts;
    const settings = {
      ...this.#settings(login),
      limits: this.#limits,
      metadataTimeoutMs: timeouts.metadataMs,
    };
    const cluster = new Cluster({ ...environment, observer: events, principal }, settings, mock);
    events.onAllBrokersDown = () => void cluster.outage.suspect();
    return { cluster, events };
  }

  #settings({ consumer, producer }: Login): ClusterSettings {
    const { config: { server }, environment: { library }, mock } = this.#parts;
    const presets = producerDefaults(producer, { shared: server.producerMode === "shared" });
    const preset = {
      idempotenceIsPreset: presets["enable.idempotence"] === true,
      consumerDefaults: (asked: KafkaSettings) => consumerDefaults(library, asked),
      hiddenTopics: server.internalTopics ? undefined : INTERNAL_TOPICS,
    };
    if (!mock) return { ...preset, producer: { ...presets, ...producer }, consumer };
    const { bootstrapServers, consumerSettings } = mock;
    return {
      ...preset,
      producer: withBootstrapServers({ ...presets, ...producer }, bootstrapServers),
      consumer: withBootstrapServers({ ...consumerSettings, ...consumer }, bootstrapServers),
    };
  }
}

/** The addresses of Kafka, separated by commas. */
export function brokersOf(
  { producer }: { readonly producer: KafkaSection },
  mock: MockCluster | undefined,
): string {
  return mock?.bootstrapServers ??
    String(producer["bootstrap.servers"] ?? producer["metadata.broker.list"]);
}
