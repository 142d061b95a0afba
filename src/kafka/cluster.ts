/**
 * @module
 * A Kafka cluster as the configuration describes it: makes producers and consumers with its settings, and
 * answers questions about the cluster itself.
 */

import { RD_KAFKA_CONSUMER, RD_KAFKA_PRODUCER } from "../ffi/constants.ts";
import { toCString } from "../ffi/memory.ts";
import { Client, type KafkaEnvironment } from "./client.ts";
import { effectiveValue, type KafkaSettings } from "./conf.ts";
import { Consumer, type ConsumerOptions } from "./consumer.ts";
import { kafkaError } from "./error.ts";
import { Expediter } from "./expediter.ts";
import { FirstContact } from "./first_contact.ts";
import { topicNames } from "./metadata.ts";
import type { MockCluster } from "./mock_cluster.ts";
import { type PoolOptions, ProducerPool } from "./producer_pool.ts";
import { ProducerSet } from "./producer_set.ts";
import type { Producers } from "./producers.ts";
import { queueLimits } from "./queue_limits.ts";
import { SharedProducer } from "./shared_producer.ts";
import { isTopicName } from "./topic_name.ts";

const METADATA_TIMEOUT_MS = 5_000;

/** Settings by kind of client. */
export interface ClusterSettings {
  /** For producers, and for questions about the cluster. */
  readonly producer: KafkaSettings;
  /** For consumers. */
  readonly consumer: KafkaSettings;
  /** What a consumer has beside that, for which this is `asked`, by the configuration and by its own settings. */
  readonly consumerDefaults?: (asked: KafkaSettings) => KafkaSettings;
  /** Topics that nobody is to see: a regular expression. */
  readonly hiddenTopics?: string | undefined;
  /** Nobody has asked for `enable.idempotence`: where a cluster does not allow it, producers do without. */
  readonly idempotenceIsPreset?: boolean;
}

/** Where connections get their producers from. */
export interface ProducersOptions extends PoolOptions {
  /** All connections have one together; there is no pool then. */
  readonly shared: boolean;
}

/** Makes clients; owns only the one that it asks for metadata. Whoever gets another client owns it. */
export class Cluster {
  /** Whether it was ever reached, from `connect` on. */
  readonly contact: FirstContact = new FirstContact();
  readonly #environment: KafkaEnvironment;
  readonly #settings: ClusterSettings;
  readonly #mock: MockCluster | undefined;
  #metadataClient: Client | undefined;
  /** The latest question, answered or not, and the one that waits for it. */
  #topicNames: Promise<string[]> = Promise.resolve([]);
  #nextTopicNames: Promise<string[]> | undefined;
  #counting: Promise<number> | undefined;

  /** A cluster that these settings describe; `mock` is the embedded one, if it is that. */
  constructor(environment: KafkaEnvironment, settings: ClusterSettings, mock?: MockCluster) {
    this.#environment = environment;
    this.#settings = settings;
    this.#mock = mock;
  }

  /** Objects of librdkafka that are open in this process, also those that are not this cluster's. */
  get nativeHandles(): number {
    return this.#environment.library.handles.count;
  }

