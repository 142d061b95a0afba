/**
 * What the messages of a producer take that are neither delivered nor failed, or their keys alone: librdkafka counts
 * only values against `queue.buffering.max.kbytes`, and reads out none of its counts.
 *
 * @module
 */

/**
 * An upper bound, so that no delivery report has to be read for it: neither more than everything since nothing was
 * outstanding, nor more than the largest of them for each message that is. It falls with each message that is
 * settled, so that a wait for room ends.
 */
export class BytesBound {
  #sum = 0;
  #largest = 0;

  /** So many bytes were taken; with them so many `messages` are outstanding. */
  taken(bytes: number, messages: number): void {
    if (messages === 1) this.#sum = this.#largest = 0;
    this.#sum += bytes;
    if (bytes > this.#largest) this.#largest = bytes;
  }

  /** What is taken at most while so many messages are outstanding. */
  atMost(messages: number): number {
    return Math.min(this.#sum, messages * this.#largest);
  }
}
