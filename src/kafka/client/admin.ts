/**
 * Administers topics, offsets and groups of a cluster, with a client that somebody else owns. Each call ends within its
 * `timeoutMs`, whatever the brokers do; what it has changed of a topic, a broker knows then.
 *
 * @module
 */

import {
  ERR__TIMED_OUT,
  ERR_INVALID_PARTITIONS,
  ERR_TOPIC_ALREADY_EXISTS,
  ERR_TOPIC_EXCEPTION,
  ERR_UNKNOWN_TOPIC_OR_PART,
  RD_KAFKA_ADMIN_OP_CREATEPARTITIONS,
  RD_KAFKA_ADMIN_OP_CREATETOPICS,
  RD_KAFKA_ADMIN_OP_DELETERECORDS,
  RD_KAFKA_ADMIN_OP_DELETETOPICS,
  RD_KAFKA_ADMIN_OP_LISTOFFSETS,
  RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED,
  RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED,
  RD_KAFKA_OFFSET_INVALID,
  RD_KAFKA_OFFSET_SPEC_EARLIEST,
  RD_KAFKA_OFFSET_SPEC_LATEST,
} from "../../ffi/constants.ts";
import { fromBuffer, fromCString, toCString } from "../../ffi/memory.ts";
import { pointerArray, readPointers } from "./admin_calls.ts";
import { type BrokerDescription, describeBrokers } from "./brokers.ts";
import { check, kafkaError } from "./error.ts";
import {
  type AdminOptions,
  type AdminTimeout,
  deadlineOf,
  type EmbeddedTopics,
  GroupAdmin,
  timeoutOf,
} from "./group_admin.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { untilKnown } from "./known_changes.ts";
import { isTopicName, TOPIC_NAME_RULE } from "./topic_name.ts";
import type { QueueEvents } from "./queue_events.ts";
import {
  alterTopicConfigs,
  describeTopicConfigs,
  type TopicConfig,
  type TopicConfigChange,
} from "./topic_configs.ts";
import {
  countPartitions,
  describeTopics,
  readTopic,
  type TopicDescription,
} from "./topic_descriptions.ts";
import {
  readTopicPartitionOffset,
  readTopicPartitionOffsets,
  TopicPartitionList,
  type TopicPartitionOffset,
} from "./topic_partitions.ts";

const ERRSTR_BYTES = 512;
/** The broker's default. */
const BY_DEFAULT = -1;

/** Which offset of a partition: the first, the one behind the last, or that of the first message from this time on. */
export type OffsetSpec = "earliest" | "latest" | { readonly timestampMs: number };

/** The offsets of a topic by partition; undefined where there is no message from the time on. */
export type PartitionOffsets = readonly (bigint | undefined)[];

/** A new topic. */
export interface NewTopicOptions extends AdminTimeout {
  /** The broker's default if there is none. */
  readonly partitions?: number;
  /** The broker's default if there is none. */
  readonly replicationFactor?: number;
  /** Keys and values of its configuration. */
  readonly configs?: readonly (readonly [name: string, value: string])[];
}

/** What is asked of offsets. */
export interface ListOffsetsOptions extends AdminTimeout {
  /** "read_committed" by default: the end is the first offset of the oldest open transaction. */
  readonly isolationLevel?: "read_committed" | "read_uncommitted";
}

/** Administers a cluster. */
export class Admin extends GroupAdmin {
  readonly #embedded: EmbeddedTopics | undefined;

  /** Calls are made with `client`, which must outlive this. */
  constructor(client: KafkaClient, queueEvents: QueueEvents, options: AdminOptions = {}) {
    super(client, queueEvents, options);
    this.#embedded = options.embedded;
  }

