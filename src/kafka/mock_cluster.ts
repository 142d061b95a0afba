/**
 * A Kafka cluster inside this process (rdkafka_mock.h), for tests and for `--dev`. Topics are created by their first
 * use. It keeps 5 MB or 100,000 messages a partition, in memory only.
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

/** Partitions of a topic that a mock cluster creates by itself. */
const DEFAULT_PARTITION_COUNT = 4;

/** How long a group waits for its first members in librdkafka before 2.3, which can't change it. */
const FIXED_REBALANCE_DELAY_MS = 3_000;

const STRATEGY = "partition.assignment.strategy";

/** Owns an `rd_kafka_mock_cluster_t` and the client that it lives in. */
export class MockCluster {
  /** For `bootstrap.servers`. */
  readonly bootstrapServers: string;
  /**
   * Settings for its consumers. It answers an empty fetch only after fetch.wait.max.ms; and in a librdkafka that is not
   * Rafka's own, a group that a member joins or leaves waits for session.timeout.ms less 1 s, and then goes on without
   * the members that have not rejoined.
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
      // librdkafka's own mock refuses commits while a group changes: what is acked before should be committed by then
      "auto.commit.interval.ms": 100,
    };
    this.bootstrapServers = fromCString(symbols.rd_kafka_mock_cluster_bootstraps(this.#pointer));
  }

  /**
   * Settings that all members of a group share, whatever their clients ask for: members with different session timeouts
   * wait for each other without end, and different assignors make the cluster end the process.
   *
   * @param settings those of every consumer
   */
  groupSettings(settings: KafkaSettings): KafkaSettings {
    const strategy = settings[STRATEGY];
    return { ...this.#sessionSettings, ...(strategy !== undefined && { [STRATEGY]: strategy }) };
  }

  /** Creates a topic; returns false if it exists. */
  createTopic(name: string, partitionCount: number = DEFAULT_PARTITION_COUNT): boolean {
    if (this.#topics.has(name)) return false; // asking takes the cluster's thread up to 0.1 s
    const { symbols } = this.#library;
    const topic = toCString(name);
    const code = symbols.rd_kafka_mock_topic_create(this.#pointer, topic, partitionCount, 1);
    const exists = code === ERR_TOPIC_ALREADY_EXISTS;
    if (!exists) check(this.#library, code);
    this.#topics.add(name);
    return !exists;
  }

  /**
   * Answers the next requests of a kind with errors.
   *
   * @param apiKey number of the kind in the Kafka protocol, e.g. 0 for Produce
   * @param codes `rd_kafka_resp_err_t` for each request
   */
  failRequests(apiKey: number, codes: readonly number[]): void {
    this.#library.symbols.rd_kafka_mock_push_request_errors_array(
      this.#pointer,
      apiKey,
      BigInt(codes.length),
      new Int32Array(codes),
    );
  }

  /** Takes a broker down (closes its connections, refuses new ones), or brings it back. */
  setBrokerUp(brokerId: number, up: boolean): void {
    const { symbols } = this.#library;
    const code = up
      ? symbols.rd_kafka_mock_broker_set_up(this.#pointer, brokerId)
      : symbols.rd_kafka_mock_broker_set_down(this.#pointer, brokerId);
    check(this.#library, code);
  }

  /** Makes a broker the coordinator of a group, instead of the one that it is by its hash. */
  setCoordinator(group: string, brokerId: number): void {
    const set = this.#library.symbols.rd_kafka_mock_coordinator_set;
    check(
      this.#library,
      set(this.#pointer, toCString("group"), toCString(group), brokerId),
    );
  }

  /** Delays every answer of every broker. */
  setRoundTripMs(roundTripMs: number): void {
    const { symbols } = this.#library;
    check(this.#library, symbols.rd_kafka_mock_broker_set_rtt(this.#pointer, -1, roundTripMs));
  }

  /** Destroys the cluster and its messages; idempotent. */
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
