/**
 * What is under way in a producer: messages that were taken and have no delivery report yet, of one connection or of
 * all together.
 *
 * @module
 */

import { Notifier } from "../../async/notifier.ts";

/** Counts messages from the moment that they are taken until it is known what became of them. */
export class Outstanding {
  /** How many. */
  messages = 0;
  /** What their values and keys take; only kept where a producer is shared. */
  bytes = 0;
  /** How many delivery reports have come so far. */
  settledCount = 0;
  #failed = 0;
  readonly #idled = new Notifier();

  /** A message was taken. */
  taken(bytes: number): void {
    this.messages++;
    this.bytes += bytes;
  }

  /** Reports of so many messages have come. */
  settled(messages: number, bytes: number, failed: boolean): void {
    this.messages -= messages;
    this.bytes -= bytes;
    this.settledCount += messages;
    if (failed) this.#failed += messages;
    if (this.messages === 0) this.#idled.notify();
  }

  /** How many were not delivered since the last call. */
  takeFailed(): number {
    const failed = this.#failed;
    this.#failed = 0;
    return failed;
  }

  /** Resolves when there are none, when `signal` is aborted, or after `timeoutMs`. */
  idle(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.messages === 0 ? Promise.resolve() : this.#idled.wait(timeoutMs, signal);
  }
}
