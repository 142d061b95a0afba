/**
 * The messages of a delivery report, an event of librdkafka. All messages of an event have the same topic and error
 * (rd_kafka_dr_msgq in librdkafka), but not the same partition or sender.
 *
 * @module
 */

import { RD_KAFKA_MSG_STATUS_NOT_PERSISTED } from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { fromCString } from "../../ffi/memory.ts";
import { MESSAGE, StructReader } from "../../ffi/structs.ts";
import { timestampTypeOf } from "../client/message.ts";
import type { Delivery, FailedMessage } from "../client/observer.ts";
import type { DeliveredMessage, SettledMessage } from "./report_requests.ts";

/** Number of pointers to messages that one call fetches. */
const BATCH_MESSAGES = 512;

/** Reads events one after the other; one reader is enough for a producer. */
export class DeliveryReport implements FailedMessage, SettledMessage {
  readonly #library: Library;
  readonly #struct: StructReader;
  readonly #addresses = new BigUint64Array(BATCH_MESSAGES);
  /** Required by rd_kafka_message_timestamp. */
  readonly #timestampType = new Int32Array(1);
  #topic: string | undefined;
  /** The last topic: its handle lives as long as the producer. */
  #rkt = 0n;
  #rktName = "";
  /**
   * An event of delivered messages is one batch, and librdkafka counts their offsets up from the batch's, also from the
   * -1 that stands for an unknown one (rd_kafka_msgq_set_metadata): those of the others would be wrong.
   */
  #hasOffsets: boolean | undefined;
  #address = 0n;
  #following = 0;

  /** A reader for one producer. */
  constructor(library: Library) {
    this.#library = library;
    this.#struct = new StructReader(library.symbols, MESSAGE.size);
  }

  /**
   * Calls `visit` for each message of the event; the getters read that message. Copying a whole message by its address
   * takes 15 ns, a pointer object or UnsafePointerView 45 to 130.
   */
  forEach(event: Deno.PointerValue, visit: (message: this) => void): void {
    this.#topic = undefined;
    this.#hasOffsets = undefined;
    this.#following = Number(this.#library.symbols.rd_kafka_event_message_count(event));
    this.forRest(event, visit);
  }

  /** The same for those that are left of the event. */
  forRest(event: Deno.PointerValue, visit: (message: this) => void): void {
    const { symbols } = this.#library;
    for (;;) {
      const count = Number(
        symbols.rd_kafka_event_message_array(event, this.#addresses, BigInt(BATCH_MESSAGES)),
      );
      for (let at = 0; at < count; at++) {
        this.#address = this.#addresses[at]!;
        this.#struct.loadFrom(this.#address);
        this.#hasOffsets ??= this.#struct.int64(MESSAGE.offset) >= 0n;
        this.#following--;
        visit(this);
      }
      if (count < BATCH_MESSAGES) return;
    }
  }

  /**
   * Topic and age of the first message of an event of delivered ones; the message is taken from it.
   *
   * @param count number of messages of the event
   */
  first(event: Deno.PointerValue, count: number): Delivery {
    this.#topic = undefined;
    this.#library.symbols.rd_kafka_event_message_array(event, this.#addresses, 1n);
    this.#address = this.#addresses[0]!;
    this.#struct.loadFrom(this.#address);
    this.#hasOffsets = this.#struct.int64(MESSAGE.offset) >= 0n;
    return this.#delivery(count);
  }

  /** Whether the messages of the event have offsets. */
  get hasOffsets(): boolean {
    return this.#hasOffsets ?? false;
  }

  /** What the event delivers, as of this message. */
  #delivery(count: number): Delivery {
    const microseconds = Number(this.#library.symbols.rd_kafka_message_latency(this.#address));
    return { topic: this.topic, count, latencyMicroseconds: Math.max(0, microseconds) };
  }

  /** Number of the message's user: the lower half of its opaque. */
  get user(): number {
    return this.#struct.uint32(MESSAGE._private);
  }

  /** Slot of its request in `ReportRequests`, 0 for none: the upper half. */
  get slot(): number {
    return this.#struct.uint32(MESSAGE._private + 4);
  }

  /** Partition, offset and timestamp of a message that was delivered. */
  readDelivered(): DeliveredMessage {
    const { symbols } = this.#library;
    const timestampMs = Number(
      symbols.rd_kafka_message_timestamp(this.#address, this.#timestampType),
    );
    return {
      partition: this.partition,
      offset: this.#hasOffsets ? Number(this.#struct.int64(MESSAGE.offset)) : undefined,
      timestampMs: timestampMs < 0 ? undefined : timestampMs,
      timestampType: timestampTypeOf(this.#timestampType[0]!),
    };
  }

  /** `rd_kafka_resp_err_t` of this message: they differ in a batch that was refused for some of its messages. */
  get code(): number {
    return this.#struct.int32(MESSAGE.err);
  }

  get possiblyPersisted(): boolean {
    const status = this.#library.symbols.rd_kafka_message_status(this.#address);
    return status !== RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  }

  get following(): number {
    return this.#following;
  }

  get valueBytes(): number {
    return this.#struct.uint32(MESSAGE.len);
  }

  get keyBytes(): number {
    return this.#struct.uint32(MESSAGE.key_len);
  }

  get partition(): number {
    return this.#struct.int32(MESSAGE.partition);
  }

  get topic(): string {
    if (this.#topic === undefined) {
      const address = this.#struct.address(MESSAGE.rkt);
      if (address !== this.#rkt) {
        const rkt = Deno.UnsafePointer.create(address);
        this.#rktName = fromCString(this.#library.symbols.rd_kafka_topic_name(rkt));
        this.#rkt = address;
      }
      this.#topic = this.#rktName;
    }
    return this.#topic;
  }

  get key(): Uint8Array<ArrayBuffer> | null {
    return this.#copy(MESSAGE.key, this.keyBytes);
  }

  get value(): Uint8Array<ArrayBuffer> | null {
    return this.#copy(MESSAGE.payload, this.valueBytes);
  }

  /** Each copy has its own buffer: it may be kept for long, and must keep nothing else alive. */
  #copy(addressField: number, byteLength: number): Uint8Array<ArrayBuffer> | null {
    const address = this.#struct.address(addressField);
    if (address === 0n) return null;
    const bytes = new Uint8Array(byteLength);
    if (byteLength > 0) this.#library.symbols.memcpy(bytes, address, BigInt(byteLength));
    return bytes;
  }
}
