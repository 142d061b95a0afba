/**
 * The room that is left in the queue of a producer, which librdkafka does not tell: it counts values and messages against
 * its limits, and neither keys nor headers.
 *
 * @module
 */

import type { Deliveries } from "./deliveries.ts";
import { BytesBound } from "./outstanding.ts";
import type { QueueLimits } from "./queue_limits.ts";

/** What some messages take. */
export interface TakenBytes {
  /** Number of the messages. */
  readonly count: number;
  /** Bytes of their values, keys and headers. */
  readonly bytes: number;
  /** Of the largest one. */
  readonly largestBytes: number;
  /** What librdkafka does not count: bytes of keys and headers. */
  readonly uncountedBytes: number;
  /** Of the largest one. */
  readonly largestUncountedBytes: number;
}

/** The queue of one producer. */
export class QueueRoom {
  readonly #limits: QueueLimits;
  readonly #shared: boolean;
  readonly #deliveries: Deliveries;
  /** Keys and headers. */
  readonly #uncounted = new BytesBound();
  readonly #messages = new BytesBound();

  /** Of a producer with many users at the same time (`shared`), or one. */
  constructor(limits: QueueLimits, deliveries: Deliveries, { shared }: { shared: boolean }) {
    this.#limits = limits;
    this.#deliveries = deliveries;
    this.#shared = shared;
  }

  /** Bytes that the outstanding messages take at most. */
  get bytes(): number {
    return this.#messages.atMost(this.#deliveries.total.messages);
  }

  /** librdkafka has one more message, which is counted already. */
  taken(bytes: number, uncountedBytes: number): void {
    const { messages } = this.#deliveries.total;
    this.#uncounted.taken(uncountedBytes, messages);
    this.#messages.taken(bytes, messages);
  }

  /** The same for many. */
  takenTogether(taken: TakenBytes): void {
    const { messages } = this.#deliveries.total;
    const { count } = taken;
    const { uncountedBytes, largestUncountedBytes } = taken;
    this.#uncounted.taken(uncountedBytes, messages, count, largestUncountedBytes);
    this.#messages.taken(taken.bytes, messages, count, taken.largestBytes);
  }

  /**
   * A user of many gets at most as much of the queue as is still free: one that floods it gets half, n get an n+1st
   * each, and as much stays free for the next. Nothing is reserved for idle users.
   *
   * @param more number of messages that are produced together, of `moreBytes` at most
   */
  isThereFor(user: number, more: number = 0, moreBytes: number = 0): boolean {
    const { total } = this.#deliveries;
    const { maxMessages, maxBytes } = this.#limits;
    if (!this.#shared) return this.#uncounted.atMost(total.messages) + moreBytes < maxBytes;
    const { messages, bytes } = this.#deliveries.of(user);
    return messages + more < maxMessages - total.messages - more &&
      bytes + moreBytes < maxBytes - total.bytes - moreBytes;
  }
}
