/**
 * @module
 * What a cluster says of itself (rd_kafka_metadata in rdkafka.h).
 */

import { ERR_NO_ERROR } from "../ffi/constants.ts";
import { fromCString, OutParameter } from "../ffi/memory.ts";
import { METADATA, METADATA_TOPIC, StructReader } from "../ffi/structs.ts";
import type { Client } from "./client.ts";
import { check } from "./error.ts";

/**
 * The names of all topics of the cluster, sorted.
 *
 * @throws {KafkaError} when no broker answers within `timeoutMs`
 */
export async function topicNames(client: Client, timeoutMs: number): Promise<string[]> {
  const { symbols } = client.library;
  const metadata = new OutParameter();
  const code = await symbols.rd_kafka_metadata(client.pointer, 1, null, metadata.buffer, timeoutMs);
  check(client.library, code);
  try {
    return readTopicNames(client, metadata.pointer).sort();
  } finally {
    symbols.rd_kafka_metadata_destroy(metadata.pointer);
  }
}

/** Whether a broker answers within `timeoutMs`. */
export async function isAnswering(client: Client, timeoutMs: number): Promise<boolean> {
  const { symbols } = client.library;
  const metadata = new OutParameter();
  const code = await symbols.rd_kafka_metadata(client.pointer, 0, null, metadata.buffer, timeoutMs);
  if (code !== ERR_NO_ERROR) return false;
  symbols.rd_kafka_metadata_destroy(metadata.pointer);
  return true;
}

function readTopicNames(client: Client, pointer: Deno.PointerValue): string[] {
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
