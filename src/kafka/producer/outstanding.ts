/**
 * Messages that a producer has taken and that have no delivery report yet, of one connection or of all together, and
 * the bytes that they take.
 *
 * @module
 */

import type { Deadlines } from "../../async/deadlines.ts";
import { Notifier } from "../../async/notifier.ts";

/** Counts messages from when they are taken until their delivery report. */
export class Outstanding {
  /** Number of outstanding messages. */
  messages = 0;
  /** Bytes of their values, keys and headers; only counted where a producer is shared. */
  bytes = 0;
  /** Number of messages with a delivery report so far. */
  settledCount = 0;
  #failed = 0;
  readonly #idled = new Notifier();

  /** Counts messages, of so many bytes in all. */
  taken(bytes: number, count: number = 1): void {
    this.messages += count;
    this.bytes += bytes;
  }

  /** Counts the delivery reports of messages. */
  settled(messages: number, bytes: number, failed: boolean): void {
    this.messages -= messages;
    this.bytes -= bytes;
    this.settledCount += messages;
    if (failed) this.#failed += messages;
    if (this.messages === 0) this.#idled.notify();
  }

  /** Number of failed messages since the last call. */
  takeFailed(): number {
    const failed = this.#failed;
    this.#failed = 0;
    return failed;
  }

  /** Resolves when no message is outstanding, when `signal` is aborted, or after `timeoutMs`. */
  idle(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.messages === 0 ? Promise.resolve() : this.#idled.wait(timeoutMs, signal);
  }

  /** Resolves when no message is outstanding, or when `deadlines` says so. */
  idleWithin(deadlines: Deadlines): Promise<void> {
    return this.messages === 0 ? Promise.resolve() : this.#idled.waitWithin(deadlines);
  }
}

/**
 * Upper bound of what outstanding messages take, or their keys and headers alone: librdkafka counts only values against
 * `queue.buffering.max.kbytes`, and reads out none of its counts. No delivery report has to be read for it: it is
 * neither more than everything since nothing was outstanding, nor more than the largest message for each outstanding
 * one. It falls with each settled message, so that a wait for room ends.
 */
export class BytesBound {
  #sum = 0;
  #largest = 0;

  /**
   * Counts messages of so many bytes in all.
   *
   * @param messages how many are outstanding with them
   * @param largest bytes of the largest one
   */
  taken(bytes: number, messages: number, count: number = 1, largest: number = bytes): void {
    if (messages === count) this.#sum = this.#largest = 0;
    this.#sum += bytes;
    if (largest > this.#largest) this.#largest = largest;
  }

  /** Bytes that so many outstanding messages take at most. */
  atMost(messages: number): number {
    return Math.min(this.#sum, messages * this.#largest);
  }
}