  /** Looks for the cluster in the background, at `place`, before any client needs it. */
  connect(place: string): void {
    const { library } = this.#environment;
    const name = "socket.connection.setup.timeout.ms";
    const timeoutMs = Number(effectiveValue(library, this.#settings.producer, name));
    this.contact.begin(this.#openMetadataClient(), place, timeoutMs);
  }

  /** Producers for connections, none of them made yet: one that all share, or one for each. */
  newProducers(options: ProducersOptions): Producers {
    const settings = this.#settings.producer;
    const limits = queueLimits(this.#environment.library, settings);
    const { shared } = options;
    const all = new ProducerSet(this.#environment, {
      settings,
      limits,
      shared,
      expediter: new Expediter(),
      idempotenceIsPreset: this.#settings.idempotenceIsPreset ?? false,
    });
    return shared ? new SharedProducer(all) : new ProducerPool(all, options);
  }

  /**
   * A consumer, whose own settings win over those of the configuration.
   *
   * @throws {SettingError} when librdkafka refuses one of them
   * @throws {KafkaError} when librdkafka can't make it or refuses the topics
   */
  newConsumer(options: ConsumerOptions): Consumer {
    // a consumer that finds its topic missing looks again after seconds only
    for (const topic of options.topics) if (isTopicName(topic)) this.#mock?.createTopic(topic);
    const asked = { ...this.#settings.consumer, ...options.settings };
    const settings = {
      ...this.#settings.consumerDefaults?.(asked),
      ...asked,
      ...this.#blacklist(asked),
      // members of a group of the mock cluster that differ in this wait for each other for ever
      ...(this.#mock &&
        { "session.timeout.ms": this.#mock.consumerSettings["session.timeout.ms"]! }),
    };
    return new Consumer(this.#environment, { ...options, settings });
  }

  /** Keeps topics from the consumer's regular expressions; the list is separated by commas. */
  #blacklist(asked: KafkaSettings): KafkaSettings {
    const all = [this.#settings.hiddenTopics, asked["topic.blacklist"]].filter((list) => list);
    return all.length > 0 ? { "topic.blacklist": all.join(",") } : {};
  }

  /**
   * The names of all topics that are to be seen, sorted.
   *
   * @throws {KafkaError} when no broker answers in time
   */
  topicNames(): Promise<string[]> {
    // one question at a time: each takes a thread while it waits. Who comes in between shares the next one
    this.#nextTopicNames ??= this.#topicNames.catch(() => []).then(() => {
      this.#nextTopicNames = undefined;
      this.#topicNames = this.#askTopicNames();
      return this.#topicNames;
    });
    return this.contact.orFailure(this.#nextTopicNames);
  }

  async #askTopicNames(timeoutMs = METADATA_TIMEOUT_MS): Promise<string[]> {
    if (this.contact.failure) throw this.contact.failure;
    const names = await topicNames(this.#openMetadataClient(), timeoutMs);
    const { hiddenTopics } = this.#settings;
    if (hiddenTopics === undefined) return names;
    const hidden = new RegExp(hiddenTopics);
    return names.filter((name) => !hidden.test(name));
  }

  /**
   * How many topics there are, for those who do not wait long; one question at a time, which all who ask share.
   *
   * @throws {KafkaError} when no broker answers within `timeoutMs`
   */
  countTopics(timeoutMs: number): Promise<number> {
    this.#counting ??= this.#askTopicNames(timeoutMs).then(({ length }) => length)
      .finally(() => this.#counting = undefined);
    return this.#counting;
  }

  #openMetadataClient(): Client {
    const { producer, idempotenceIsPreset } = this.#settings;
    this.#metadataClient ??= new Client(this.#environment, {
      type: RD_KAFKA_PRODUCER,
      // Kafka would give it a producer ID that it never uses
      settings: idempotenceIsPreset ? { ...producer, "enable.idempotence": false } : producer,
      name: { clientId: "metadata" },
      events: 0,
      onEvent: () => {},
      onError: (error) => this.contact.onError(error),
    });
    return this.#metadataClient;
  }

  /** Closes the client that was asked for metadata, when it is asked nothing any more. */
  async close(): Promise<void> {
    await (this.#nextTopicNames ?? this.#topicNames).catch(() => []);
    await this.#counting?.catch(() => {});
    this.contact.end();
    await this.#metadataClient?.close();
  }
}

/**
 * Makes a client of each kind and throws it away: librdkafka looks at some settings only then (at files, and at
 * settings that contradict each other). The settings must hold no address: the clients are to connect to nothing.
 *
 * @throws {SettingError} when librdkafka refuses a setting by itself
 * @throws {KafkaError} when it refuses them together
 */
export async function checkClusterSettings(
  environment: KafkaEnvironment,
  kind: keyof ClusterSettings,
  settings: KafkaSettings,
): Promise<void> {
  const client = new Client(environment, {
    type: kind === "consumer" ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER,
    settings: {
      ...settings,
      "log_level": 3, // not that it lacks brokers
      ...(kind === "consumer" && { "group.id": "settings-check" }),
    },
    name: { clientId: "settings-check" },
    events: 0,
    onEvent: () => {},
  });
  try {
    checkTopicSettings(client);
  } finally {
    await client.close();
  }
}

/** Some settings are looked at only when there is a topic; why they are refused is said in librdkafka's log alone. */
function checkTopicSettings({ library, pointer }: Client): void {
  const { symbols } = library;
  const rkt = symbols.rd_kafka_topic_new(pointer, toCString("settings-check"), null);
  if (rkt === null) throw kafkaError(library, symbols.rd_kafka_last_error());
  symbols.rd_kafka_topic_destroy(rkt);
}
