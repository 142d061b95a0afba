/**
 * The messages of a delivery report, an event of librdkafka. All of one event share topic and error
 * (rd_kafka_dr_msgq in librdkafka), but neither partition nor sender.
 *
 * @module
 */

import { RD_KAFKA_MSG_STATUS_NOT_PERSISTED } from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { fromCString } from "../../ffi/memory.ts";
import { MESSAGE, StructReader } from "../../ffi/structs.ts";
import type { FailedMessage } from "../client/observer.ts";

/** Pointers to messages that are fetched with one call. */
const BATCH_MESSAGES = 512;

/** Reads one event after the other; one reader is enough for a producer. */
export class DeliveryReport implements FailedMessage {
  readonly #library: Library;
  readonly #struct: StructReader;
  readonly #addresses = new BigUint64Array(BATCH_MESSAGES);
  #topic: string | undefined;
  #address = 0n;
  #following = 0;

  /** A reader of its own for each producer. */
  constructor(library: Library) {
    this.#library = library;
    this.#struct = new StructReader(library.symbols, MESSAGE.size);
  }

  /**
   * Calls `visit` for each message of the event, which reads it with the getters here. Copying a whole message by its
   * address takes 15 ns, a pointer object or a look through UnsafePointerView 45 to 130.
   */
  forEach(event: Deno.PointerValue, visit: (message: this) => void): void {
    const { symbols } = this.#library;
    this.#topic = undefined;
    this.#following = Number(symbols.rd_kafka_event_message_count(event));
    for (;;) {
      const count = Number(
        symbols.rd_kafka_event_message_array(event, this.#addresses, BigInt(BATCH_MESSAGES)),
      );
      for (let at = 0; at < count; at++) {
        this.#address = this.#addresses[at]!;
        this.#struct.loadFrom(this.#address);
        this.#following--;
        visit(this);
      }
      if (count < BATCH_MESSAGES) return;
    }
  }

  /** What rd_kafka_produce was given as msg_opaque. */
  get opaque(): number {
    return this.#struct.uint32(MESSAGE._private);
  }

  /** Its own error: in a batch that was refused for some of its messages they differ. */
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
      const rkt = Deno.UnsafePointer.create(this.#struct.address(MESSAGE.rkt));
      this.#topic = fromCString(this.#library.symbols.rd_kafka_topic_name(rkt));
    }
    return this.#topic;
  }

  get key(): Uint8Array<ArrayBuffer> | null {
    return this.#copy(MESSAGE.key, this.keyBytes);
  }

  get value(): Uint8Array<ArrayBuffer> | null {
    return this.#copy(MESSAGE.payload, this.valueBytes);
  }

  /** A buffer for each: it may be kept for long, and must keep nothing else. */
  #copy(addressField: number, byteLength: number): Uint8Array<ArrayBuffer> | null {
    const address = this.#struct.address(addressField);
    if (address === 0n) return null;
    const bytes = new Uint8Array(byteLength);
    if (byteLength > 0) this.#library.symbols.memcpy(bytes, address, BigInt(byteLength));
    return bytes;
  }
}