  /**
   * Creates a topic; returns false if it exists. A broker knows it then.
   *
   * @throws {KafkaError} when Kafka refuses it
   */
  async createTopic(topic: string, options: NewTopicOptions = {}): Promise<boolean> {
    this.#requireName(topic);
    if (this.#embedded) return this.#createEmbedded(this.#embedded, topic, options);
    const { library, pointer } = this.client;
    const { symbols } = library;
    const deadlineMs = deadlineOf(options);
    const newTopic = this.#newTopic(topic, options);
    try {
      const [code, text] = await this.calls.call(
        { operation: RD_KAFKA_ADMIN_OP_CREATETOPICS, waitsForBroker: true, ...timeoutOf(options) },
        (...rest) => symbols.rd_kafka_CreateTopics(pointer, pointerArray(newTopic), 1n, ...rest),
        (event) => this.#topicResult(symbols.rd_kafka_CreateTopics_result_topics, event),
      );
      const exists = code === ERR_TOPIC_ALREADY_EXISTS;
      if (code !== 0 && !exists) throw kafkaError(library, code, { message: text });
      await untilKnown(this, topic, deadlineMs, (partitions) => partitions !== undefined);
      return !exists;
    } finally {
      symbols.rd_kafka_NewTopic_destroy(newTopic);
    }
  }

  /**
   * Deletes a topic with its messages; returns false if there is none.
   *
   * @throws {KafkaError} when Kafka refuses it; the embedded one can't
   */
  async deleteTopic(topic: string, options: AdminTimeout = {}): Promise<boolean> {
    this.refuseEmbedded("delete topics");
    const { library, pointer } = this.client;
    const { symbols } = library;
    const deadlineMs = deadlineOf(options);
    const toDelete = symbols.rd_kafka_DeleteTopic_new(toCString(topic));
    try {
      const [code, text] = await this.calls.call(
        { operation: RD_KAFKA_ADMIN_OP_DELETETOPICS, waitsForBroker: true, ...timeoutOf(options) },
        (...rest) => symbols.rd_kafka_DeleteTopics(pointer, pointerArray(toDelete), 1n, ...rest),
        (event) => this.#topicResult(symbols.rd_kafka_DeleteTopics_result_topics, event),
      );
      if (code === ERR_UNKNOWN_TOPIC_OR_PART) return false;
      if (code !== 0) throw kafkaError(library, code, { message: text });
      await untilKnown(this, topic, deadlineMs, (partitions) => partitions === undefined);
      return true;
    } finally {
      symbols.rd_kafka_DeleteTopic_destroy(toDelete);
    }
  }

  /**
   * Number of partitions of a topic; undefined if there is no such topic. Creates none.
   *
   * @throws {KafkaError} when Kafka refuses it
   */
  override async partitionsOf(
    topic: string,
    options: AdminTimeout = {},
  ): Promise<number | undefined> {
    this.#requireName(topic);
    const [count] = await describeTopics(this.calls, [topic], timeoutOf(options), countPartitions);
    return count;
  }

  /**
   * Describes topics; undefined for each that does not exist. Creates none.
   *
   * @throws {KafkaError} when Kafka refuses it for one of them
   */
  async describeTopics(
    topics: readonly string[],
    options: AdminTimeout = {},
  ): Promise<(TopicDescription | undefined)[]> {
    return await describeTopics(this.calls, topics, timeoutOf(options), readTopic);
  }

  /**
   * Gives a topic more partitions; keys map to others from then on.
   *
   * @param partitions their number then
   * @throws {KafkaError} when Kafka refuses it; the embedded one can't
   */
  async addPartitions(
    topic: string,
    partitions: number,
    options: AdminTimeout = {},
  ): Promise<void> {
    this.refuseEmbedded("add partitions to topics");
    const { library, pointer } = this.client;
    const { symbols } = library;
    const errstr = new Uint8Array(ERRSTR_BYTES);
    const operation = RD_KAFKA_ADMIN_OP_CREATEPARTITIONS;
    const deadlineMs = deadlineOf(options);
    const total = BigInt(partitions);
    const change = symbols
      .rd_kafka_NewPartitions_new(toCString(topic), total, errstr, BigInt(ERRSTR_BYTES));
    if (change === null) {
      throw kafkaError(library, ERR_INVALID_PARTITIONS, { message: fromBuffer(errstr) });
    }
    try {
      const [code, text] = await this.calls.call(
        { operation, waitsForBroker: true, ...timeoutOf(options) },
        (...rest) => symbols.rd_kafka_CreatePartitions(pointer, pointerArray(change), 1n, ...rest),
        (event) => this.#topicResult(symbols.rd_kafka_CreatePartitions_result_topics, event),
      );
      if (code !== 0) throw kafkaError(library, code, { message: text });
      await untilKnown(this, topic, deadlineMs, (count = Infinity) => count >= partitions);
    } finally {
      symbols.rd_kafka_NewPartitions_destroy(change);
    }
  }

  /**
   * The configuration of a topic; undefined if there is no such topic.
   *
   * @throws {KafkaError} when Kafka refuses it; the embedded one has none
   */
  async describeConfigs(
    topic: string,
    options: AdminTimeout = {},
  ): Promise<TopicConfig[] | undefined> {
    this.refuseEmbedded("tell configurations of topics");
    return await describeTopicConfigs(this.calls, topic, timeoutOf(options));
  }

  /**
   * Changes keys of a topic's configuration, all or none.
   *
   * @throws {KafkaError} when Kafka refuses it; the embedded one can't
   */
  async alterConfigs(
    topic: string,
    changes: readonly TopicConfigChange[],
    options: AdminTimeout = {},
  ): Promise<void> {
    this.refuseEmbedded("configure topics");
    await alterTopicConfigs(this.calls, topic, changes, timeoutOf(options));
  }

  /**
   * The brokers that are up, by id.
   *
   * @throws {KafkaError} when none answers
   */
  async describeBrokers(options: AdminTimeout = {}): Promise<BrokerDescription[]> {
    return await describeBrokers(this.calls, timeoutOf(options));
  }

  /**
   * Offsets of the partitions 0 to `partitions` - 1 of a topic, in one call.
   *
   * @throws {KafkaError} when one of them is not known
   */
  async listOffsets(
    topic: string,
    partitions: number,
    spec: OffsetSpec,
    options: ListOffsetsOptions = {},
  ): Promise<PartitionOffsets> {
    const { pointer, library } = this.client;
    const { symbols } = library;
    using list = new TopicPartitionList(library);
    const offset = BigInt(numberOf(spec));
    for (let partition = 0; partition < partitions; partition++) {
      list.addOffset(topic, partition, offset);
    }
    const entries = await this.calls.call(
      {
        operation: RD_KAFKA_ADMIN_OP_LISTOFFSETS,
        isolationLevel: options.isolationLevel === "read_uncommitted"
          ? RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED
          : RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED,
        ...timeoutOf(options),
      },
      (...rest) =>
        this.calls.required(symbols.rd_kafka_ListOffsets)(pointer, list.pointer, ...rest),
      (event) => this.#readListedOffsets(event),
    );
    const offsets = new Array<bigint | undefined>(partitions).fill(undefined);
    for (const { partition, offset } of entries) {
      if (offset >= 0n) offsets[partition] = offset;
    }
    return offsets;
  }

  /**
   * Deletes the records before an offset in each of these partitions of a topic.
   *
   * @returns their first offsets now
   * @throws {KafkaError} when Kafka refuses it for one of them, maybe after others are done; the embedded one can't
   */
  async deleteRecords(
    topic: string,
    before: ReadonlyMap<number, bigint>,
    options: AdminTimeout = {},
  ): Promise<Map<number, bigint>> {
    this.refuseEmbedded("delete records");
    if (before.size === 0) return new Map();
    const { pointer, library } = this.client;
    const { symbols } = library;
    using list = new TopicPartitionList(library);
    for (const [partition, offset] of before) list.addOffset(topic, partition, offset);
    const toDelete = symbols.rd_kafka_DeleteRecords_new(list.pointer);
    try {
      const entries = await this.calls.call(
        { operation: RD_KAFKA_ADMIN_OP_DELETERECORDS, waitsForBroker: true, ...timeoutOf(options) },
        (...rest) => symbols.rd_kafka_DeleteRecords(pointer, pointerArray(toDelete), 1n, ...rest),
        (event) => {
          const offsets = symbols.rd_kafka_DeleteRecords_result_offsets(event);
          const entries = readTopicPartitionOffsets(library, offsets);
          this.requireNoError(entries);
          return entries;
        },
      );
      return new Map(entries.map(({ partition, offset }) => [partition, offset]));
    } finally {
      symbols.rd_kafka_DeleteRecords_destroy(toDelete);
    }
  }

  /** A partition whose broker did not answer has no error, and no offset; one without messages has another. */
  #requireAnswers(entries: readonly TopicPartitionOffset[]): void {
    const unanswered = entries.find(({ offset }) => offset === BigInt(RD_KAFKA_OFFSET_INVALID));
    if (!unanswered) return;
    const { topic, partition } = unanswered;
    const error = kafkaError(this.client.library, ERR__TIMED_OUT);
    throw error.withMessage(`No answer for ${topic}[${partition}]: ${error.message}`);
  }

