/**
 * A Kafka cluster as the configuration describes it: makes producers and consumers with its settings, and requests
 * metadata.
 *
 * @module
 */

import { ERR__STATE, RD_KAFKA_CONSUMER, RD_KAFKA_PRODUCER } from "../ffi/constants.ts";
import { toCString } from "../ffi/memory.ts";
import { Admin } from "./client/admin.ts";
import { KafkaClient, type KafkaEnvironment } from "./client/kafka_client.ts";
import type { ClientLimits } from "./client/client_limits.ts";
import { effectiveValue, type KafkaSettings } from "./client/conf.ts";
import { Consumer, type ConsumerOptions } from "./consumer/consumer.ts";
import { GroupConsumer, type GroupConsumerOwner } from "./consumer/group_consumer.ts";
import { type Prefetch, prefetchSettings } from "./consumer/prefetch.ts";
import { type ConsumerLimits, consumerLimits } from "./consumer/consumer_limits.ts";
import { Departures } from "./consumer/departures.ts";
import { type KafkaError, kafkaError } from "./client/error.ts";
import { LingerBypass } from "./producer/linger_bypass.ts";
import type { BrokerState } from "./client/broker_statistics.ts";
import { BootstrapWatch } from "./client/bootstrap_watch.ts";
import { brokerCount, topicNames } from "./client/metadata.ts";
import { durableSettings } from "./client/settings_policy.ts";
import type { MockCluster } from "./mock_cluster.ts";
import type { DrainLimits } from "./producer/draining_producers.ts";
import { Outage } from "./client/outage.ts";
import { type PoolOptions, ProducerPool } from "./producer/producer_pool.ts";
import { ProducerSet } from "./producer/producer_set.ts";
import type { Producers } from "./producer/producers.ts";
import { queueLimits } from "./producer/queue_limits.ts";
import { SharedProducer } from "./producer/shared_producer.ts";
import { PartitionReader, type ReadSink } from "./reader/partition_reader.ts";
import { isTopicName } from "./client/topic_name.ts";

const DEFAULT_METADATA_TIMEOUT_MS = 5_000;
/**
 * A member hears with its heartbeats that its group changes, and who joins waits for it: librdkafka's 3 s are longer than
 * the first read of a stream waits. There is one such member for all workers of a gateway.
 */
const SHARED_HEARTBEAT_MS = 1_000;
const COUNT_BROKERS_TIMEOUT_MS = 500;
const COUNT_BROKERS_INTERVAL_MS = 60_000;
/** A busy cluster answers sooner. */
const OUTAGE_TIMEOUT_MS = 3_000;

/** Settings by kind of client. */
export interface ClusterSettings {
  /** For producers, and for metadata. */
  readonly producer: KafkaSettings;
  /** For consumers. */
  readonly consumer: KafkaSettings;
  /** Defaults of a consumer for which this is `asked`, by the configuration and by its own settings. */
  readonly consumerDefaults?: (asked: KafkaSettings) => KafkaSettings;
  /** Maximum numbers of clients; none without. */
  readonly limits?: ClientLimits;
  /** Hidden topics: a regular expression. */
  readonly hiddenTopics?: string | undefined;
  /** `enable.idempotence` is only preset: where a cluster does not allow it, producers do without. */
  readonly idempotenceIsPreset?: boolean;
  /** Timeout of requests for topics, 5 s by default. */
  readonly metadataTimeoutMs?: number;
}

/** How connections share producers. */
export interface ProducersOptions extends PoolOptions, DrainLimits {
  /** All connections share one, without a pool. */
  readonly shared: boolean;
  /** Clients wait for the delivery of each message: all replicas must have it, and it does not linger for long. */
  readonly durable?: boolean;
}

