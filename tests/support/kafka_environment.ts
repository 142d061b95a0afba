/**
 * The Kafka layer without a gateway: an embedded cluster, its producers and consumers, and a record of the events that
 * they report.
 *
 * @module
 */
import assert from "node:assert/strict";
import { libraryCandidates, openLibrary } from "../../src/ffi/library.ts";
import type { KafkaEnvironment } from "../../src/kafka/client/kafka_client.ts";
import { Cluster, type ProducersOptions } from "../../src/kafka/cluster.ts";
import type { KafkaSettings } from "../../src/kafka/client/conf.ts";
import type { DrainLimits } from "../../src/kafka/producer/draining_producers.ts";
import { Consumer } from "../../src/kafka/consumer/consumer.ts";
import type { KafkaError } from "../../src/kafka/client/error.ts";
import type { Message } from "../../src/kafka/client/message.ts";
import { MockCluster } from "../../src/kafka/mock_cluster.ts";
import type {
  ClientName,
  Delivery,
  DeliveryFailure,
  FailedMessage,
  KafkaObserver,
  OffsetReset,
  Sender,
} from "../../src/kafka/client/observer.ts";
import type { ProducerLease } from "../../src/kafka/producer/producer_lease.ts";
import type { Producers } from "../../src/kafka/producer/producers.ts";
import { QueueEvents } from "../../src/kafka/client/queue_events.ts";
import { uniqueName, until } from "./gateway.ts";

/** Timeout of an expected event. */
export const DEADLINE_MS = 20_000;

/** The report of a message. */
export interface RecordedFailure {
  readonly topic: string;
  readonly text: string | undefined;
  readonly error: string;
  readonly sender: string;
}

/** The events reported by the clients of an environment. */
export class RecordingObserver implements KafkaObserver {
  deliveredCount = 0;
  readonly failures: DeliveryFailure[] = [];
  readonly failedMessages: RecordedFailure[] = [];
  readonly errors: KafkaError[] = [];
  readonly logLines: string[] = [];
  readonly refusals: string[] = [];
  readonly resets: OffsetReset[] = [];
  readonly unknownEvents: number[] = [];

  delivered({ count }: Delivery): void {
    this.deliveredCount += count;
  }

  messageFailed(message: FailedMessage, { codeName }: KafkaError, { id }: Sender): void {
    const { topic, value } = message;
    this.failedMessages.push({ topic, text: textOf({ value }), error: codeName, sender: id });
  }

  deliveryFailed(failure: DeliveryFailure): void {
    this.failures.push(failure);
  }

  clientError(_name: ClientName, error: KafkaError): void {
    this.errors.push(error);
  }

  clientLog(name: ClientName, level: number, facility: string, text: string): void {
    this.logLines.push(`${name.clientId} ${level} ${facility} ${text}`);
  }

  allBrokersDown(_name: ClientName): void {}

  refused(_name: ClientName, what: string, { codeName }: KafkaError): void {
    this.refusals.push(`${what} ${codeName}`);
  }

  accepted(_name: ClientName, what: string): void {
    this.refusals.push(`${what} accepted`);
  }

  offsetReset(_name: ClientName, reset: OffsetReset): void {
    this.resets.push(reset);
  }

  topicRecreated(): void {}

  rebalanced(): void {}

  commitFailed(): void {}

  unknownEvent(_name: ClientName, type: number): void {
    this.unknownEvents.push(type);
  }
}

/** Options of a consumer; those left out are new or librdkafka's defaults. */
export interface TestConsumerOptions {
  readonly topics: readonly string[];
  readonly groupId?: string;
  readonly clientId?: string;
  readonly settings?: KafkaSettings;
  readonly withMetadata?: boolean;
}

/** An embedded cluster and its clients; closing it closes all and checks that no native handle is left. */
export class TestKafka implements AsyncDisposable {
  readonly environment: KafkaEnvironment;
  readonly observer: RecordingObserver;
  readonly mock: MockCluster;
  readonly #clients: (() => Promise<unknown>)[] = [];

  private constructor(environment: KafkaEnvironment, observer: RecordingObserver, brokers: number) {
    this.environment = environment;
    this.observer = observer;
    this.mock = new MockCluster(environment, brokers);
  }

  static async start(
    brokerCount = 1,
    library = openLibrary(libraryCandidates(undefined)),
  ): Promise<TestKafka> {
    const observer = new RecordingObserver();
    const environment = { library, queueEvents: await QueueEvents.open(library), observer };
    return new TestKafka(environment, observer, brokerCount);
  }

  /** The settings of a client of the cluster. */
  get settings(): KafkaSettings {
    return { "bootstrap.servers": this.mock.bootstrapServers };
  }

  /** Creates a unique topic. */
  newTopic(partitionCount = 1): string {
    const topic = uniqueName("topic");
    this.mock.createTopic(topic, partitionCount);
    return topic;
  }

  /** Opens an unshared producer that is not kept. */
  newProducer(settings: KafkaSettings = {}): ProducerLease {
    return this.newProducers({ shared: false, idleMs: 0, maxIdle: 0 }, settings)
      .lease(undefined, somebody);
  }

  /** Producers as connections lease them; draining ones are not limited unless given. */
  newProducers(
    options: Omit<ProducersOptions, keyof DrainLimits> & Partial<DrainLimits>,
    settings: KafkaSettings = {},
  ): Producers {
    const producers = new Cluster(this.environment, {
      producer: { ...this.settings, ...settings },
      consumer: {},
    }).newProducers({ maxDraining: Infinity, maxDrainingBytes: Infinity, ...options });
    this.#clients.push(() => producers.close(0));
    return producers;
  }

  newConsumer(options: TestConsumerOptions): Consumer {
    const consumer = new Consumer(this.environment, {
      topics: options.topics,
      groupId: options.groupId ?? uniqueName("group"),
      clientId: options.clientId ?? uniqueName("consumer"),
      withMetadata: options.withMetadata ?? false,
      settings: {
        "auto.offset.reset": "earliest",
        ...this.mock.consumerSettings,
        ...this.settings,
        ...options.settings,
      },
    });
    this.#clients.push(() => consumer.close());
    consumer.subscribe();
    return consumer;
  }

  /** Produces texts and waits until they are in Kafka. */
  async fill(topic: string, texts: readonly string[]): Promise<void> {
    const producer = this.newProducer();
    for (const text of texts) producer.produce(topic, toBytes(text), null);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((close) => close()));
    // the threads of a client still being destroyed would outlive the library of this test file
    const { handles } = this.environment.library;
    await until(() => handles.ending === 0, "the end of all clients");
    await this.mock.close();
    await this.environment.queueEvents.close();
    assert.deepEqual(this.environment.library.handles.open, {}, "handles that nobody has closed");
  }
}

/** The next messages, within a generous deadline. */
export async function receive(consumer: Consumer, count = 1): Promise<Message[]> {
  const messages: Message[] = [];
  const signal = AbortSignal.timeout(DEADLINE_MS);
  while (messages.length < count) {
    messages.push(...await consumer.receive(count - messages.length, Infinity, signal));
  }
  return messages;
}

/** A sender, where its identity is of no interest. */
export const somebody: Sender = { id: "somebody" };

/** Text as a message's value or key. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A message's value as text. */
export function textOf(message: Pick<Message, "value"> | undefined): string | undefined {
  return message?.value ? new TextDecoder().decode(message.value) : undefined;
}