  /** The embedded Kafka would take any name. */
  #requireName(topic: string): void {
    if (isTopicName(topic)) return;
    const message = `No topic is called '${topic}': a name has ${TOPIC_NAME_RULE}`;
    throw kafkaError(this.client.library, ERR_TOPIC_EXCEPTION, { message });
  }

  /** It would take no notice of what it does not have. */
  #createEmbedded(embedded: EmbeddedTopics, topic: string, options: NewTopicOptions): boolean {
    if (options.configs?.length) this.refuseEmbedded("configure topics");
    if ((options.replicationFactor ?? 1) > 1) this.refuseEmbedded("replicate topics");
    return embedded.createTopic(topic, options.partitions);
  }

  #newTopic(topic: string, options: NewTopicOptions): Deno.PointerValue {
    const { partitions = BY_DEFAULT, replicationFactor = BY_DEFAULT, configs = [] } = options;
    const { library } = this.client;
    const { symbols } = library;
    const errstr = new Uint8Array(ERRSTR_BYTES);
    const newTopic = symbols.rd_kafka_NewTopic_new(
      toCString(topic),
      partitions,
      replicationFactor,
      errstr,
      BigInt(ERRSTR_BYTES),
    );
    if (newTopic === null) {
      throw kafkaError(library, ERR_INVALID_PARTITIONS, { message: fromBuffer(errstr) });
    }
    const set = symbols.rd_kafka_NewTopic_set_config;
    for (const [name, value] of configs) {
      check(library, set(newTopic, toCString(name), toCString(value)));
    }
    return newTopic;
  }

  #topicResult(
    readTopics: (
      event: Deno.PointerValue,
      count: BigUint64Array<ArrayBuffer>,
    ) => Deno.PointerValue,
    event: Deno.PointerValue,
  ): [code: number, text: string] {
    const { symbols } = this.client.library;
    const [result] = readPointers(this.client, (count) => readTopics(event, count));
    return [
      symbols.rd_kafka_topic_result_error(result!),
      fromCString(symbols.rd_kafka_topic_result_error_string(result!)),
    ];
  }

  #readListedOffsets(event: Deno.PointerValue): TopicPartitionOffset[] {
    const { library } = this.client;
    const { symbols } = library;
    const entries = readPointers(
      this.client,
      (count) => symbols.rd_kafka_ListOffsets_result_infos!(event, count),
    ).map((info) => {
      const entry = symbols.rd_kafka_ListOffsetsResultInfo_topic_partition!(info);
      return readTopicPartitionOffset(library, entry);
    });
    this.requireNoError(entries);
    this.#requireAnswers(entries);
    return entries;
  }
}

function numberOf(spec: OffsetSpec): number {
  if (spec === "earliest") return RD_KAFKA_OFFSET_SPEC_EARLIEST;
  return spec === "latest" ? RD_KAFKA_OFFSET_SPEC_LATEST : spec.timestampMs;
}
