/**
 * Consumed messages that Rafka's own build of librdkafka packs into one block of memory (tasks/native/packed.c): a call
 * for a batch, where reading a message takes five calls and more for each header.
 *
 * @module
 */

import type { Library } from "../../ffi/library.ts";
import type { Bytes } from "../../ffi/memory.ts";
import { PACKED_MESSAGE } from "../../ffi/structs.ts";

/** Messages share blocks of this size: each keeps its neighbours in memory, too. A larger message has its own. */
const BLOCK_BYTES = 64 * 1024;
/** With less room left, the next block is begun. */
const LEAST_ROOM_BYTES = 1024;
const NULL = -1;

type Pack = NonNullable<Library["symbols"]["rd_kafka_rafka_pack_messages"]>;

/** Packs messages, and reads one after the other. The bytes that it gives out stay as they are. */
export class PackedMessages {
  readonly #pack: Pack;
  readonly #withMetadata: 0 | 1;
  readonly #needed = new BigUint64Array(1);
  #block: Bytes = new Uint8Array(0);
  #view = new DataView(this.#block.buffer);
  /** What is packed ends here. */
  #end = 0;
  /** Where the message begins that is read. */
  #at = 0;
  /** Behind its parts that are read. */
  #partAt = 0;

  private constructor(pack: Pack, withMetadata: boolean) {
    this.#pack = pack;
    this.#withMetadata = withMetadata ? 1 : 0;
  }

  /**
   * A reader, where librdkafka can pack.
   *
   * @param withMetadata keys and headers are packed, too
   */
  static of({ symbols }: Library, withMetadata: boolean): PackedMessages | undefined {
    const pack = symbols.rd_kafka_rafka_pack_messages;
    return pack ? new PackedMessages(pack, withMetadata) : undefined;
  }

  /**
   * Packs messages and destroys them; calls `visit` for each, while the getters read that message.
   *
   * @param pointers `rd_kafka_message_t *[]`
   */
  forEach(pointers: BigUint64Array<ArrayBuffer>, count: number, visit: () => void): void {
    for (let first = 0; first < count;) {
      const room = this.#block.subarray(this.#end);
      const packed = Number(
        this.#pack(
          pointers.subarray(first, count),
          BigInt(count - first),
          this.#withMetadata,
          room,
          BigInt(room.byteLength),
          this.#needed,
        ),
      );
      first += packed;
      for (let left = packed; left > 0; left--) {
        this.#at = this.#end;
        this.#end += this.#view.getUint32(this.#at + PACKED_MESSAGE.bytes, true);
        this.#partAt = this.#at + PACKED_MESSAGE.size;
        visit();
      }
      const isFull = this.#block.byteLength - this.#end < LEAST_ROOM_BYTES;
      if (first < count || isFull) this.#nextBlock(packed === 0 ? Number(this.#needed[0]) : 0);
    }
  }

  /** `rd_kafka_resp_err_t` */
  get err(): number {
    return this.#int32(PACKED_MESSAGE.err);
  }

  /** From 0. */
  get partition(): number {
    return this.#int32(PACKED_MESSAGE.partition);
  }

  /** Position in the partition. */
  get offset(): number {
    return this.#view.getFloat64(this.#at + PACKED_MESSAGE.offset, true);
  }

  /** Milliseconds since 1970; negative for none. */
  get timestampMs(): number {
    return this.#view.getFloat64(this.#at + PACKED_MESSAGE.timestamp, true);
  }

  /** `rd_kafka_timestamp_type_t` */
  get timestampType(): number {
    return this.#int32(PACKED_MESSAGE.timestamp_type);
  }

  /** Address of the `rd_kafka_topic_t`; below 2^53 on every machine. */
  get rkt(): number {
    const at = this.#at + PACKED_MESSAGE.rkt;
    return this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 2 ** 32;
  }

  /** Number of headers; -1 when they can't be parsed. */
  get headerCount(): number {
    return this.#int32(PACKED_MESSAGE.header_count);
  }

  /** The value; it is read first. */
  readValue(): Bytes | null {
    return this.#part(this.#int32(PACKED_MESSAGE.value_bytes));
  }

  /** The key; it is read behind the value. */
  readKey(): Bytes | null {
    return this.#part(this.#int32(PACKED_MESSAGE.key_bytes));
  }

  /** The next header; they are read behind the key. */
  readHeader(): readonly [name: Bytes, value: Bytes | null] {
    const nameBytes = this.#view.getInt32(this.#partAt, true);
    const valueBytes = this.#view.getInt32(this.#partAt + 4, true);
    this.#partAt += 8;
    return [this.#part(nameBytes)!, this.#part(valueBytes)];
  }

  #part(byteLength: number): Bytes | null {
    if (byteLength === NULL) return null;
    const start = this.#partAt;
    this.#partAt += byteLength;
    return this.#block.subarray(start, this.#partAt);
  }

  #int32(field: number): number {
    return this.#view.getInt32(this.#at + field, true);
  }

  #nextBlock(leastBytes: number): void {
    this.#block = new Uint8Array(Math.max(BLOCK_BYTES, leastBytes));
    this.#view = new DataView(this.#block.buffer);
    this.#end = 0;
  }
}
