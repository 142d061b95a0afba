/**
 * The delivered messages of a delivery report. Rafka's own build of librdkafka packs them into one block of memory
 * (tasks/native/packed.c): a call for hundreds of messages, not three for each.
 *
 * @module
 */

import type { Library } from "../../ffi/library.ts";
import { PACKED_REPORT } from "../../ffi/structs.ts";
import { timestampTypeOf } from "../client/message.ts";
import type { Delivery } from "../client/observer.ts";
import { DeliveryReport } from "./delivery_report.ts";
import type { DeliveredMessage, SettledMessage } from "./report_requests.ts";

/** Number of messages that one call packs. */
const BATCH_MESSAGES = 512;

type Pack = NonNullable<Library["symbols"]["rd_kafka_rafka_pack_reports"]>;

/** Reads events of delivered messages, one at a time. */
export class DeliveredReport {
  readonly #library: Library;
  /** The first message of an event says more than the others, and is all of many events. */
  readonly #report: DeliveryReport;
  readonly #packed: PackedReport | undefined;

  /** A reader for one producer. */
  constructor(library: Library) {
    this.#library = library;
    this.#report = new DeliveryReport(library);
    this.#packed = PackedReport.of(library);
  }

  /**
   * Reads an event.
   *
   * @param onDelivered gets what it delivers, before that
   * @param visit gets each message
   */
  forEach(
    event: Deno.PointerValue,
    onDelivered: (delivery: Delivery) => void,
    visit: (message: SettledMessage) => void,
  ): void {
    const count = Number(this.#library.symbols.rd_kafka_event_message_count(event));
    onDelivered(this.#report.first(event, count));
    visit(this.#report);
    if (count === 1) return;
    if (this.#packed) this.#packed.forRest(event, this.#report.hasOffsets, visit);
    else this.#report.forRest(event, visit);
  }
}

/** Those behind the first message. */
class PackedReport implements SettledMessage {
  readonly #pack: Pack;
  readonly #bytes = new Uint8Array(BATCH_MESSAGES * PACKED_REPORT.size);
  readonly #words = new Uint32Array(this.#bytes.buffer);
  readonly #signed = new Int32Array(this.#bytes.buffer);
  readonly #doubles = new Float64Array(this.#bytes.buffer);
  /** Position of the message in the block. */
  #at = 0;
  #hasOffsets = false;

  private constructor(pack: Pack) {
    this.#pack = pack;
  }

  /** A reader, where librdkafka can pack. */
  static of({ symbols }: Library): PackedReport | undefined {
    const pack = symbols.rd_kafka_rafka_pack_reports;
    return pack ? new PackedReport(pack) : undefined;
  }

  /** Calls `visit` for each message that is left of an event; the getters read that message. */
  forRest(
    event: Deno.PointerValue,
    hasOffsets: boolean,
    visit: (message: SettledMessage) => void,
  ): void {
    this.#hasOffsets = hasOffsets;
    for (;;) {
      const count = Number(this.#pack(event, this.#bytes, BigInt(BATCH_MESSAGES)));
      const end = count * PACKED_REPORT.size;
      for (this.#at = 0; this.#at < end; this.#at += PACKED_REPORT.size) {
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
