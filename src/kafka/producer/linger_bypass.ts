/**
 * Sends a message immediately that is alone in its producer, whatever `linger.ms` is: a quiet connection gains nothing
 * from a batch. A busy gateway does, so one producer at a time is flushed, and the messages of the others linger.
 *
 * @module
 */

import type { Outstanding } from "./outstanding.ts";

/** Delay of the first repetition; each later one is twice as long. */
const FIRST_REPEAT_MS = 10;
/** Maximum of that delay. */
const MAX_REPEAT_MS = 500;

/** What the bypass needs of a producer. */
export interface Flushable {
  /** All its outstanding messages. */
  readonly outstanding: Pick<Outstanding, "idle" | "settledCount" | "messages">;
  /** The producer is closed or closing. */
  readonly closed: boolean;
  /** Sends what lingers. */
  flushNow(): Promise<unknown>;
}

/** The bypass of all producers of a gateway. */
export class LingerBypass {
  /** The producer that is being flushed. */
  #flushing: Flushable | undefined;
  /** It was offered again meanwhile. */
  #offeredAgain = false;

  /**
   * Flushes a producer, unless another one is being flushed. A message that is produced while the flush of the one before
   * it is still ending is flushed after it: the flush may not have seen it.
   */
  offer(producer: Flushable): void {
    if (this.#flushing === producer) this.#offeredAgain = true;
    if (this.#flushing) return;
    this.#flushing = producer;
    const { settledCount } = producer.outstanding;
    void producer.flushNow().finally(() => {
      const again = this.#offeredAgain && !producer.closed && producer.outstanding.messages > 0;
      this.#flushing = undefined;
      this.#offeredAgain = false;
      if (again) this.offer(producer);
      else void this.#repeat(producer, settledCount);
    });
  }

  /** Repeats the flush: on a busy machine the thread of a broker may sleep for as long as one lasts. */
  async #repeat(producer: Flushable, settledCount: number): Promise<void> {
    const { outstanding } = producer;
    for (let waitMs = FIRST_REPEAT_MS;; waitMs = Math.min(2 * waitMs, MAX_REPEAT_MS)) {
      await outstanding.idle(waitMs);
      if (outstanding.settledCount !== settledCount || producer.closed) return;
      await producer.flushNow();
    }
  }
}
