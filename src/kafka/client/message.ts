/**
 * Consumed messages as plain objects, copied from `rd_kafka_message_t` (rdkafka.h) while that exists. Key, headers and
 * timestamp cost more than all the rest, so they are read only for a consumer that needs them.
 *
 * @module
 */

import {
  ERR__BAD_MSG,
  ERR__NOENT,
  ERR_NO_ERROR,
  RD_KAFKA_TIMESTAMP_CREATE_TIME,
  RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
} from "../../ffi/constants.ts";
import { MESSAGE, StructReader } from "../../ffi/structs.ts";
import type { Library } from "../../ffi/library.ts";
import { CopyMemory, fromCString, OutParameter } from "../../ffi/memory.ts";
import { PackedMessages } from "./packed_messages.ts";

/**
 * A header of a message: name and value. A name should be UTF-8, which neither librdkafka nor Kafka checks, and cannot
 * hold a NUL. `null` is Kafka's null.
 */
export type MessageHeader = readonly [
  name: Uint8Array<ArrayBuffer>,
  value: Uint8Array<ArrayBuffer> | null,
];

/** Whose clock a timestamp is from: the producer's, or that of the broker (`message.timestamp.type`). */
export type TimestampType = "CreateTime" | "LogAppendTime";

/** What a message has beside its value. */
export interface MessageMetadata {
  /** null for none. */
  readonly key: Uint8Array<ArrayBuffer> | null;
  /** In the order of the message; names may repeat. */
  readonly headers: readonly MessageHeader[];
  /** Milliseconds since 1970; undefined for none. */
  readonly timestampMs: number | undefined;
  /** undefined where there is no timestamp. */
  readonly timestampType: TimestampType | undefined;
}

/** A message of a topic. */
export interface Message {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** Its position in the partition. */
  readonly offset: bigint;
  /** null for a tombstone. */
  readonly value: Uint8Array<ArrayBuffer> | null;
  /** Only where the consumer was made `withMetadata`. */
  readonly metadata?: MessageMetadata;
}

/** An error of a partition or of the whole consumer, delivered in place of a message. */
export interface MessageError {
  /** Name of the topic; "" for an error of the consumer. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** `rd_kafka_resp_err_t` */
  readonly err: number;
  /** What librdkafka says about it, "" for nothing beyond the code. */
  readonly text: string;
}

const NO_BYTES = new Uint8Array(0);
const NO_HEADERS: readonly MessageHeader[] = [];
const decoder = new TextDecoder();

/** Cost of a message beside its value: it matters for many small ones. */
const MESSAGE_BYTES = 100;
/** The same of a header. */
const HEADER_BYTES = 50;

/** Roughly what a message takes in memory. */
export function messageBytes({ value, metadata }: Message): number {
  let bytes = MESSAGE_BYTES + (value?.byteLength ?? 0);
  if (!metadata) return bytes;
  bytes += metadata.key?.byteLength ?? 0;
  for (const [name, content] of metadata.headers) {
    bytes += HEADER_BYTES + name.byteLength + (content?.byteLength ?? 0);
  }
  return bytes;
}

/** Reads messages; one reader is enough for a client, since it reads one at a time. */
export class MessageReader {
  readonly #library: Library;
  readonly #withMetadata: boolean;
  readonly #struct: StructReader;
  readonly #memory: CopyMemory;
  readonly #packed: PackedMessages | undefined;
  /** By address. */
  readonly #topicNames = new Map<number, string>();
  readonly #timestampType = new Int32Array(1);
  readonly #headers = new OutParameter();
  readonly #name = new OutParameter();
  readonly #value = new OutParameter();
  readonly #size = new OutParameter();

  /** A reader of its own for each client. */
  constructor(library: Library, { withMetadata }: { readonly withMetadata: boolean }) {
    this.#library = library;
    this.#withMetadata = withMetadata;
    this.#struct = new StructReader(library.symbols, MESSAGE.size);
    this.#memory = new CopyMemory(library.symbols);
    this.#packed = PackedMessages.of(library, withMetadata);
  }

