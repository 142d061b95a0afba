/**
 * Administers consumer groups and their committed offsets.
 *
 * @module
 */

import {
  ERR__UNSUPPORTED_FEATURE,
  ERR_GROUP_ID_NOT_FOUND,
  RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS,
  RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS,
  RD_KAFKA_ADMIN_OP_DELETEGROUPS,
  RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
  RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
  RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS,
} from "../../ffi/constants.ts";
import { fromCString, toCString } from "../../ffi/memory.ts";
import {
  AdminCalls,
  cStringArray,
  pointerArray,
  readPointers,
  type WatchAnswer,
} from "./admin_calls.ts";
import { kafkaError, readErrorObject } from "./error.ts";
import { type GroupDescription, readGroup, stateName } from "./group_descriptions.ts";
import type { KafkaClient } from "./kafka_client.ts";
import type { QueueEvents } from "./queue_events.ts";
import {
  readTopicPartitionOffsets,
  type TopicPartition,
  TopicPartitionList,
  type TopicPartitionOffset,
} from "./topic_partitions.ts";

const DEFAULT_TIMEOUT_MS = 5_000;

/** Options of all calls. */
export interface AdminTimeout {
  /** 5 s by default. */
  readonly timeoutMs?: number;
}

/** The embedded cluster, where it is one: it has no requests for topics. */
export interface EmbeddedTopics {
  /** Creates a topic; returns false if it exists. */
  createTopic(name: string, partitionCount?: number): boolean;
}

/** What an `Admin` depends on. */
export interface AdminOptions {
  /** The embedded cluster, if it is that. */
  readonly embedded?: EmbeddedTopics | undefined;
  /** Fails an answer sooner, or with a better error; the answer as it is by default. */
  readonly watch?: WatchAnswer;
}

/** An offset that a group has committed, or is to commit. */
export interface CommittedOffset extends TopicPartition {
  /** The first one that is not consumed. */
  readonly offset: bigint;
  /** Text that is kept with it: at most `offset.metadata.max.bytes` of the broker, which counts UTF-16 characters. */
  readonly metadata?: string;
}

/** A group of the cluster. */
export interface GroupListing {
  /** Kafka's `group.id`. */
  readonly group: string;
  /** librdkafka's name of the state, e.g. "Stable" or "Empty". */
  readonly state: string;
}

/** Administers groups. */
export abstract class GroupAdmin {
  /** Makes the calls. */
  protected readonly calls: AdminCalls;
  /** The client of the calls. */
  protected readonly client: KafkaClient;
  readonly #isEmbedded: boolean;

  /** Calls are made with `client`, which must outlive this. */
  constructor(client: KafkaClient, queueEvents: QueueEvents, options: AdminOptions) {
    this.calls = new AdminCalls(client, queueEvents, options.watch);
    this.client = client;
    this.#isEmbedded = options.embedded !== undefined;
  }

  /** Number of partitions of a topic; undefined if there is no such topic. */
  abstract partitionsOf(topic: string, options?: AdminTimeout): Promise<number | undefined>;

