/**
 * Calls of rd_kafka_produceva (rdkafka.h): messages with headers, a timestamp, or a listener for their delivery report.
 *
 * @module
 */

import { ERR__FATAL } from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { takeErrorObject } from "../client/error.ts";
import type { MessageHeader } from "../client/message.ts";
import type { Deliveries } from "./deliveries.ts";
import type { MessageRun } from "./message_run.ts";
import { type MessageParts, ProduceArguments } from "./produce_arguments.ts";
import type { DeliveryListener } from "./report_requests.ts";

/** What a message may have beside value and key. */
export interface ProduceOptions {
  /** In this order; names may repeat, and must not hold a NUL character. */
  readonly headers?: readonly MessageHeader[];
  /** Whole milliseconds since 1970; now by default, and for 0. */
  readonly timestampMs?: number;
  /** Gets the result of the message. It is not called for a message that `produce` has not taken. */
  readonly listener?: DeliveryListener;
}

/** The producer. */
export interface CallingProducer {
  /** librdkafka has a message. */
  taken(user: number, valueBytes: number, otherBytes: number): void;
  /** There is room for one more. */
  hasRoom(user: number): boolean;
}

const NO_BYTES = new Uint8Array(0);

/** The calls of one producer. */
export class MessageCalls {
  readonly #library: Library;
  readonly #client: Deno.PointerValue;
  readonly #deliveries: Deliveries;
  readonly #producer: CallingProducer;
  readonly #arguments: ProduceArguments;

  /** Of the `rd_kafka_t` at `client`, which must outlive them. */
  constructor(
    library: Library,
    client: Deno.PointerValue,
    deliveries: Deliveries,
    producer: CallingProducer,
  ) {
    this.#library = library;
    this.#client = client;
    this.#deliveries = deliveries;
    this.#producer = producer;
    this.#arguments = new ProduceArguments(library);
  }

  /**
   * Produces a message.
   *
   * @returns the code of the error that has refused it; undefined when librdkafka has it
   * @throws {KafkaError} _INVALID_ARG for a header whose name holds a NUL
   */
  produce(
    user: number,
    { rkt, value, key }: Pick<MessageParts, "rkt" | "value" | "key">,
    { headers = [], timestampMs = 0, listener }: ProduceOptions,
  ): number | undefined {
    this.#arguments.write({ rkt, value, key, headers, timestampMs });
    const refusal = this.#call(user, value?.byteLength ?? 0, key?.byteLength ?? 0, listener);
    this.#arguments.release();
    return refusal;
  }

  /**
   * Produces the messages of a run, all with the same options; their listener is told which of them it is about. Stops at
   * the first that is not taken.
   *
   * @returns how many are taken
   * @throws {KafkaError} as `produce`
   */
  produceRun(
    user: number,
    rkt: Deno.PointerValue,
    run: MessageRun,
    { headers = [], timestampMs = 0, listener }: ProduceOptions,
  ): number {
    this.#arguments.write({ rkt, value: NO_BYTES, key: NO_BYTES, headers, timestampMs });
    let taken = 0;
    for (; taken < run.count && this.#producer.hasRoom(user); taken++) {
      const valueBytes = run.valueBytesOf(taken);
      const keyBytes = run.keyBytesOf(taken);
      const [value, key] = [run.valueAddressOf(taken), run.keyAddressOf(taken)];
      this.#arguments.setParts(value, valueBytes, key, keyBytes);
      if (this.#call(user, valueBytes, keyBytes, listener, taken) !== undefined) break;
    }
    this.#arguments.release();
    return taken;
  }

  /** Produces what is written. */
  #call(
    user: number,
    valueBytes: number,
    keyBytes: number,
    listener: DeliveryListener | undefined,
    place?: number,
  ): number | undefined {
    const { headerBytes, buffer, count } = this.#arguments;
    const slot = this.#deliveries.request(headerBytes, listener, place);
    this.#arguments.setOpaque(user, slot);
    const refusal = this.#library.symbols.rd_kafka_produceva(this.#client, buffer, count);
    if (refusal === null) {
      this.#producer.taken(user, valueBytes, keyBytes + headerBytes);
      return undefined;
    }
    this.#deliveries.withdraw(slot);
    const { code, fatal } = takeErrorObject(this.#library, refusal);
    return fatal ? ERR__FATAL : code; // rd_kafka_produce has this code for it, too
  }
}
