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
  readonly outstanding: Pick<Outstanding, "idle" | "settledCount">;
  /** The producer is closed or closing. */
  readonly closed: boolean;
  /** Sends what lingers. */
  flushNow(): Promise<unknown>;
}

/** The bypass of all producers of a gateway. */
export class LingerBypass {
  #busy = false;

  /** Flushes a producer, unless another one is being flushed. */
  offer(producer: Flushable): void {
    if (this.#busy) return;
    this.#busy = true;
    const { settledCount } = producer.outstanding;
    void producer.flushNow().finally(() => {
      this.#busy = false;
      void this.#repeat(producer, settledCount);
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
