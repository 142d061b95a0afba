/**
 * A Kafka cluster inside of this process (rdkafka_mock.h): for tests and for `--dev`. Topics appear when they are
 * first used. It keeps 5 MB or 100,000 messages a partition, in memory only.
 *
 * @module
 */

import { ERR_TOPIC_ALREADY_EXISTS, RD_KAFKA_PRODUCER } from "../ffi/constants.ts";
import type { Library } from "../ffi/library.ts";
import { fromCString, toCString } from "../ffi/memory.ts";
import { destroyMockCluster } from "./client/blocking_calls.ts";
import { KafkaClient, type KafkaEnvironment } from "./client/kafka_client.ts";
import type { KafkaSettings } from "./client/conf.ts";
import { check } from "./client/error.ts";
import { listenOnLoopback } from "./client/system_error.ts";

/** As many as a topic gets that a mock cluster makes by itself. */
const DEFAULT_PARTITION_COUNT = 4;

/** Without a way to set it (before 2.3), a group waits so long for its first members. */
const FIXED_REBALANCE_DELAY_MS = 3_000;

const STRATEGY = "partition.assignment.strategy";

/** Owns an `rd_kafka_mock_cluster_t` and the client that it lives in. */
export class MockCluster {
  /** For `bootstrap.servers`. */
  readonly bootstrapServers: string;
  /**
   * Settings for its consumers. It answers an empty fetch only when its time is over; and when a member comes or
   * goes it lets the group wait for session.timeout.ms less 1 s, also when nobody is left in it.
   */
  readonly consumerSettings: KafkaSettings;
  readonly #sessionSettings: KafkaSettings;
  readonly #library: Library;
  readonly #client: KafkaClient;
  readonly #pointer: Deno.PointerValue;
  readonly #topics = new Set<string>();
  #closing: Promise<void> | undefined;

  /**
   * Starts the cluster; its brokers listen on 127.0.0.1.
   *
   * @throws {SystemError} when there is no such address
   */
  constructor(environment: KafkaEnvironment, brokerCount = 1) {
    listenOnLoopback("the embedded Kafka").close(); // where it can't, librdkafka ends the process
    const { library } = environment;
    const { symbols, handles } = library;
    this.#library = library;
    this.#client = new KafkaClient(environment, {
      type: RD_KAFKA_PRODUCER,
      settings: { "client.id": "mock-cluster", "log_level": 4 }, // not that it lacks brokers
      name: { clientId: "mock-cluster" },
      events: 0,
      onEvent: () => {},
    });
    this.#pointer = symbols.rd_kafka_mock_cluster_new(this.#client.pointer, brokerCount);
    handles.opened("rd_kafka_mock_cluster_t");
    const setRebalanceDelayMs = symbols.rd_kafka_mock_group_initial_rebalance_delay_ms;
    setRebalanceDelayMs?.(this.#pointer, 0);
    this.#sessionSettings = {
      // a member must outlive the delay
      "session.timeout.ms": setRebalanceDelayMs ? 1_500 : 2 * FIXED_REBALANCE_DELAY_MS,
      "heartbeat.interval.ms": 100,
    };
    this.consumerSettings = {
      "allow.auto.create.topics": true,
      "fetch.wait.max.ms": 5,
      ...this.#sessionSettings,
      // commits are refused while the group changes: what is acked before that should be committed by then
      "auto.commit.interval.ms": 100,
    };
    this.bootstrapServers = fromCString(symbols.rd_kafka_mock_cluster_bootstraps(this.#pointer));
  }

  /**
   * What a member of a group must have, whatever its client asks for: where members differ in the session they wait for
   * each other for ever, and where they differ in how they assign, the cluster ends the process.
   *
   * @param settings of every consumer
   */
  groupSettings(settings: KafkaSettings): KafkaSettings {
    const strategy = settings[STRATEGY];
    return { ...this.#sessionSettings, ...(strategy !== undefined && { [STRATEGY]: strategy }) };
  }

  /** Makes a topic, unless it is there already. */
  createTopic(name: string, partitionCount: number = DEFAULT_PARTITION_COUNT): void {
    if (this.#topics.has(name)) return; // asking takes the cluster's thread up to 0.1 s
    const { symbols } = this.#library;
    const topic = toCString(name);
    const code = symbols.rd_kafka_mock_topic_create(this.#pointer, topic, partitionCount, 1);
    if (code !== ERR_TOPIC_ALREADY_EXISTS) check(this.#library, code);
    this.#topics.add(name);
  }

  /** The next requests of this kind (its number in the Kafka protocol, e.g. 0 for Produce) get these errors. */
  failRequests(apiKey: number, codes: readonly number[]): void {
    this.#library.symbols.rd_kafka_mock_push_request_errors_array(
      this.#pointer,
      apiKey,
      BigInt(codes.length),
      new Int32Array(codes),
    );
  }

  /** Takes a broker down (its connections end, new ones are refused), or brings it back. */
  setBrokerUp(brokerId: number, up: boolean): void {
    const { symbols } = this.#library;
    const code = up
      ? symbols.rd_kafka_mock_broker_set_up(this.#pointer, brokerId)
      : symbols.rd_kafka_mock_broker_set_down(this.#pointer, brokerId);
    check(this.#library, code);
  }

  /** Every answer of every broker takes so long. */
  setRoundTripMs(roundTripMs: number): void {
    const { symbols } = this.#library;
    check(this.#library, symbols.rd_kafka_mock_broker_set_rtt(this.#pointer, -1, roundTripMs));
  }

  /** Ends the cluster; what it held is gone. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await destroyMockCluster(this.#library, this.#pointer);
    this.#library.handles.closed("rd_kafka_mock_cluster_t");
    await this.#client.close();
  }
}