/** Makes clients. It owns the one for metadata, callers own the others. */
export class Cluster {
  /** Watch for the first contact, from `connect` on. */
  readonly bootstrap: BootstrapWatch = new BootstrapWatch();
  /** Consumers of closed connections that are leaving their groups. */
  readonly departures: Departures = new Departures();
  /** Outages of the cluster. */
  readonly outage: Outage;
  readonly #environment: KafkaEnvironment;
  readonly #settings: ClusterSettings;
  readonly #mock: MockCluster | undefined;
  #metadataClient: KafkaClient | undefined;
  #admin: Admin | undefined;
  #consumerLimits: ConsumerLimits | undefined;
  /** The latest request, answered or not, and the one that waits for it. */
  #topicNames: Promise<string[]> = Promise.resolve([]);
  #nextTopicNames: Promise<string[]> | undefined;
  #countingBrokers: Promise<number | undefined> = Promise.resolve(undefined);
  #countedAtMs = 0;
  #namingTopics: Promise<string[]> | undefined;
  #closing = false;

  /** The cluster of these settings; `mock` if it is the embedded one. */
  constructor(environment: KafkaEnvironment, settings: ClusterSettings, mock?: MockCluster) {
    this.#environment = environment;
    this.#settings = settings;
    this.#mock = mock;
    this.outage = new Outage(() => this.#isAnswering(), environment.principal);
  }

  /** It is the embedded one, in this process. */
  get isEmbedded(): boolean {
    return this.#mock !== undefined;
  }

  /** Number of open librdkafka objects of this process, of all clusters. */
  get nativeHandles(): number {
    return this.#environment.library.handles.count;
  }

  /** Brokers as the gateway's own clients see them; none where nobody wants to know. */
  get brokers(): readonly BrokerState[] {
    return this.#environment.statistics?.brokers ?? [];
  }

  /** `message.max.bytes` of its producers. */
  get maxMessageBytes(): number {
    const { library } = this.#environment;
    return Number(effectiveValue(library, this.#settings.producer, "message.max.bytes"));
  }

  /** Connects in the background, before a client needs the cluster; `place` names the bootstrap servers in the log. */
  connect(place: string): void {
    const { library, principal } = this.#environment;
    const name = "socket.connection.setup.timeout.ms";
    const timeoutMs = Number(effectiveValue(library, this.#settings.producer, name));
    const client = this.#openMetadataClient();
    const forWhom = principal === undefined ? place : `${place} (principal ${principal})`;
    this.bootstrap.begin(client, forWhom, timeoutMs, () => void this.#countBrokers());
  }

  /** Maximum numbers of clients. */
  get limits(): ClientLimits | undefined {
    return this.#settings.limits;
  }

  /** The limits depend on the number of brokers, which is requested now and then. */
  #currentLimits(): ClientLimits | undefined {
    const isOld = performance.now() - this.#countedAtMs > COUNT_BROKERS_INTERVAL_MS;
    if (isOld && this.#metadataClient?.hasReachedKafka) void this.#countBrokers();
    return this.limits;
  }

  async #countBrokers(): Promise<void> {
    this.#countedAtMs = performance.now();
    this.#countingBrokers = brokerCount(this.#openMetadataClient(), COUNT_BROKERS_TIMEOUT_MS);
    const count = await this.#countingBrokers;
    if (count !== undefined && this.limits) this.limits.brokers = count;
  }

  /** Producers for connections, made when they are needed: one that all share, or one for each. */
  newProducers(options: ProducersOptions): Producers {
    const { shared, durable = false } = options;
    const { producer, idempotenceIsPreset = false } = this.#settings;
    const settings = durable ? durableSettings(producer) : producer;
    const limits = queueLimits(this.#environment.library, settings);
    const isAdded = limits.idempotent && producer["enable.idempotence"] === undefined;
    const all = new ProducerSet(this.#environment, {
      settings,
      limits,
      shared,
      maxDraining: options.maxDraining,
      maxDrainingBytes: options.maxDrainingBytes,
      lingerBypass: new LingerBypass(),
      idempotenceIsPreset: idempotenceIsPreset || isAdded,
      refusal: (count) => {
        const current = this.#currentLimits();
        return durable ? current?.durableRefusal(count) : current?.producerRefusal(count);
      },
    });
    return shared ? new SharedProducer(all) : new ProducerPool(all, options);
  }

  /** Limits of a consumer without settings of its own. */
  get consumerLimits(): ConsumerLimits {
    this.#consumerLimits ??= consumerLimits(
      this.#environment.library,
      this.#consumerSettings(this.#settings.consumer),
    );
    return this.#consumerLimits;
  }

  /** The settings `asked`, with defaults for all others. */
  #consumerSettings(asked: KafkaSettings): KafkaSettings {
    return { ...this.#settings.consumerDefaults?.(asked), ...asked };
  }

  /**
   * Makes a consumer; its own settings override those of the configuration.
   *
   * @throws {SettingError} when librdkafka refuses one of them
   * @throws {KafkaError} when librdkafka can't make it, or when there are too many
   */
  newConsumer(options: ConsumerOptions): Consumer {
    const refusal = this.#currentLimits()?.consumerRefusal;
    if (refusal) throw refusal;
    // a consumer that finds its topic missing looks again after seconds only
    for (const topic of options.topics) if (isTopicName(topic)) this.#mock?.createTopic(topic);
    const { consumer } = this.#settings;
    const settings = {
      ...this.#consumerSettings({ ...consumer, ...options.settings }),
      ...this.#blacklist({ ...consumer, ...options.settings }),
      ...this.#mock?.groupSettings(this.#consumerSettings(consumer)),
    };
    return new Consumer(this.#environment, { ...options, settings });
  }

  /**
   * Makes a consumer without a group; `settings` override those of the configuration.
   *
   * @throws {KafkaError} when librdkafka can't make it, or when there are too many
   */
  newReader(settings: KafkaSettings, sink: ReadSink): PartitionReader {
    const refusal = this.#currentLimits()?.readerRefusal;
    if (refusal) throw refusal;
    const all = { ...this.#consumerSettings(this.#settings.consumer), ...settings };
    return new PartitionReader(this.#environment, all, "streams", sink);
  }

  /** `isolation.level` of its consumers, and readers. */
  get isolationLevel(): "read_committed" | "read_uncommitted" {
    const { library } = this.#environment;
    const level = effectiveValue(library, this.#settings.consumer, "isolation.level");
    return level === "read_uncommitted" ? level : "read_committed";
  }

  /**
   * Makes the consumer of a stream group.
   *
   * @param prefetch what it fetches ahead at most
   * @throws {SettingError} when librdkafka refuses one of the settings of the configuration
   * @throws {KafkaError} when librdkafka can't make it, or when there are too many
   */
  newGroupConsumer(groupId: string, prefetch: Prefetch, owner: GroupConsumerOwner): GroupConsumer {
    const refusal = this.#currentLimits()?.consumerRefusal;
    if (refusal) throw refusal;
    const { library } = this.#environment;
    const consumer = this.#consumerSettings(this.#settings.consumer);
    const settings = {
      "heartbeat.interval.ms": SHARED_HEARTBEAT_MS,
      ...consumer,
      ...prefetchSettings(library, consumer, prefetch),
      ...this.#mock?.groupSettings(consumer),
    };
    return new GroupConsumer(this.#environment, { groupId, clientId: "rafka", settings }, owner);
  }

  /** Hides topics from the consumer's regular expressions; the list is separated by commas. */
  #blacklist(asked: KafkaSettings): KafkaSettings {
    const all = [this.#settings.hiddenTopics, asked["topic.blacklist"]].filter((list) => list);
    return all.length > 0 ? { "topic.blacklist": all.join(",") } : {};
  }

  /**
   * Names of all topics that are not hidden, sorted.
   *
   * @throws {KafkaError} when no broker answers within `metadataTimeoutMs`
   */
  topicNames(): Promise<string[]> {
    // one request at a time: each blocks a thread. Calls in between share the next one
    this.#nextTopicNames ??= this.#topicNames.catch(() => []).then(() => {
      this.#nextTopicNames = undefined;
      this.#topicNames = this.#askTopicNames();
      return this.#topicNames;
    });
    return this.bootstrap.orFailure(this.#nextTopicNames);
  }

  get #metadataTimeoutMs(): number {
    return this.#settings.metadataTimeoutMs ?? DEFAULT_METADATA_TIMEOUT_MS;
  }

  async #isAnswering(): Promise<boolean> {
    return await brokerCount(this.#openMetadataClient(), OUTAGE_TIMEOUT_MS) !== undefined;
  }

  async #askTopicNames(timeoutMs = this.#metadataTimeoutMs): Promise<string[]> {
    if (this.bootstrap.failure) throw this.bootstrap.failure;
    if (this.#closing) throw kafkaError(this.#environment.library, ERR__STATE);
    const names = await topicNames(this.#openMetadataClient(), timeoutMs);
    const { hiddenTopics } = this.#settings;
    if (hiddenTopics === undefined) return names;
    const hidden = new RegExp(hiddenTopics);
    return names.filter((name) => !hidden.test(name));
  }

  /**
   * The same for callers that do not wait long; simultaneous calls share one request.
   *
   * @throws {KafkaError} when no broker answers within `timeoutMs`
   */
  topicNamesWithin(timeoutMs: number): Promise<string[]> {
    this.#namingTopics ??= this.#askTopicNames(timeoutMs)
      .finally(() => this.#namingTopics = undefined);
    return this.#namingTopics;
  }

  /**
   * Administers topics and groups, with the client for metadata.
   *
   * @throws {KafkaError} after `close`
   */
  get admin(): Admin {
    if (this.#closing) throw kafkaError(this.#environment.library, ERR__STATE);
    this.#admin ??= new Admin(this.#openMetadataClient(), this.#environment.queueEvents, {
      embedded: this.#mock,
      watch: (answer) => this.bootstrap.orFailure(answer),
    });
    return this.#admin;
  }

  #openMetadataClient(): KafkaClient {
    const { producer, idempotenceIsPreset } = this.#settings;
    this.#metadataClient ??= new KafkaClient(this.#environment, {
      type: RD_KAFKA_PRODUCER,
      reportsBrokers: true,
      // else Kafka gives it a producer ID that it never uses
      settings: idempotenceIsPreset ? { ...producer, "enable.idempotence": false } : producer,
      name: { clientId: "metadata" },
      events: 0,
      onEvent: () => {},
      onError: (error) => this.bootstrap.onError(error),
    });
    return this.#metadataClient;
  }

  /** Closes the client for metadata, when its last request has ended. */
  async close(): Promise<void> {
    this.#closing = true;
    await (this.#nextTopicNames ?? this.#topicNames).catch(() => []);
    await this.#countingBrokers;
    await this.#namingTopics?.catch(() => {});
    this.bootstrap.end();
    await this.outage.close();
    this.#admin?.close();
    await this.#metadataClient?.close();
  }
}

/**
 * Makes a client of this kind and destroys it: librdkafka checks some settings only then (files, and settings that
 * contradict each other). The settings must hold no address: the client must not connect.
 *
 * @throws {SettingError} when librdkafka refuses a setting by itself
 * @throws {KafkaError} when it refuses them together
 */
export async function checkClusterSettings(
  environment: KafkaEnvironment,
  kind: "consumer" | "producer",
  settings: KafkaSettings,
): Promise<void> {
  let failure: KafkaError | undefined; // of a login that librdkafka prepares immediately
  const client = new KafkaClient(environment, {
    type: kind === "consumer" ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER,
    settings: {
      ...settings,
      "log_level": 3, // not that it lacks brokers
      ...(kind === "consumer" && { "group.id": "settings-check" }),
    },
    name: { clientId: "settings-check" },
    events: 0,
    onEvent: () => {},
    onError: (error) => failure ??= error,
  });
  try {
    checkTopicSettings(client);
    client.drain();
    if (failure) throw failure;
  } finally {
    await client.close();
  }
}

/** Some settings are checked only when there is a topic; why they are refused is only in librdkafka's log. */
function checkTopicSettings({ library, pointer }: KafkaClient): void {
  const { symbols } = library;
  const rkt = symbols.rd_kafka_topic_new(pointer, toCString("settings-check"), null);
  if (rkt === null) throw kafkaError(library, symbols.rd_kafka_last_error());
  symbols.rd_kafka_topic_destroy(rkt);
}
