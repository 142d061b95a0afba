/**
 * One consumed message as a plain object: copied from `rd_kafka_message_t` (rdkafka.h), nothing points back.
 *
 * @module
 */

import { MESSAGE, StructReader } from "../../ffi/structs.ts";
import type { Library } from "../../ffi/library.ts";
import { CopyMemory, fromCString } from "../../ffi/memory.ts";

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
}

/** An error of a partition, which comes in the place of a message. */
export interface MessageError {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** `rd_kafka_resp_err_t` */
  readonly err: number;
  /** What librdkafka says about it, "" for nothing beyond the code. */
  readonly text: string;
}

/** Reads messages; one reader is enough for a client, since it reads one at a time. */
export class MessageReader {
  readonly #library: Library;
  readonly #struct: StructReader;
  readonly #memory: CopyMemory;
  readonly #topicNames = new Map<bigint, string>();

  /** A reader of its own for each client. */
  constructor(library: Library) {
    this.#library = library;
    this.#struct = new StructReader(library.symbols, MESSAGE.size);
    this.#memory = new CopyMemory(library.symbols);
  }

  /** Copies the message at `address`, an `rd_kafka_message_t *`. */
  read(address: bigint): Message | MessageError {
    const struct = this.#struct.loadFrom(address);
    const err = struct.int32(MESSAGE.err);
    const topic = this.#knownTopicName(struct.address(MESSAGE.rkt));
    const partition = struct.int32(MESSAGE.partition);
    if (err !== 0) return { topic, partition, err, text: this.#text(MESSAGE.payload) };
    return {
      topic,
      partition,
      offset: struct.int64(MESSAGE.offset),
      key: this.#bytes(MESSAGE.key, MESSAGE.key_len),
      value: this.#bytes(MESSAGE.payload, MESSAGE.len),
    };
  }

  /** Topic and partition of a message that could not be delivered. */
  readTopicPartition(pointer: Deno.PointerValue): { topic: string; partition: number } {
    const struct = this.#struct.load(pointer);
    const topic = this.#topicName(struct.address(MESSAGE.rkt));
    return { topic, partition: struct.int32(MESSAGE.partition) };
  }

  /** librdkafka may give up handles of topics, and use their addresses for others. */
  forgetTopics(): void {
    this.#topicNames.clear();
  }

  /** Asking librdkafka for each message would cost as much as copying its value. */
  #knownTopicName(rkt: bigint): string {
    let name = this.#topicNames.get(rkt);
    if (name === undefined) {
      name = this.#topicName(rkt);
      this.#topicNames.set(rkt, name);
    }
    return name;
  }

  #topicName(rkt: bigint): string {
    const pointer = Deno.UnsafePointer.create(rkt);
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