  /**
   * Copies messages, and destroys them.
   *
   * @param pointers `rd_kafka_message_t *[]`
   * @param pass gets each of them
   */
  take(
    pointers: BigUint64Array<ArrayBuffer>,
    count: number,
    pass: (message: Message | MessageError) => void,
  ): void {
    const { symbols } = this.#library;
    if (this.#packed) return this.#packed.forEach(pointers, count, () => pass(this.#readPacked()));
    for (let at = 0; at < count; at++) {
      const message = this.#read(pointers[at]!);
      symbols.rd_kafka_message_destroy(pointers[at]!);
      pass(message);
    }
  }

  #readPacked(): Message | MessageError {
    const packed = this.#packed!;
    const { err, partition } = packed;
    const topic = this.topicName(packed.rkt);
    const value = packed.readValue();
    if (err !== 0) return { topic, partition, err, text: decoder.decode(value ?? NO_BYTES) };
    const message = { topic, partition, offset: BigInt(packed.offset), value };
    if (!this.#withMetadata) return message;
    const { headerCount, timestampMs } = packed;
    if (headerCount < 0) return { topic, partition, err: ERR__BAD_MSG, text: "" };
    const key = packed.readKey();
    const headers: MessageHeader[] = [];
    while (headers.length < headerCount) headers.push(packed.readHeader());
    const timestampType = timestampTypeOf(packed.timestampType);
    const metadata = {
      key,
      headers: headerCount === 0 ? NO_HEADERS : headers,
      timestampMs: timestampMs < 0 ? undefined : timestampMs,
      timestampType,
    };
    return { topic, partition, offset: message.offset, value, metadata };
  }

  /** Copies the message at `address`, an `rd_kafka_message_t *`. */
  #read(address: bigint): Message | MessageError {
    const struct = this.#struct.loadFrom(address);
    const err = struct.int32(MESSAGE.err);
    const topic = this.topicName(Number(struct.address(MESSAGE.rkt)));
    const partition = struct.int32(MESSAGE.partition);
    if (err !== 0) return { topic, partition, err, text: this.#text(MESSAGE.payload) };
    const message = {
      topic,
      partition,
      offset: struct.int64(MESSAGE.offset),
      value: this.#bytes(MESSAGE.payload, MESSAGE.len),
    };
    return this.#withMetadata ? this.#addMetadata(message, address) : message;
  }

  #addMetadata(message: Message, address: bigint): Message | MessageError {
    const { symbols } = this.#library;
    const err = symbols.rd_kafka_message_headers(address, this.#headers.buffer);
    if (err !== ERR_NO_ERROR && err !== ERR__NOENT) { // they cannot be parsed
      return { topic: message.topic, partition: message.partition, err, text: "" };
    }
    const timestampMs = symbols.rd_kafka_message_timestamp(address, this.#timestampType);
    const metadata = {
      key: this.#bytes(MESSAGE.key, MESSAGE.key_len),
      headers: err === ERR__NOENT ? [] : this.#readHeaders(this.#headers.address),
      timestampMs: timestampMs < 0n ? undefined : Number(timestampMs),
      timestampType: timestampTypeOf(this.#timestampType[0]!),
    };
    return { ...message, metadata };
  }

  #readHeaders(list: bigint): MessageHeader[] {
    const { symbols } = this.#library;
    const headers: MessageHeader[] = [];
    for (;;) {
      const err = symbols.rd_kafka_header_get_all(
        list,
        BigInt(headers.length),
        this.#name.buffer,
        this.#value.buffer,
        this.#size.buffer,
      );
      if (err !== ERR_NO_ERROR) return headers; // behind the last
      const { address } = this.#value;
      const value = address === 0n ? null : this.#memory.copy(address, Number(this.#size.address));
      headers.push([this.#memory.copyCString(this.#name.address), value]);
    }
  }

  /** librdkafka may give up handles of topics, and use their addresses for others. */
  forgetTopics(): void {
    this.#topicNames.clear();
  }

  /** The name of an `rd_kafka_topic_t`. Asking librdkafka for each message would cost as much as copying its value. */
  topicName(rkt: number): string {
    let name = this.#topicNames.get(rkt);
    if (name === undefined) {
      name = this.#askTopicName(rkt);
      this.#topicNames.set(rkt, name);
    }
    return name;
  }

  #askTopicName(rkt: number): string {
    if (rkt === 0) return "";
    const pointer = Deno.UnsafePointer.create(BigInt(rkt));
    return fromCString(this.#library.symbols.rd_kafka_topic_name(pointer));
  }

  #text(addressField: number): string {
    return fromCString(Deno.UnsafePointer.create(this.#struct.address(addressField)));
  }

  #bytes(addressField: number, sizeField: number): Uint8Array<ArrayBuffer> | null {
    const address = this.#struct.address(addressField);
    return address === 0n ? null : this.#memory.copy(address, this.#struct.size(sizeField));
  }
}

/** Whose clock a `rd_kafka_timestamp_type_t` stands for. */
export function timestampTypeOf(type: number): TimestampType | undefined {
  if (type === RD_KAFKA_TIMESTAMP_CREATE_TIME) return "CreateTime";
  return type === RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? "LogAppendTime" : undefined;
}
