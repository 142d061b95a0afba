/**
 * Topics as Kafka describes them: their partitions, and the brokers that have these.
 *
 * @module
 */

import {
  ERR_UNKNOWN_TOPIC_OR_PART,
  RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
} from "../../ffi/constants.ts";
import { fromCString } from "../../ffi/memory.ts";
import { type AdminCalls, cStringArray, readPointers } from "./admin_calls.ts";
import { readErrorObject } from "./error.ts";
import type { KafkaClient } from "./kafka_client.ts";

/** A partition of a topic. Brokers are named by their ids. */
export interface PartitionDescription {
  /** From 0. */
  readonly partition: number;
  /** undefined while there is none. */
  readonly leader: number | undefined;
  /** The preferred leader first. */
  readonly replicas: readonly number[];
  /** Those of them that are in sync. */
  readonly inSync: readonly number[];
}

/** A topic. */
export interface TopicDescription {
  /** Its name. */
  readonly topic: string;
  /** In the order of their numbers. */
  readonly partitions: readonly PartitionDescription[];
}

/**
 * Asks Kafka for topics; creates none.
 *
 * @param read reads one description, which lives as long as the call
 * @returns what `read` has returned for each topic, undefined for those that do not exist
 * @throws {KafkaError} when Kafka refuses it for one of them
 */
export async function describeTopics<T>(
  calls: AdminCalls,
  topics: readonly string[],
  { timeoutMs }: { readonly timeoutMs: number },
  read: (client: KafkaClient, description: Deno.PointerValue) => T,
): Promise<(T | undefined)[]> {
  if (topics.length === 0) return [];
  const { client } = calls;
  const { library, pointer } = client;
  const { symbols } = library;
  const newCollection = calls.required(symbols.rd_kafka_TopicCollection_of_topic_names);
  const collection = newCollection(cStringArray(...topics), BigInt(topics.length));
  try {
    const found = await calls.call(
      { operation: RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, timeoutMs },
      (...rest) => symbols.rd_kafka_DescribeTopics!(pointer, collection, ...rest),
      (event) => {
        const all = readPointers(
          client,
          (count) => symbols.rd_kafka_DescribeTopics_result_topics!(event, count),
        );
        return new Map(all.map((one) => [nameOf(client, one), readIfThere(client, one, read)]));
      },
    );
    return topics.map((topic) => found.get(topic));
  } finally {
    symbols.rd_kafka_TopicCollection_destroy!(collection);
  }
}

/** Number of partitions in a description. */
export function countPartitions(client: KafkaClient, description: Deno.PointerValue): number {
  return partitionPointers(client, description).length;
}

/** All of a description. */
export function readTopic(client: KafkaClient, description: Deno.PointerValue): TopicDescription {
  const partitions = partitionPointers(client, description)
    .map((partition) => readPartition(client, partition))
    .sort((a, b) => a.partition - b.partition);
  return { topic: nameOf(client, description), partitions };
}

function nameOf({ library: { symbols } }: KafkaClient, description: Deno.PointerValue): string {
  return fromCString(symbols.rd_kafka_TopicDescription_name!(description));
}

function readIfThere<T>(
  client: KafkaClient,
  description: Deno.PointerValue,
  read: (client: KafkaClient, description: Deno.PointerValue) => T,
): T | undefined {
  const error = client.library.symbols.rd_kafka_TopicDescription_error!(description);
  if (error !== null) {
    const described = readErrorObject(client.library, error);
    if (described.code === ERR_UNKNOWN_TOPIC_OR_PART) return undefined;
    if (described.code !== 0) throw described;
  }
  return read(client, description);
}

function partitionPointers(
  client: KafkaClient,
  description: Deno.PointerValue,
): Deno.PointerValue[] {
  const { rd_kafka_TopicDescription_partitions } = client.library.symbols;
  return readPointers(
    client,
    (count) => rd_kafka_TopicDescription_partitions!(description, count),
  );
}

function readPartition(client: KafkaClient, partition: Deno.PointerValue): PartitionDescription {
  const { symbols } = client.library;
  const leader = symbols.rd_kafka_TopicPartitionInfo_leader!(partition);
  const idOf = (node: Deno.PointerValue): number => symbols.rd_kafka_Node_id(node);
  const id = leader === null ? -1 : idOf(leader);
  const replicas = readPointers(
    client,
    (count) => symbols.rd_kafka_TopicPartitionInfo_replicas!(partition, count),
  );
  const inSync = readPointers(
    client,
    (count) => symbols.rd_kafka_TopicPartitionInfo_isr!(partition, count),
  );
  return {
    partition: symbols.rd_kafka_TopicPartitionInfo_partition!(partition),
    leader: id < 0 ? undefined : id,
    replicas: replicas.map(idOf),
    inSync: inSync.map(idOf),
  };
}
