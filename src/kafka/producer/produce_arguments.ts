/**
 * The arguments of rd_kafka_produceva (rdkafka.h): an array of `rd_kafka_vu_t`, and behind it all bytes that they point
 * to, in one block of memory. A pointer to each part of a message would cost more than copying small parts does.
 *
 * @module
 */

import {
  ERR__INVALID_ARG,
  RD_KAFKA_MSG_F_COPY,
  RD_KAFKA_VTYPE_HEADER,
  RD_KAFKA_VTYPE_KEY,
  RD_KAFKA_VTYPE_MSGFLAGS,
  RD_KAFKA_VTYPE_OPAQUE,
  RD_KAFKA_VTYPE_RKT,
  RD_KAFKA_VTYPE_TIMESTAMP,
  RD_KAFKA_VTYPE_VALUE,
} from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { addressOf } from "../../ffi/memory.ts";
import { PRODUCE_ARGUMENT } from "../../ffi/structs.ts";
import { type KafkaError, kafkaError } from "../client/error.ts";
import type { MessageHeader } from "../client/message.ts";

/** Topic, opaque, flags, timestamp, value, key. */
const MAX_PLAIN_ARGUMENTS = 6;
const MIN_BYTES = 1_024;
/** A larger block is for one message only. */
const MAX_KEPT_BYTES = 16 * 1_024;
/** `rd_kafka_header_t` and its allocation: a million empty headers are not free. */
const HEADER_STRUCT_BYTES = 64;

/** Positions of arguments. */
const MESSAGE_OPAQUE = 1;
const MESSAGE_VALUE = 4;
const MESSAGE_KEY = 5;

/** What a message consists of, apart from its opaque. */
export interface MessageParts {
  /** `rd_kafka_topic_t *` */
  readonly rkt: Deno.PointerValue;
  /** null for a tombstone. */
  readonly value: Uint8Array<ArrayBuffer> | null;
  /** null for none. */
  readonly key: Uint8Array<ArrayBuffer> | null;
  /** In this order. */
  readonly headers: readonly MessageHeader[];
  /** Milliseconds since 1970; 0 for now. */
  readonly timestampMs: number;
}

/** The arguments of one call after the other; one is enough for a producer. */
export class ProduceArguments {
  readonly #library: Library;
  #memory: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #view = new DataView(this.#memory.buffer);
  /** Of the memory: below 2^53 on every machine. */
  #address = 0;
  #count = 0;
  /** Where the next bytes that an argument points to are written. */
  #end = 0;
  #headerBytes = 0;
  /** Topic of the last message, usually also that of the next. */
  #rkt: Deno.PointerValue = null;
  #rktAddress = 0;

  /** Memory is reserved with the first message. */
  constructor(library: Library) {
    this.#library = library;
  }

  /** For the call. */
  get buffer(): Uint8Array<ArrayBuffer> {
    return this.#memory;
  }

