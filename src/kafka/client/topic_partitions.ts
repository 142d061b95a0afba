/**
 * librdkafka's list of topics, partitions and offsets (`rd_kafka_topic_partition_list_t` in rdkafka.h): made for a call
 * and destroyed after it, or read from an event that owns it.
 *
 * @module
 */

import { StructReader, TOPIC_PARTITION, TOPIC_PARTITION_LIST } from "../../ffi/structs.ts";
import { RD_KAFKA_PARTITION_UA } from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { fromCString, toCString } from "../../ffi/memory.ts";
import { check } from "./error.ts";

/** A partition of a topic. */
export interface TopicPartition {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0; RD_KAFKA_PARTITION_UA for the whole topic. */
  readonly partition: number;
}

/** An entry of a list, as read from C. */
export interface TopicPartitionResult extends TopicPartition {
  /** `rd_kafka_resp_err_t` of this entry. */
  readonly err: number;
}

/** Owns an `rd_kafka_topic_partition_list_t`. */
export class TopicPartitionList implements Disposable {
  readonly #library: Library;
  /** `rd_kafka_topic_partition_list_t *`; borrowed. */
  readonly pointer: Deno.PointerValue;

  /** An empty list. */
  constructor(library: Library) {
    this.#library = library;
    this.pointer = library.symbols.rd_kafka_topic_partition_list_new(1);
    library.handles.opened("rd_kafka_topic_partition_list_t");
  }

  /** A list of whole topics, for a subscription. */
  static ofTopics(library: Library, topics: readonly string[]): TopicPartitionList {
    const list = new TopicPartitionList(library);
    try {
      for (const topic of topics) list.add(topic, RD_KAFKA_PARTITION_UA);
      return list;
    } catch (error) {
      list[Symbol.dispose]();
      throw error;
    }
  }

  /** Adds a partition. */
  add(topic: string, partition: number): void {
    const { symbols } = this.#library;
    symbols.rd_kafka_topic_partition_list_add(this.pointer, toCString(topic), partition);
  }

  /** Adds a partition with an offset. */
  addOffset(topic: string, partition: number, offset: bigint): void {
    this.add(topic, partition);
    const { symbols } = this.#library;
    const name = toCString(topic);
    check(
      this.#library,
      symbols.rd_kafka_topic_partition_list_set_offset(this.pointer, name, partition, offset),
    );
  }

  /** Destroys the list. */
  [Symbol.dispose](): void {
    this.#library.symbols.rd_kafka_topic_partition_list_destroy(this.pointer);
    this.#library.handles.closed("rd_kafka_topic_partition_list_t");
  }
}

/** Copies the entries of the list at `pointer`; borrows it. */
export function readTopicPartitions(
  library: Library,
  pointer: Deno.PointerValue,
): TopicPartitionResult[] {
  if (pointer === null) return [];
  const list = new StructReader(library.symbols, TOPIC_PARTITION_LIST.size).load(pointer);
  const elems = list.address(TOPIC_PARTITION_LIST.elems);
  const entry = new StructReader(library.symbols, TOPIC_PARTITION.size);
  return Array.from({ length: list.int32(TOPIC_PARTITION_LIST.cnt) }, (_, index) => {
    entry.load(Deno.UnsafePointer.create(elems + BigInt(index * TOPIC_PARTITION.size)));
    return {
      topic: fromCString(Deno.UnsafePointer.create(entry.address(TOPIC_PARTITION.topic))),
      partition: entry.int32(TOPIC_PARTITION.partition),
      err: entry.int32(TOPIC_PARTITION.err),
    };
  });
}

/** For people: "a[0,1] b[3]". */
export function formatTopicPartitions(partitions: readonly TopicPartition[]): string {
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
  return [...byTopic].map(([topic, entries]) => {
    const numbers = entries.map(({ partition }) => partition).sort((a, b) => a - b);
    return `${topic}[${numbers.join(",")}]`;
  }).join(" ");
}
