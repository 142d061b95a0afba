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
  readonly offset: number | undefined;
  /** Milliseconds since 1970, the broker's time where the topic has LogAppendTime; undefined if not known. */
  readonly timestampMs: number | undefined;
  /** Whose clock that is from; undefined where there is no timestamp. */
  readonly timestampType: TimestampType | undefined;
}

/** A message of a delivery report, until the next one is visited. */
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

/** Gets the result of each of its messages, exactly once; called from the event loop, and must not throw. */
export interface DeliveryListener {
  /**
   * A broker has acknowledged the message.
   *
   * @param at number of the message in its run; 0 for one that is produced alone
   */
  delivered(message: DeliveredMessage, at: number): void;
  /**
   * The message was refused or given up, or its producer closed first.
   *
   * @param possiblyPersisted it was sent, and may be in Kafka all the same
   * @param at as above
   */
  failed(error: KafkaError, possiblyPersisted: boolean, at: number): void;
}

/** The requests of one producer. Columns of slots: an object for each request would be one more for each message. */
export class ReportRequests {
  /** By slot; the first is that of messages without a request. */
  readonly #listeners: (DeliveryListener | undefined)[] = [undefined];
  readonly #headerBytes: number[] = [0];
  readonly #places: number[] = [0];
  readonly #free: number[] = [];

  /** Number of messages with a request. */
  get count(): number {
    return this.#listeners.length - 1 - this.#free.length;
  }

  /**
   * Keeps a request; its slot, from 1.
   *
   * @param headerBytes bytes of the message's headers, which a report does not have
   * @param listener undefined where the result is not asked for
   * @param place which of its messages it is
   */
  add(headerBytes: number, listener: DeliveryListener | undefined, place: number): number {
    const slot = this.#free.pop() ?? this.#listeners.length;
    this.#listeners[slot] = listener;
    this.#headerBytes[slot] = headerBytes;
    this.#places[slot] = place;
    return slot;
  }

  /** Bytes of the headers of the message with this slot; 0 for slot 0. */
  headerBytes(slot: number): number {
    return this.#headerBytes[slot]!;
  }

  /** Which of the messages of its listener it is; 0 for slot 0. */
  placeOf(slot: number): number {
    return this.#places[slot]!;
  }

  /** Frees a slot; its listener. undefined for slot 0, too. */
  take(slot: number): DeliveryListener | undefined {
    if (slot === 0) return undefined;
    const listener = this.#listeners[slot];
    this.#listeners[slot] = undefined;
    this.#headerBytes[slot] = 0;
    this.#free.push(slot);
    return listener;
  }

  /** Frees all slots; their listeners, each with the place of its message. */
  takeAll(): [listener: DeliveryListener, place: number][] {
    const waiting = this.#listeners.flatMap((listener, slot): [DeliveryListener, number][] =>
      listener ? [[listener, this.#places[slot]!]] : []
    );
    for (const column of [this.#listeners, this.#headerBytes, this.#places]) column.length = 1;
    this.#free.length = 0;
    return waiting;
  }
}
