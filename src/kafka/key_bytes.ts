/**
 * @module
 * What the keys of a producer's messages take. librdkafka counts only values against `queue.buffering.max.kbytes`, so
 * that small values with large keys would fill the memory while Kafka is away.
 */

/**
 * An upper bound, so that no delivery report has to be read for it: neither more than all keys since nothing was under
 * way, nor more than the largest of them for each message that is. It falls with each message that is settled, so
 * that nobody who waits for room waits for ever.
 */
export class KeyBytes {
  #sum = 0;
  #largest = 0;

  /** A message with a key of so many bytes was taken; with it so many `messages` are under way. */
  taken(bytes: number, messages: number): void {
    if (messages === 1) this.#sum = this.#largest = 0;
    this.#sum += bytes;
    if (bytes > this.#largest) this.#largest = bytes;
  }

  /** What the keys take at most while so many messages are under way. */
  atMost(messages: number): number {
    return Math.min(this.#sum, messages * this.#largest);
  }
}
