/**
 * Administers topics, offsets and groups of a cluster, with a client that somebody else owns. Each call ends within its
 * `timeoutMs`, whatever the brokers do.
 *
 * @module
 */

import {
  ERR__TIMED_OUT,
  ERR_INVALID_PARTITIONS,
  ERR_TOPIC_ALREADY_EXISTS,
  ERR_TOPIC_EXCEPTION,
  ERR_UNKNOWN_TOPIC_OR_PART,
  RD_KAFKA_ADMIN_OP_CREATETOPICS,
  RD_KAFKA_ADMIN_OP_DELETERECORDS,
  RD_KAFKA_ADMIN_OP_DELETETOPICS,
  RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
  RD_KAFKA_ADMIN_OP_LISTOFFSETS,
  RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED,
  RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED,
  RD_KAFKA_OFFSET_INVALID,
  RD_KAFKA_OFFSET_SPEC_EARLIEST,
  RD_KAFKA_OFFSET_SPEC_LATEST,
} from "../../ffi/constants.ts";
import { fromBuffer, fromCString, toCString } from "../../ffi/memory.ts";
import { cStringArray, pointerArray, readPointers } from "./admin_calls.ts";
import { kafkaError, readErrorObject } from "./error.ts";
import {
  type AdminOptions,
  type AdminTimeout,
  type EmbeddedTopics,
  GroupAdmin,
  timeoutOf,
} from "./group_admin.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { isTopicName, TOPIC_NAME_RULE } from "./topic_name.ts";
import type { QueueEvents } from "./queue_events.ts";
import {
  readTopicPartitionOffset,
  readTopicPartitionOffsets,
  TopicPartitionList,
  type TopicPartitionOffset,
} from "./topic_partitions.ts";

/** Partitions of a topic that IDs of stream entries can tell apart. */
export const MAX_PARTITIONS = 2048;
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
   * Creates a topic; returns false if it exists.
   *
   * @throws {KafkaError} when Kafka refuses it
   */
  async createTopic(topic: string, options: NewTopicOptions = {}): Promise<boolean> {
    this.#requireName(topic);
    if (this.#embedded) return this.#embedded.createTopic(topic, options.partitions);
    const { library, pointer } = this.client;
    const { symbols } = library;
    const newTopic = this.#newTopic(topic, options);
    try {
      const [code, text] = await this.calls.call(
        { operation: RD_KAFKA_ADMIN_OP_CREATETOPICS, waitsForBroker: true, ...timeoutOf(options) },
        (...rest) => symbols.rd_kafka_CreateTopics(pointer, pointerArray(newTopic), 1n, ...rest),
        (event) => this.#topicResult(symbols.rd_kafka_CreateTopics_result_topics, event),
      );
      if (code === ERR_TOPIC_ALREADY_EXISTS) return false;
      if (code !== 0) throw kafkaError(library, code, { message: text });
      return true;
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
    const toDelete = symbols.rd_kafka_DeleteTopic_new(toCString(topic));
    try {
      const [code, text] = await this.calls.call(
        { operation: RD_KAFKA_ADMIN_OP_DELETETOPICS, waitsForBroker: true, ...timeoutOf(options) },
        (...rest) => symbols.rd_kafka_DeleteTopics(pointer, pointerArray(toDelete), 1n, ...rest),
        (event) => this.#topicResult(symbols.rd_kafka_DeleteTopics_result_topics, event),
      );
      if (code === ERR_UNKNOWN_TOPIC_OR_PART) return false;
      if (code !== 0) throw kafkaError(library, code, { message: text });
      return true;
    } finally {
      symbols.rd_kafka_DeleteTopic_destroy(toDelete);
    }
  }

  /**
   * Number of partitions of a topic; undefined if there is no such topic. Creates none.
   *
   * @throws {KafkaError} when Kafka refuses it, or when there are more than 2,048
   */
  override async partitionsOf(
    topic: string,
    options: AdminTimeout = {},
  ): Promise<number | undefined> {
    this.#requireName(topic);
    const { library, pointer } = this.client;
    const { symbols } = library;
    const newCollection = this.calls.required(symbols.rd_kafka_TopicCollection_of_topic_names);
    const collection = newCollection(cStringArray(topic), 1n);
    try {
      const count = await this.calls.call(
        { operation: RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, ...timeoutOf(options) },
        (...rest) => symbols.rd_kafka_DescribeTopics!(pointer, collection, ...rest),
        (event) => this.#readPartitionCount(event),
      );
      if (count === undefined || count <= MAX_PARTITIONS) return count;
      const message = `Topic ${topic} has ${count} partitions, ids of streams have room for ` +
        `${MAX_PARTITIONS}`;
      throw kafkaError(library, ERR_INVALID_PARTITIONS, { message });
    } finally {
      symbols.rd_kafka_TopicCollection_destroy!(collection);
    }
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

  #newTopic(topic: string, { partitions, replicationFactor }: NewTopicOptions): Deno.PointerValue {
    const { library } = this.client;
    const errstr = new Uint8Array(ERRSTR_BYTES);
    const newTopic = library.symbols.rd_kafka_NewTopic_new(
      toCString(topic),
      partitions ?? BY_DEFAULT,
      replicationFactor ?? BY_DEFAULT,
      errstr,
      BigInt(ERRSTR_BYTES),
    );
    if (newTopic !== null) return newTopic;
    throw kafkaError(library, ERR_INVALID_PARTITIONS, { message: fromBuffer(errstr) });
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

  #readPartitionCount(event: Deno.PointerValue): number | undefined {
    const { library } = this.client;
    const { symbols } = library;
    const [topic] = readPointers(
      this.client,
      (count) => symbols.rd_kafka_DescribeTopics_result_topics!(event, count),
    );
    const error = symbols.rd_kafka_TopicDescription_error!(topic!);
    if (error !== null) {
      const described = readErrorObject(library, error);
      if (described.code === ERR_UNKNOWN_TOPIC_OR_PART) return undefined;
      if (described.code !== 0) throw described;
    }
    return readPointers(
      this.client,
      (count) => symbols.rd_kafka_TopicDescription_partitions!(topic!, count),
    ).length;
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
