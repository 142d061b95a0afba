/**
 * Offsets of the fields of librdkafka's structs, on 64-bit machines. Source: rdkafka.h; a test compares them with the C
 * compiler. Reading copies a whole struct, once, into memory that is reused.
 *
 * @module
 */

import type { Symbols } from "./symbols.ts";

/** `rd_kafka_message_t` */
export const MESSAGE = {
  size: 72,
  err: 0, // rd_kafka_resp_err_t
  rkt: 8, // rd_kafka_topic_t *
  partition: 16, // int32_t
  payload: 24, // void *
  len: 32, // size_t
  key: 40, // void *
  key_len: 48, // size_t
  offset: 56, // int64_t
  _private: 64, // void *: the msg_opaque of rd_kafka_produce
} as const;

/** `rd_kafka_topic_partition_list_t` */
export const TOPIC_PARTITION_LIST = {
  size: 16,
  cnt: 0, // int
  elems: 8, // rd_kafka_topic_partition_t *
} as const;

/** `rd_kafka_topic_partition_t` */
export const TOPIC_PARTITION = {
  size: 64,
  topic: 0, // char *
  partition: 8, // int32_t
  offset: 16, // int64_t
  metadata: 24, // void *: malloc'ed, the list frees it
  metadata_size: 32, // size_t
  err: 48, // rd_kafka_resp_err_t
} as const;

/** `rd_kafka_metadata_t` */
export const METADATA = {
  size: 48,
  broker_cnt: 0, // int
  topic_cnt: 16, // int
  topics: 24, // rd_kafka_metadata_topic_t *
} as const;

/** `rd_kafka_metadata_topic_t` */
export const METADATA_TOPIC = {
  size: 32,
  topic: 0, // char *
  err: 24, // rd_kafka_resp_err_t
} as const;

/** `rd_kafka_vu_t`, an argument of `rd_kafka_produceva`; its type says which member of the union `u` counts. */
export const PRODUCE_ARGUMENT = {
  size: 72,
  vtype: 0, // rd_kafka_vtype_t
  "u.rkt": 8, // rd_kafka_topic_t *
  "u.i": 8, // int
  "u.i64": 8, // int64_t
  "u.ptr": 8, // void *
  "u.mem.ptr": 8, // void *
  "u.mem.size": 16, // size_t
  "u.header.name": 8, // const char *
  "u.header.val": 16, // const void *
  "u.header.size": 24, // ssize_t
} as const;

/** `struct rafka_packed_message` (tasks/native/packed.h) */
export const PACKED_MESSAGE = {
  size: 56,
  bytes: 0, // uint32_t
  err: 4, // int32_t: rd_kafka_resp_err_t
  partition: 8, // int32_t
  timestamp_type: 12, // int32_t: rd_kafka_timestamp_type_t
  offset: 16, // double
  timestamp: 24, // double
  rkt: 32, // uint64_t: rd_kafka_topic_t *
  value_bytes: 40, // int32_t, -1 for NULL
  key_bytes: 44, // int32_t, the same
  header_count: 48, // int32_t, -1 when they can't be parsed
} as const;

/** `struct rafka_packed_report` (tasks/native/packed.h) */
export const PACKED_REPORT = {
  size: 40,
  opaque_low: 0, // uint32_t
  opaque_high: 4, // uint32_t
  partition: 8, // int32_t
  timestamp_type: 12, // int32_t: rd_kafka_timestamp_type_t
  offset: 16, // double
  timestamp: 24, // double
  value_bytes: 32, // uint32_t
  key_bytes: 36, // uint32_t
} as const;

/** `struct rafka_reply_run` (tasks/native/pops.h) */
export const REPLY_RUN = {
  size: 32,
  rkt: 0, // uint64_t: rd_kafka_topic_t *
  first: 8, // double
  last: 16, // double
  partition: 24, // int32_t
  bytes: 28, // uint32_t
} as const;

/** A copy of a C struct (or of an array of them), and its fields by offset. */
export class StructReader {
  readonly #symbols: Symbols;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #byteLength: bigint;

  /** Reserves memory for a struct of `byteLength` bytes. */
  constructor(symbols: Symbols, byteLength: number) {
    this.#symbols = symbols;
    this.#bytes = new Uint8Array(byteLength);
    this.#view = new DataView(this.#bytes.buffer);
    this.#byteLength = BigInt(byteLength);
  }

  /** Copies the struct at `pointer`, in place of the one before. */
  load(pointer: Deno.PointerValue): this {
    return this.loadFrom(Deno.UnsafePointer.value(pointer));
  }

  /** Copies the struct at an address. */
  loadFrom(address: bigint): this {
    this.#symbols.memcpy(this.#bytes, address, this.#byteLength);
    return this;
  }

  /** A 32-bit number, or one half of a 64-bit one. */
  uint32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  /** A 32-bit integer. */
  int32(offset: number): number {
    return this.#view.getInt32(offset, true);
  }

  /** A 64-bit integer. */
  int64(offset: number): bigint {
    return this.#view.getBigInt64(offset, true);
  }

  /** An address; 0n is NULL. */
  address(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  /** A `size_t` that counts bytes or elements. */
  size(offset: number): number {
    return Number(this.#view.getBigUint64(offset, true));
  }
}
