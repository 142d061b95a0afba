/**
 * The delivered messages of a delivery report. Rafka's own build of librdkafka packs them into one block of memory
 * (tasks/native/packed.c): a call for hundreds of messages, not three for each.
 *
 * @module
 */

import type { Library } from "../../ffi/library.ts";
import { PACKED_REPORT } from "../../ffi/structs.ts";
import { timestampTypeOf } from "../client/message.ts";
import type { DeliveredMessage } from "./report_requests.ts";

/** A message of a report, until the next one is visited. */
export interface SettledMessage {
  /** Number of its user. */
  readonly user: number;
  /** Slot of its request in `ReportRequests`, 0 for none. */
  readonly slot: number;
  /** Size of its value. */
  readonly valueBytes: number;
  /** Size of its key. */
  readonly keyBytes: number;
  /** Partition, offset and timestamp, copied. */
  readDelivered(): DeliveredMessage;
}

/** Number of messages that one call packs. */
const BATCH_MESSAGES = 512;

type Pack = NonNullable<Library["symbols"]["rd_kafka_rafka_pack_reports"]>;

/** Reads one event at a time. */
export class PackedReport implements SettledMessage {
  readonly #pack: Pack;
  readonly #bytes = new Uint8Array(BATCH_MESSAGES * PACKED_REPORT.size);
  readonly #words = new Uint32Array(this.#bytes.buffer);
  readonly #signed = new Int32Array(this.#bytes.buffer);
  readonly #doubles = new Float64Array(this.#bytes.buffer);
  /** Position of the message in the block. */
  #at = 0;
  /** See `DeliveryReport`. */
  #hasOffsets: boolean | undefined;

  private constructor(pack: Pack) {
    this.#pack = pack;
  }

  /** A reader, where librdkafka can pack. */
  static of({ symbols }: Library): PackedReport | undefined {
    const pack = symbols.rd_kafka_rafka_pack_reports;
    return pack ? new PackedReport(pack) : undefined;
  }

  /** Calls `visit` for each message of an event; the getters read that message. */
  forEach(event: Deno.PointerValue, visit: (message: this) => void): void {
    this.#hasOffsets = undefined;
    for (;;) {
      const count = Number(this.#pack(event, this.#bytes, BigInt(BATCH_MESSAGES)));
      const end = count * PACKED_REPORT.size;
      for (this.#at = 0; this.#at < end; this.#at += PACKED_REPORT.size) {
        this.#hasOffsets ??= this.#double(PACKED_REPORT.offset) >= 0;
        visit(this);
      }
      if (count < BATCH_MESSAGES) return;
    }
  }

  get user(): number {
    return this.#word(PACKED_REPORT.opaque_low);
  }

  get slot(): number {
    return this.#word(PACKED_REPORT.opaque_high);
  }

  get valueBytes(): number {
    return this.#word(PACKED_REPORT.value_bytes);
  }

  get keyBytes(): number {
    return this.#word(PACKED_REPORT.key_bytes);
  }

  readDelivered(): DeliveredMessage {
    const timestampMs = this.#double(PACKED_REPORT.timestamp);
    return {
      partition: this.#signed[(this.#at + PACKED_REPORT.partition) >> 2]!,
      offset: this.#hasOffsets ? this.#double(PACKED_REPORT.offset) : undefined,
      timestampMs: timestampMs < 0 ? undefined : timestampMs,
      timestampType: timestampTypeOf(this.#word(PACKED_REPORT.timestamp_type)),
    };
  }

  #word(field: number): number {
    return this.#words[(this.#at + field) >> 2]!;
  }

  #double(field: number): number {
    return this.#doubles[(this.#at + field) >> 3]!;
  }
}
