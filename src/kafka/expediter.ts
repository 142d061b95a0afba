/**
 * @module
 * Lets a message go at once that is alone in its producer, whatever `linger.ms` is: a quiet connection has nothing to
 * gain from a batch. A busy gateway has, so one producer at a time is hurried, and the messages of the others linger.
 */

/** What the producers of a gateway share. */
export class Expediter {
  #busy = false;

  /** Hurries a producer, unless another one is being hurried. */
  expedite(producer: { hurry(): Promise<unknown> }): void {
    if (this.#busy) return;
    this.#busy = true;
    void producer.hurry().finally(() => this.#busy = false);
  }
}
