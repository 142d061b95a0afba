/**
 * Messages of a producer whose delivery report is needed one by one: its result is asked for, or the report alone does
 * not say how many bytes it settles. Each has a slot, whose number travels in the upper half of the message's opaque.
 *
 * @module
 */

import type { KafkaError } from "../client/error.ts";
import type { TimestampType } from "../client/message.ts";

/** A message that is in Kafka. */
export interface DeliveredMessage {
  /** Partition that the message is in. */
  readonly partition: number;
  /** Its offset; undefined where the broker does not say, e.g. with `acks` 0. */
  readonly offset: bigint | undefined;
  /** Milliseconds since 1970, the broker's time where the topic has LogAppendTime; undefined if not known. */
  readonly timestampMs: number | undefined;
  /** Whose clock that is from; undefined where there is no timestamp. */
  readonly timestampType: TimestampType | undefined;
}

/** Gets the result of one message, exactly once; called from the event loop, and must not throw. */
export interface DeliveryListener {
  /** A broker has acknowledged the message. */
  delivered(message: DeliveredMessage): void;
  /**
   * The message was refused or given up, or its producer closed first.
   *
   * @param possiblyPersisted it was sent, and may be in Kafka all the same
   */
  failed(error: KafkaError, possiblyPersisted: boolean): void;
}

/** What is kept of a message until its report. */
export interface ReportRequest {
  /** Bytes of its headers, which a report does not have. */
  readonly headerBytes: number;
  /** undefined where the result is not asked for. */
  readonly listener: DeliveryListener | undefined;
}

/** The requests of one producer. */
export class ReportRequests {
  /** By slot; the first is that of messages without a request. */
  readonly #slots: (ReportRequest | undefined)[] = [undefined];
  readonly #free: number[] = [];

  /** Number of messages with a request. */
  get count(): number {
    return this.#slots.length - 1 - this.#free.length;
  }

  /** Keeps a request; its slot, from 1. */
  add(request: ReportRequest): number {
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[slot] = request;
    return slot;
  }

  /** Gives the request in a slot, and frees that; undefined for slot 0. */
  take(slot: number): ReportRequest | undefined {
    const request = this.#slots[slot];
    if (!request) return undefined;
    this.#slots[slot] = undefined;
    this.#free.push(slot);
    return request;
  }

  /** Gives all requests, and frees their slots. */
  takeAll(): ReportRequest[] {
    return this.#slots.keys().map((slot) => this.take(slot)).filter((one) => one !== undefined)
      .toArray();
  }
}
