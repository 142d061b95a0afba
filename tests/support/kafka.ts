/**
 * The clusters of tests: embedded and real with the same function, or a mock cluster owned by the test, which it can
 * disturb and which outlives a gateway.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { KafkaEnvironment } from "../../src/kafka/client/kafka_client.ts";
import { MockCluster } from "../../src/kafka/mock_cluster.ts";
import { type Library, libraryCandidates, openLibrary } from "../../src/ffi/library.ts";
import { QueueEvents } from "../../src/kafka/client/queue_events.ts";
import { encode, type PoppedMessage, type TestClient } from "./client.ts";
import { type GatewayOptions, TestGateway } from "./gateway.ts";
import { kafkaBrokers } from "./machine.ts";

/** How long a BLPOP of a test waits, in seconds: forming a group takes a real Kafka 3 s. */
export const PATIENCE_SECONDS = 30;

/** The sections of a configuration file. */
export type TestConfig = NonNullable<GatewayOptions["config"]>;
/** Starts a gateway on the cluster of the test. */
export type StartGateway = (config?: TestConfig) => Promise<TestGateway>;

/** The same test on the embedded cluster and, if there is one, on a real Kafka. */
export function testOnEachKafka(
  title: string,
  run: (startGateway: StartGateway) => Promise<void>,
  { ignore = false } = {},
): void {
  Deno.test({
    name: `${title} (embedded Kafka)`,
    ignore,
    fn: () => run((config = {}) => TestGateway.start({ config })),
  });
  testOnRealKafka(title, run, { ignore });
}

/** A test that requires a real Kafka. */
export function testOnRealKafka(
  title: string,
  run: (startGateway: StartGateway) => Promise<void>,
  { ignore = false } = {},
): void {
  Deno.test({
    name: `${title} (real Kafka)`,
    ignore: ignore || kafkaBrokers === undefined,
    fn: () => run((config = {}) => TestGateway.start({ config: onBrokers(kafkaBrokers!, config) })),
  });
}

/** The same test with a producer for each connection and with one for all. */
export function testInEachProducerMode(
  title: string,
  run: (server: { readonly producerMode: string }) => Promise<void>,
): void {
  for (const producerMode of ["connection", "shared"]) {
    Deno.test(`${title} (${producerMode} producer)`, () => run({ producerMode }));
  }
}

/** A configuration whose Kafka is at `brokers`. */
export function onBrokers(brokers: string, config: TestConfig = {}): TestConfig {
  return { ...config, general: { "bootstrap.servers": brokers, ...config.general } };
}

/** A cluster in the test's process that the test owns; its end checks that no native handle is left. */
export class TestCluster implements AsyncDisposable {
  readonly mock: MockCluster;
  readonly #library: Library;
  readonly #queueEvents: QueueEvents;

  private constructor(library: Library, queueEvents: QueueEvents, mock: MockCluster) {
    this.#library = library;
    this.#queueEvents = queueEvents;
    this.mock = mock;
  }

  static async start(brokerCount = 1): Promise<TestCluster> {
    const library = openLibrary(libraryCandidates(undefined));
    const queueEvents = await QueueEvents.open(library);
    const nobody: KafkaEnvironment["observer"] = {
      delivered: () => {},
      messageFailed: () => {},
      deliveryFailed: () => {},
      clientError: () => {},
      clientLog: () => {},
      allBrokersDown: () => {},
      refused: () => {},
      accepted: () => {},
      offsetReset: () => {},
      topicRecreated: () => {},
      rebalanced: () => {},
      commitFailed: () => {},
      unknownEvent: () => {},
    };
    const environment = { library, queueEvents, observer: nobody };
    return new TestCluster(library, queueEvents, new MockCluster(environment, brokerCount));
  }

  /** The configuration of a gateway that uses this cluster. */
  config(config: TestConfig = {}): TestConfig {
    const consumer = { ...this.mock.consumerSettings, ...config.consumer };
    return onBrokers(this.mock.bootstrapServers, { ...config, consumer });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mock.close();
    await this.#queueEvents.close();
    assert.deepEqual(this.#library.handles.open, {}, "native handles that nobody has closed");
  }
}

/** Produces messages in one pipeline, a small one as one batch, and waits until all are delivered. */
export async function produceAll(
  client: TestClient,
  messages: Iterable<readonly [target: string, value: string]>,
): Promise<void> {
  const requests = Array.from(
    messages,
    ([target, value]) => encode(["RPUSHX", `topics:${target}`, value]),
  );
  await client.write(Buffer.concat([...requests, encode(["DUMP", 20_000])]));
  for (const _ of requests) assert.equal(await client.reply(), ":1\r\n");
  assert.equal(await client.reply(), ":0\r\n", "messages left undelivered");
}

/** BLPOP that must return a message. */
export async function mustPop(client: TestClient, topics: string): Promise<PoppedMessage> {
  const message = await client.pop(`topics:${topics}`, PATIENCE_SECONDS);
  assert.ok(message, `no message of ${topics} in ${PATIENCE_SECONDS} s`);
  return message;
}

/** Acks a message; returns the reply of RPUSH. */
export async function ack(client: TestClient, message: PoppedMessage): Promise<string> {
  const { topic, partition, offset } = message;
  return await client.ask("RPUSH", "acks", `${topic}:${partition}:${offset}`);
}

/** Sends QUIT and waits for the end of the connection. */
export async function quit(client: TestClient): Promise<void> {
  assert.equal(await client.ask("QUIT"), "+OK\r\n");
  assert.equal(await client.untilClosed(), "");
}

/** A counter of HGETALL stats. */
export async function counter(client: TestClient, name: string): Promise<number> {
  const fields = (await client.ask("HGETALL", "stats")).split("\r\n");
  const at = fields.indexOf(name);
  assert.ok(at > 0, `no counter ${name} in ${fields.join(" ")}`);
  return Number(fields[at + 2]);
}
