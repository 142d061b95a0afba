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

  /** Flushes a producer, unless another one is being flushed. */
  offer(producer: Flushable): void {
    if (this.#flushing === producer) this.#offeredAgain = true;
    if (this.#flushing) return;
    this.#flushing = producer;
    const { settledCount } = producer.outstanding;
    void producer.flushNow().finally(() => {
      const again = this.#offeredAgain;
      this.#flushing = undefined;
      this.#offeredAgain = false;
      void (again ? this.#flushLate(producer) : this.#repeat(producer, settledCount));
    });
  }

  /**
   * A message that was produced while the flush of the one before it ended, and that the flush may not have seen. One
   * that is not alone any more waits for `linger.ms`: a busy connection is not flushed again and again.
   */
  async #flushLate(producer: Flushable): Promise<void> {
    const { outstanding } = producer;
    const { settledCount } = outstanding;
    await outstanding.idle(FIRST_REPEAT_MS);
    const isAlone = outstanding.messages === 1 && outstanding.settledCount === settledCount;
    if (isAlone && !producer.closed) this.offer(producer);
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