  /**
   * The offsets that a group has committed, none where it has not, or is not known.
   *
   * @param topic the only topic that is of interest; without, the embedded Kafka can't
   * @throws {KafkaError} when Kafka refuses it, be it for one partition
   */
  async listGroupOffsets(
    group: string,
    topic?: string,
    options: AdminTimeout = {},
  ): Promise<Required<CommittedOffset>[]> {
    const { library, pointer } = this.client;
    const { symbols } = library;
    if (topic === undefined) this.refuseEmbedded("list the offsets of all topics of a group");
    using list = topic === undefined ? undefined : await this.#partitionsOf(topic, options);
    if (list === null) return [];
    const query = symbols.rd_kafka_ListConsumerGroupOffsets_new(
      toCString(group),
      list?.pointer ?? null,
    );
    try {
      const offsets = await this.calls.call(
        { operation: RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, ...timeoutOf(options) },
        (...rest) =>
          symbols.rd_kafka_ListConsumerGroupOffsets(pointer, pointerArray(query), 1n, ...rest),
        (event) =>
          this.#readGroupOffsets((count) =>
            symbols.rd_kafka_ListConsumerGroupOffsets_result_groups(event, count)
          ),
      );
      return offsets.filter(({ offset }) => offset >= 0n)
        .map(({ topic, partition, offset, metadata }) => ({ topic, partition, offset, metadata }));
    } finally {
      symbols.rd_kafka_ListConsumerGroupOffsets_destroy(query);
    }
  }

  /**
   * Commits offsets for a group, which is made if it isn't there.
   *
   * @throws {KafkaError} when Kafka refuses it, be it for one partition: UNKNOWN_MEMBER_ID when the group has members
   */
  async alterGroupOffsets(
    group: string,
    offsets: readonly CommittedOffset[],
    options: AdminTimeout = {},
  ): Promise<void> {
    const { library, pointer } = this.client;
    const { symbols } = library;
    using list = new TopicPartitionList(library);
    for (const { topic, partition, offset, metadata } of offsets) {
      list.addOffset(topic, partition, offset, metadata);
    }
    const change = symbols.rd_kafka_AlterConsumerGroupOffsets_new(toCString(group), list.pointer);
    try {
      await this.calls.call(
        { operation: RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, ...timeoutOf(options) },
        (...rest) =>
          symbols.rd_kafka_AlterConsumerGroupOffsets(pointer, pointerArray(change), 1n, ...rest),
        (event) =>
          this.#readGroupOffsets((count) =>
            symbols.rd_kafka_AlterConsumerGroupOffsets_result_groups(event, count)
          ),
      );
    } finally {
      symbols.rd_kafka_AlterConsumerGroupOffsets_destroy(change);
    }
  }

  /**
   * Deletes all that a group has committed for a topic.
   *
   * @returns false if it has not committed anything for it
   * @throws {KafkaError} when Kafka refuses it: GROUP_SUBSCRIBED_TO_TOPIC when a member consumes it
   */
  async deleteGroupOffsets(
    group: string,
    topic: string,
    options: AdminTimeout = {},
  ): Promise<boolean> {
    this.refuseEmbedded("delete committed offsets");
    const committed = await this.listGroupOffsets(group, topic, options);
    if (committed.length === 0) return false;
    const { library, pointer } = this.client;
    const { symbols } = library;
    using list = new TopicPartitionList(library);
    for (const { partition } of committed) list.add(topic, partition);
    const change = symbols.rd_kafka_DeleteConsumerGroupOffsets_new(toCString(group), list.pointer);
    try {
      await this.calls.call(
        { operation: RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, ...timeoutOf(options) },
        (...rest) =>
          symbols.rd_kafka_DeleteConsumerGroupOffsets(pointer, pointerArray(change), 1n, ...rest),
        (event) =>
          this.#readGroupOffsets((count) =>
            symbols.rd_kafka_DeleteConsumerGroupOffsets_result_groups(event, count)
          ),
      );
      return true;
    } finally {
      symbols.rd_kafka_DeleteConsumerGroupOffsets_destroy(change);
    }
  }

  /**
   * Deletes a group with all that it has committed; returns false if there is none.
   *
   * @throws {KafkaError} when Kafka refuses it: NON_EMPTY_GROUP when it has members
   */
  async deleteGroup(group: string, options: AdminTimeout = {}): Promise<boolean> {
    this.refuseEmbedded("delete groups");
    const { library, pointer } = this.client;
    const { symbols } = library;
    const toDelete = symbols.rd_kafka_DeleteGroup_new(toCString(group));
    try {
      const error = await this.calls.call(
        { operation: RD_KAFKA_ADMIN_OP_DELETEGROUPS, ...timeoutOf(options) },
        (...rest) => symbols.rd_kafka_DeleteGroups(pointer, pointerArray(toDelete), 1n, ...rest),
        (event) => {
          const [result] = readPointers(
            this.client,
            (count) => symbols.rd_kafka_DeleteGroups_result_groups(event, count),
          );
          const error = symbols.rd_kafka_group_result_error(result!);
          return error === null ? undefined : readErrorObject(library, error);
        },
      );
      if (error?.code === ERR_GROUP_ID_NOT_FOUND) return false;
      if (error) throw error;
      return true;
    } finally {
      symbols.rd_kafka_DeleteGroup_destroy(toDelete);
    }
  }

  /**
   * All groups of the cluster, in the order of their names.
   *
   * @throws {KafkaError} when a broker does not answer, also if others do
   */
  async listGroups(options: AdminTimeout = {}): Promise<GroupListing[]> {
    this.refuseEmbedded("list groups");
    const { library, pointer } = this.client;
    const { symbols } = library;
    return await this.calls.call(
      { operation: RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, ...timeoutOf(options) },
      (...rest) => symbols.rd_kafka_ListConsumerGroups(pointer, ...rest),
      (event) => {
        const [error] = readPointers(
          this.client,
          (count) => symbols.rd_kafka_ListConsumerGroups_result_errors(event, count),
        );
        if (error) throw readErrorObject(library, error);
        return readPointers(
          this.client,
          (count) => symbols.rd_kafka_ListConsumerGroups_result_valid(event, count),
        ).map((listing) => ({
          group: fromCString(symbols.rd_kafka_ConsumerGroupListing_group_id(listing)),
          state: stateName(this.client, symbols.rd_kafka_ConsumerGroupListing_state(listing)),
        })).sort((a, b) => a.group < b.group ? -1 : 1);
      },
    );
  }

  /**
   * State and members of a group; undefined if there is none.
   *
   * @throws {KafkaError} when Kafka refuses it
   */
  async describeGroup(
    group: string,
    options: AdminTimeout = {},
  ): Promise<GroupDescription | undefined> {
    this.refuseEmbedded("describe groups");
    const { pointer, library: { symbols } } = this.client;
    return await this.calls.call(
      { operation: RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, ...timeoutOf(options) },
      (...rest) =>
        symbols.rd_kafka_DescribeConsumerGroups(pointer, cStringArray(group), 1n, ...rest),
      (event) => {
        const [described] = readPointers(
          this.client,
          (count) => symbols.rd_kafka_DescribeConsumerGroups_result_groups(event, count),
        );
        return readGroup(this.client, described!);
      },
    );
  }

  /** Fails the calls that are under way. */
  close(): void {
    this.calls.close();
  }

  /**
   * The embedded Kafka does not have all requests, and would not answer.
   *
   * @throws {KafkaError} _UNSUPPORTED_FEATURE, if it is that
   */
  protected refuseEmbedded(what: string): void {
    if (!this.#isEmbedded) return;
    const message = `The embedded Kafka cannot ${what}`;
    throw kafkaError(this.client.library, ERR__UNSUPPORTED_FEATURE, { message });
  }

  /**
   * The first error among partitions.
   *
   * @throws {KafkaError} if there is one; it names the partition
   */
  protected requireNoError(entries: readonly TopicPartitionOffset[]): void {
    const failed = entries.find(({ err }) => err !== 0);
    if (!failed) return;
    const error = kafkaError(this.client.library, failed.err);
    throw error.withMessage(`${failed.topic}[${failed.partition}]: ${error.message}`);
  }

  /** null if there is no such topic. */
  async #partitionsOf(topic: string, options: AdminTimeout): Promise<TopicPartitionList | null> {
    const count = await this.partitionsOf(topic, options);
    if (count === undefined) return null;
    const list = new TopicPartitionList(this.client.library);
    for (let partition = 0; partition < count; partition++) list.add(topic, partition);
    return list;
  }

  /** Kafka may say that the group is all right while each of its partitions has an error. */
  #readGroupOffsets(
    readGroups: (count: BigUint64Array<ArrayBuffer>) => Deno.PointerValue,
  ): TopicPartitionOffset[] {
    const { library } = this.client;
    const { symbols } = library;
    const [result] = readPointers(this.client, readGroups);
    const error = symbols.rd_kafka_group_result_error(result!);
    if (error !== null) throw readErrorObject(library, error);
    const list = symbols.rd_kafka_group_result_partitions(result!);
    const offsets = readTopicPartitionOffsets(library, list);
    this.requireNoError(offsets);
    return offsets;
  }
}

/** When a call that begins now ends at the latest, on the clock of `performance.now()`. */
export function deadlineOf(options: AdminTimeout): number {
  return performance.now() + timeoutOf(options).timeoutMs;
}

/** The timeout of a call. */
export function timeoutOf({ timeoutMs = DEFAULT_TIMEOUT_MS }: AdminTimeout): {
  readonly timeoutMs: number;
} {
  return { timeoutMs };
}