  /** Number of arguments. */
  get count(): bigint {
    return BigInt(this.#count);
  }

  /** Memory that librdkafka takes for the headers of the message. */
  get headerBytes(): number {
    return this.#headerBytes;
  }

  /**
   * Writes the arguments for a message; `setOpaque` completes them.
   *
   * @throws {KafkaError} _INVALID_ARG for a header whose name holds a NUL: Kafka would get the part before it
   */
  write({ rkt, value, key, headers, timestampMs }: MessageParts): void {
    this.#reserve(value, key, headers);
    if (rkt !== this.#rkt) {
      this.#rkt = rkt;
      this.#rktAddress = Number(Deno.UnsafePointer.value(rkt));
    }
    this.#setUint64(this.#next(RD_KAFKA_VTYPE_RKT) + PRODUCE_ARGUMENT["u.rkt"], this.#rktAddress);
    this.#next(RD_KAFKA_VTYPE_OPAQUE);
    const flags = this.#next(RD_KAFKA_VTYPE_MSGFLAGS);
    this.#view.setInt32(flags + PRODUCE_ARGUMENT["u.i"], RD_KAFKA_MSG_F_COPY, true);
    const timestamp = this.#next(RD_KAFKA_VTYPE_TIMESTAMP);
    this.#setUint64(timestamp + PRODUCE_ARGUMENT["u.i64"], timestampMs);
    if (value) this.#addBytes(RD_KAFKA_VTYPE_VALUE, value);
    if (key) this.#addBytes(RD_KAFKA_VTYPE_KEY, key);
    this.#headerBytes = 0;
    for (const header of headers) this.#addHeader(header);
  }

  /** Sets the opaque, 64 bits as two halves. */
  setOpaque(low: number, high: number): void {
    const at = MESSAGE_OPAQUE * PRODUCE_ARGUMENT.size + PRODUCE_ARGUMENT["u.ptr"];
    this.#view.setUint32(at, low, true);
    this.#view.setUint32(at + 4, high, true);
  }

  /**
   * Replaces value and key, which `write` has got and which are not null, by parts of memory that must stay until the
   * call.
   *
   * @param keyAddress 0 for no key
   */
  setParts(valueAddress: number, valueBytes: number, keyAddress: number, keyBytes: number): void {
    const value = MESSAGE_VALUE * PRODUCE_ARGUMENT.size;
    this.#setUint64(value + PRODUCE_ARGUMENT["u.mem.ptr"], valueAddress);
    this.#setUint64(value + PRODUCE_ARGUMENT["u.mem.size"], valueBytes);
    const key = MESSAGE_KEY * PRODUCE_ARGUMENT.size;
    this.#setUint64(key + PRODUCE_ARGUMENT["u.mem.ptr"], keyAddress);
    this.#setUint64(key + PRODUCE_ARGUMENT["u.mem.size"], keyBytes);
  }

  /** Frees what only a large message needs. */
  release(): void {
    if (this.#memory.byteLength > MAX_KEPT_BYTES) this.#use(new Uint8Array(0));
  }

  #reserve(
    value: Uint8Array | null,
    key: Uint8Array | null,
    headers: readonly MessageHeader[],
  ): void {
    const argumentBytes = (MAX_PLAIN_ARGUMENTS + headers.length) * PRODUCE_ARGUMENT.size;
    let bytes = argumentBytes + (value?.byteLength ?? 0) + (key?.byteLength ?? 0);
    for (const [name, content] of headers) {
      bytes += name.byteLength + 1 + (content?.byteLength ?? 0);
    }
    if (bytes > this.#memory.byteLength) this.#use(new Uint8Array(Math.max(2 * bytes, MIN_BYTES)));
    this.#count = 0;
    this.#end = argumentBytes;
  }

  /** V8 does not move a buffer of this size. */
  #use(memory: Uint8Array<ArrayBuffer>): void {
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#address = memory.byteLength > 0 ? addressOf(memory) : 0;
  }

  /** Begins an argument; its offset. */
  #next(vtype: number): number {
    const at = this.#count++ * PRODUCE_ARGUMENT.size;
    this.#view.setInt32(at + PRODUCE_ARGUMENT.vtype, vtype, true);
    return at;
  }

  /** No bytes are an address, too: NULL would be a tombstone, or no key. */
  #addBytes(vtype: number, bytes: Uint8Array): void {
    const at = this.#next(vtype);
    this.#setUint64(at + PRODUCE_ARGUMENT["u.mem.ptr"], this.#copy(bytes));
    this.#setUint64(at + PRODUCE_ARGUMENT["u.mem.size"], bytes.byteLength);
  }

  #addHeader([name, value]: MessageHeader): void {
    if (name.includes(0)) throw this.#nulInName();
    const at = this.#next(RD_KAFKA_VTYPE_HEADER);
    this.#setUint64(at + PRODUCE_ARGUMENT["u.header.name"], this.#copy(name));
    this.#memory[this.#end++] = 0;
    this.#setUint64(at + PRODUCE_ARGUMENT["u.header.val"], value ? this.#copy(value) : 0);
    this.#setUint64(at + PRODUCE_ARGUMENT["u.header.size"], value?.byteLength ?? 0);
    this.#headerBytes += HEADER_STRUCT_BYTES + name.byteLength + 1 + (value?.byteLength ?? 0);
  }

  #nulInName(): KafkaError {
    const message = "Cannot use a header name that holds a NUL character";
    return kafkaError(this.#library, ERR__INVALID_ARG, { message });
  }

  /** The address of a copy. */
  #copy(bytes: Uint8Array): number {
    this.#memory.set(bytes, this.#end);
    this.#end += bytes.byteLength;
    return this.#address + this.#end - bytes.byteLength;
  }

  /** 64 bits as two halves: a bigint would cost as much as the whole argument. */
  #setUint64(at: number, value: number): void {
    this.#view.setUint32(at, value % 2 ** 32, true);
    this.#view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
  }
}
