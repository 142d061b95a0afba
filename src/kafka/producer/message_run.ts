/**
 * Messages for one topic that are handed to librdkafka with one call, rd_kafka_produce_batch (rdkafka.h): an array of
 * `rd_kafka_message_t` whose keys and values lie in one block of memory. A call for each message, with views of its
 * bytes, takes twice as long.
 *
 * @module
 */

import { ERR_NO_ERROR } from "../../ffi/constants.ts";
import { addressOf } from "../../ffi/memory.ts";
import { MESSAGE } from "../../ffi/structs.ts";
import type { Library } from "../../ffi/library.ts";
import { type KafkaError, kafkaError } from "../client/error.ts";
import type { TakenBytes } from "./queue_room.ts";

/** Maximum number of messages. */
const MAX_MESSAGES = 256;

// offsets in 32-bit words: a view of numbers is written faster than a DataView
const SIZE = MESSAGE.size / 4;
const ERR = MESSAGE.err / 4;
const PAYLOAD = MESSAGE.payload / 4;
const LEN = MESSAGE.len / 4;
const KEY = MESSAGE.key / 4;
const KEY_LEN = MESSAGE.key_len / 4;
const PRIVATE = MESSAGE._private / 4;

/** A message that librdkafka does not take. */
export interface RefusedMessage {
  /** Its number in the run. */
  readonly at: number;
  /** Size of its value. */
  readonly bytes: number;
  /** Why. */
  readonly error: KafkaError;
}

/** What became of a run. */
export interface ProducedRun {
  /** How many of its first messages are taken or refused; the others were not, and have to be produced one by one. */
  readonly count: number;
  /** Those of them that are refused. */
  readonly refused: readonly RefusedMessage[];
}

/** None of it was taken. */
export const NOT_PRODUCED: ProducedRun = { count: 0, refused: [] };

/** One run at a time: `begin`, `add`, and `ProducerLease.produceRun` or `produceRunWith`. */
export class MessageRun {
  /** The array for librdkafka, which writes to each message what has refused it. */
  readonly messages = new Uint32Array(MAX_MESSAGES * SIZE);
  #memory: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #address = 0;
  #count = 0;

  /** Number of messages. */
  get count(): number {
    return this.#count;
  }

  /** Maximum of it. */
  get maxMessages(): number {
    return MAX_MESSAGES;
  }

  /** All messages together are not larger. */
  get maxBytes(): number {
    return this.#memory.byteLength;
  }

  /** Begins a run whose bytes are in `memory`, which must not change until it is produced. */
  begin(memory: Uint8Array<ArrayBuffer>): void {
    this.#memory = memory;
    this.#count = 0;
  }

  /**
   * Adds a message by the offsets of its parts.
   *
   * @param keyBytes -1 for a message without a key
   * @param valueBytes of its value, which is no tombstone even if it is empty
   */
  add(keyAt: number, keyBytes: number, valueAt: number, valueBytes: number): void {
    if (this.#count === 0) this.#address = addressOf(this.#memory);
    const at = this.#count++ * SIZE;
    this.#setAddress(at + PAYLOAD, this.#address + valueAt);
    this.messages[at + LEN] = valueBytes;
    this.#setAddress(at + KEY, keyBytes < 0 ? 0 : this.#address + keyAt);
    this.messages[at + KEY_LEN] = Math.max(keyBytes, 0);
  }

  /** Gives all messages the same opaque. */
  setOpaque(opaque: number): void {
    for (let at = 0; at < this.#count; at++) this.messages[at * SIZE + PRIVATE] = opaque;
  }

  /** The error code that librdkafka has given a message. */
  codeOf(at: number): number {
    return this.messages[at * SIZE + ERR]! | 0;
  }

  /** Size of the value of a message. */
  valueBytesOf(at: number): number {
    return this.messages[at * SIZE + LEN]!;
  }

  /** Size of the key of a message. */
  keyBytesOf(at: number): number {
    return this.messages[at * SIZE + KEY_LEN]!;
  }

  /** Where the value of a message is. */
  valueAddressOf(at: number): number {
    return this.#addressAt(at * SIZE + PAYLOAD);
  }

  /** Where the key of a message is; 0 for no key. */
  keyAddressOf(at: number): number {
    return this.#addressAt(at * SIZE + KEY);
  }

  /** Number of messages up to the last one that librdkafka has taken. */
  get settled(): number {
    let count = this.#count;
    while (count > 0 && this.codeOf(count - 1) !== ERR_NO_ERROR) count--;
    return count;
  }

  /** Those of the first `count` messages that librdkafka has refused. */
  refused(library: Library, count: number): RefusedMessage[] {
    return Array.from({ length: count }, (_, at) => at)
      .filter((at) => this.codeOf(at) !== ERR_NO_ERROR)
      .map((at) => ({
        at,
        bytes: this.valueBytesOf(at),
        error: kafkaError(library, this.codeOf(at)),
      }));
  }

  /** What the messages take that librdkafka has. */
  takenBytes(): TakenBytes {
    let [count, bytes, largestBytes, uncountedBytes, largestUncountedBytes] = [0, 0, 0, 0, 0];
    for (let at = 0; at < this.#count; at++) {
      if (this.codeOf(at) !== ERR_NO_ERROR) continue;
      const keyBytes = this.keyBytesOf(at);
      const messageBytes = this.valueBytesOf(at) + keyBytes;
      count++;
      bytes += messageBytes;
      uncountedBytes += keyBytes;
      if (messageBytes > largestBytes) largestBytes = messageBytes;
      if (keyBytes > largestUncountedBytes) largestUncountedBytes = keyBytes;
    }
    return { count, bytes, largestBytes, uncountedBytes, largestUncountedBytes };
  }

  /** 64 bits as two halves: a bigint would cost more than all the rest. */
  #setAddress(at: number, address: number): void {
    this.messages[at] = address; // stores the lower 32 bits
    this.messages[at + 1] = address / 2 ** 32;
  }

  #addressAt(at: number): number {
    return this.messages[at]! + this.messages[at + 1]! * 2 ** 32;
  }
}
