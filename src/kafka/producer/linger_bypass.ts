/**
 * Lets a message go at once that is alone in its producer, whatever `linger.ms` is: a quiet connection has nothing to
 * gain from a batch. A busy gateway has, so one producer at a time is hurried, and the messages of the others linger.
 *
 * @module
 */

import type { Outstanding } from "./outstanding.ts";

/** The first repetition is after so long, each later one after twice as long. */
const FIRST_REPEAT_MS = 10;
/** Up to this. */
const MAX_REPEAT_MS = 500;

/** The producer, as far as it is needed here. */
export interface Hurried {
  /** All its messages that are neither delivered nor failed. */
  readonly outstanding: Pick<Outstanding, "idle" | "settledCount">;
  /** It is closed or closing. */
  readonly closed: boolean;
  /** Sends what lingers. */
  flushNow(): Promise<unknown>;
}

/** What the producers of a gateway share. */
export class LingerBypass {
  #busy = false;

  /** Hurries a producer, unless another one is being hurried. */
  offer(producer: Hurried): void {
    if (this.#busy) return;
    this.#busy = true;
    const { settledCount } = producer.outstanding;
    void producer.flushNow().finally(() => {
      this.#busy = false;
      void this.#repeat(producer, settledCount);
    });
  }

  /** On a busy machine the thread of a broker may sleep for as long as a hurry lasts. */
  async #repeat(producer: Hurried, settledCount: number): Promise<void> {
    const { outstanding } = producer;
    for (let waitMs = FIRST_REPEAT_MS;; waitMs = Math.min(2 * waitMs, MAX_REPEAT_MS)) {
      await outstanding.idle(waitMs);
      if (outstanding.settledCount !== settledCount || producer.closed) return;
      await producer.flushNow();
    }
  }
}
