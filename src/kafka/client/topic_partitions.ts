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

/** An entry of a list with its offset, as read from C. */
export interface TopicPartitionOffset extends TopicPartitionResult {
  /** Negative for none, or for one of librdkafka's RD_KAFKA_OFFSET_… */
  readonly offset: bigint;
  /** Text that was committed with the offset; "" for none. */
  readonly metadata: string;
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

  /**
   * Adds a partition with an offset.
   *
   * @param metadata text that is committed with the offset
   */
  addOffset(topic: string, partition: number, offset: bigint, metadata = ""): void {
    const { symbols } = this.#library;
    const name = toCString(topic);
    const entry = symbols.rd_kafka_topic_partition_list_add(this.pointer, name, partition);
    const view = new DataView(
      Deno.UnsafePointerView.getArrayBuffer(entry!, TOPIC_PARTITION.size),
    );
    view.setBigInt64(TOPIC_PARTITION.offset, offset, true);
    if (metadata === "") return;
    const bytes = new TextEncoder().encode(metadata);
    view.setBigUint64(TOPIC_PARTITION.metadata, this.#allocated(bytes), true);
    view.setBigUint64(TOPIC_PARTITION.metadata_size, BigInt(bytes.byteLength), true);
  }

  /** A copy in C's memory, which the list frees. */
  #allocated(bytes: Uint8Array): bigint {
    const { byteLength } = bytes;
    const memory = this.#library.symbols.rd_kafka_mem_malloc(null, BigInt(byteLength));
    new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(memory!, byteLength)).set(bytes);
    return Deno.UnsafePointer.value(memory);
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
  return readEntries(library, pointer, readEntry);
}

/** Copies the entries of the list at `pointer` with their offsets; borrows it. */
export function readTopicPartitionOffsets(
  library: Library,
  pointer: Deno.PointerValue,
): TopicPartitionOffset[] {
  return readEntries(library, pointer, readOffset);
}

/** Copies the entry at `pointer`, an `rd_kafka_topic_partition_t *`. */
export function readTopicPartitionOffset(
  library: Library,
  pointer: Deno.PointerValue,
): TopicPartitionOffset {
  return readOffset(new StructReader(library.symbols, TOPIC_PARTITION.size).load(pointer));
}

function readEntries<T>(
  library: Library,
  pointer: Deno.PointerValue,
  read: (entry: StructReader) => T,
): T[] {
  if (pointer === null) return [];
  const list = new StructReader(library.symbols, TOPIC_PARTITION_LIST.size).load(pointer);
  const elems = list.address(TOPIC_PARTITION_LIST.elems);
  const entry = new StructReader(library.symbols, TOPIC_PARTITION.size);
  return Array.from(
    { length: list.int32(TOPIC_PARTITION_LIST.cnt) },
    (_, index) => read(entry.loadFrom(elems + BigInt(index * TOPIC_PARTITION.size))),
  );
}

function readEntry(entry: StructReader): TopicPartitionResult {
  return {
    topic: fromCString(Deno.UnsafePointer.create(entry.address(TOPIC_PARTITION.topic))),
    partition: entry.int32(TOPIC_PARTITION.partition),
    err: entry.int32(TOPIC_PARTITION.err),
  };
}

function readOffset(entry: StructReader): TopicPartitionOffset {
  const offset = entry.int64(TOPIC_PARTITION.offset);
  const metadata = Deno.UnsafePointer.create(entry.address(TOPIC_PARTITION.metadata));
  const byteLength = entry.size(TOPIC_PARTITION.metadata_size);
  const text = metadata === null || byteLength === 0
    ? ""
    : new TextDecoder().decode(Deno.UnsafePointerView.getArrayBuffer(metadata, byteLength));
  return { ...readEntry(entry), offset, metadata: text };
}

/** `topic:partition`, as a key: Kafka allows no colon in the name of a topic. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}:${partition}`;
}

/** Whether both are the same partition. */
export function isSamePartition(one: TopicPartition, other: TopicPartition): boolean {
  return one.partition === other.partition && one.topic === other.topic;
}

/** For people: "a[0,1] b[3]". */
export function formatTopicPartitions(partitions: readonly TopicPartition[]): string {
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
  return [...byTopic].map(([topic, entries]) => {
    const numbers = entries.map(({ partition }) => partition).sort((a, b) => a - b);
    return `${topic}[${numbers.join(",")}]`;
  }).join(" ");
}
