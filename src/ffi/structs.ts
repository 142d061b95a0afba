/**
 * Where the fields of librdkafka's structs are, on 64-bit machines. Source: rdkafka.h; a test compares them
 * with what the C compiler says. Reading copies a struct as a whole, once, into memory that is used again.
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

/** A copy of a C struct (or of an array of them), and its fields by offset. */
export class StructReader {
  readonly #symbols: Symbols;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #byteLength: bigint;

  /** Room for `byteLength` bytes, the size of the struct. */
  constructor(symbols: Symbols, byteLength: number) {
    this.#symbols = symbols;
    this.#bytes = new Uint8Array(byteLength);
    this.#view = new DataView(this.#bytes.buffer);
    this.#byteLength = BigInt(byteLength);
  }

  /** Copies the struct at `pointer`; what was read before is gone. */
  load(pointer: Deno.PointerValue): this {
    return this.loadFrom(Deno.UnsafePointer.value(pointer));
  }

  /** The same by its address. */
  loadFrom(address: bigint): this {
    this.#symbols.memcpy(this.#bytes, address, this.#byteLength);
    return this;
  }

  /** A 32-bit number, or the lower half of a 64-bit one that is known to be small. */
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
