/**
 * Counts the native handles that are open, by C type. Each handle has one owner that opens and closes it;
 * the count is how tests (and the exit of the program) see one that was forgotten.
 *
 * @module
 */

/** The C types that have an owner in `src/kafka`. */
export type HandleType =
  | "rd_kafka_t"
  | "rd_kafka_topic_t"
  | "rd_kafka_queue_t"
  | "rd_kafka_topic_partition_list_t"
  | "rd_kafka_mock_cluster_t"
  | "wake-up channel";

/** Kinds of `rd_kafka_t`. */
export type ClientKind = "consumer" | "producer";

/** How many handles of each type are open. */
export class HandleCount {
  readonly #open = new Map<HandleType, number>();
  /** How many clients librdkafka is destroying: their handles are closed, its threads may go on for long. */
  ending = 0;
  /** How many clients have threads, those that librdkafka is destroying, too. */
  readonly clients: Record<ClientKind, number> = { consumer: 0, producer: 0 };

  /** A handle was made. */
  opened(type: HandleType): void {
    this.#open.set(type, (this.#open.get(type) ?? 0) + 1);
  }

  /**
   * A handle was destroyed.
   *
   * @throws {Error} when none of this type is open
   */
  closed(type: HandleType): void {
    const left = (this.#open.get(type) ?? 0) - 1;
    if (left < 0) throw new Error(`Cannot close a ${type}: none is open`);
    if (left === 0) this.#open.delete(type);
    else this.#open.set(type, left);
  }

  /** How many are open, of whatever type. */
  get count(): number {
    return [...this.#open.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Type and count of what is open; empty when nothing is. */
  get open(): Record<string, number> {
    return Object.fromEntries(this.#open);
  }
}
