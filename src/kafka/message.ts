/**
 * @module
 * One consumed message as a plain object: copied from `rd_kafka_message_t` (rdkafka.h), nothing points back.
 */

import { MESSAGE, StructReader } from "../ffi/structs.ts";
import type { Library } from "../ffi/library.ts";
import { copyBytes, fromCString } from "../ffi/memory.ts";

/** A message of a topic. `null` is Kafka's null: no key, or a tombstone. */
export interface Message {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** Its place in the partition. */
  readonly offset: bigint;
  /** null for none. */
  readonly key: Uint8Array<ArrayBuffer> | null;
  /** null for a tombstone. */
  readonly value: Uint8Array<ArrayBuffer> | null;
  /** Milliseconds since 1970, `undefined` where the broker keeps none. */
  readonly timestampMs: number | undefined;
}

/** Reads messages; one reader is enough for a client, since it reads one at a time. */
export class MessageReader {
  readonly #library: Library;
  readonly #struct: StructReader;
  readonly #timestampType = new Int32Array(1);

  /** A reader of its own for each client. */
  constructor(library: Library) {
    this.#library = library;
    this.#struct = new StructReader(library.symbols, MESSAGE.size);
  }

  /** Copies the message at `pointer`, an `rd_kafka_message_t *`. */
  read(pointer: Deno.PointerValue): Message {
    const struct = this.#struct.load(pointer);
    return {
      topic: this.#topicName(struct),
      partition: struct.int32(MESSAGE.partition),
      offset: struct.int64(MESSAGE.offset),
      key: this.#bytes(struct, MESSAGE.key, MESSAGE.key_len),
      value: this.#bytes(struct, MESSAGE.payload, MESSAGE.len),
      timestampMs: this.#timestampMs(pointer),
    };
  }

  /** Topic and partition of a message that could not be delivered. */
  readTopicPartition(pointer: Deno.PointerValue): { topic: string; partition: number } {
    const struct = this.#struct.load(pointer);
    return { topic: this.#topicName(struct), partition: struct.int32(MESSAGE.partition) };
  }

  #topicName(struct: StructReader): string {
    const rkt = Deno.UnsafePointer.create(struct.address(MESSAGE.rkt));
    return fromCString(this.#library.symbols.rd_kafka_topic_name(rkt));
  }

  #bytes(
    struct: StructReader,
    addressField: number,
    sizeField: number,
  ): Uint8Array<ArrayBuffer> | null {
    const address = struct.address(addressField);
    if (address === 0n) return null;
    return copyBytes(this.#library.symbols, address, struct.size(sizeField));
  }

  #timestampMs(pointer: Deno.PointerValue): number | undefined {
    const { symbols } = this.#library;
    const timestampMs = symbols.rd_kafka_message_timestamp(pointer, this.#timestampType);
    return timestampMs < 0n ? undefined : Number(timestampMs);
  }
}
