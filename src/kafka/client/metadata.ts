/**
 * Metadata of a cluster (rd_kafka_metadata in rdkafka.h).
 *
 * @module
 */

import { ERR__TIMED_OUT, ERR_NO_ERROR } from "../../ffi/constants.ts";
import { fromCString, OutParameter } from "../../ffi/memory.ts";
import { METADATA, METADATA_TOPIC, StructReader } from "../../ffi/structs.ts";
import { askBrokers, askTopics } from "./blocking_calls.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { check } from "./error.ts";

/**
 * Names of all topics of the cluster, sorted.
 *
 * @throws {KafkaError} when no broker answers within `timeoutMs`
 */
export async function topicNames(client: KafkaClient, timeoutMs: number): Promise<string[]> {
  const { symbols } = client.library;
  const metadata = new OutParameter();
  const code = await askTopics(client.library, client.pointer, metadata.buffer, timeoutMs);
  check(client.library, code ?? ERR__TIMED_OUT);
  try {
    return readTopicNames(client, metadata.pointer).sort();
  } finally {
    symbols.rd_kafka_metadata_destroy(metadata.pointer);
  }
}

/** Number of brokers of the cluster; undefined when none answers within `timeoutMs`. */
export async function brokerCount(
  client: KafkaClient,
  timeoutMs: number,
): Promise<number | undefined> {
  const { symbols } = client.library;
  const metadata = new OutParameter();
  const code = await askBrokers(client.library, client.pointer, metadata.buffer, timeoutMs);
  if (code !== ERR_NO_ERROR) return undefined;
  try {
    const reader = new StructReader(symbols, METADATA.size).load(metadata.pointer);
    return reader.int32(METADATA.broker_cnt);
  } finally {
    symbols.rd_kafka_metadata_destroy(metadata.pointer);
  }
}

function readTopicNames(client: KafkaClient, pointer: Deno.PointerValue): string[] {
  const { symbols } = client.library;
  const metadata = new StructReader(symbols, METADATA.size).load(pointer);
  const topics = metadata.address(METADATA.topics);
  const topic = new StructReader(symbols, METADATA_TOPIC.size);
  const names: string[] = [];
  for (let index = 0; index < metadata.int32(METADATA.topic_cnt); index++) {
    topic.load(Deno.UnsafePointer.create(topics + BigInt(index * METADATA_TOPIC.size)));
    if (topic.int32(METADATA_TOPIC.err) !== ERR_NO_ERROR) continue;
    names.push(fromCString(Deno.UnsafePointer.create(topic.address(METADATA_TOPIC.topic))));
  }
  return names;
}
