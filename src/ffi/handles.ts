/**
 * Counts open native handles by C type. Each handle has one owner that opens and closes it; the count shows tests, and
 * the exit of the program, a handle that was not closed.
 *
 * @module
 */

/** C types that have an owner in `src/kafka` or here. */
export type HandleType =
  | "rd_kafka_t"
  | "rd_kafka_topic_t"
  | "rd_kafka_queue_t"
  | "rd_kafka_topic_partition_list_t"
  | "rd_kafka_mock_cluster_t"
  | "SSL_CTX"
  | "SSL"
  | "wake-up channel";

/** Kinds of `rd_kafka_t`; a reader is a consumer without a group. */
export type ClientKind = "consumer" | "producer" | "reader";

/** Numbers of open handles by type. */
export class HandleCount {
  readonly #open = new Map<HandleType, number>();
  /** Number of clients that librdkafka is destroying: their handles are closed, their threads may live for long. */
  ending = 0;
  /** Number of clients that have threads, including those that librdkafka is destroying. */
  readonly clients: Record<ClientKind, number> = { consumer: 0, producer: 0, reader: 0 };

  /** Counts a new handle. */
  opened(type: HandleType): void {
    this.#open.set(type, (this.#open.get(type) ?? 0) + 1);
  }

  /**
   * Counts a destroyed handle.
   *
   * @throws {Error} when none of this type is open
   */
  closed(type: HandleType): void {
    const left = (this.#open.get(type) ?? 0) - 1;
    if (left < 0) throw new Error(`Cannot close a ${type}: none is open`);
    if (left === 0) this.#open.delete(type);
    else this.#open.set(type, left);
  }

  /** Number of open handles of all types. */
  get count(): number {
    return [...this.#open.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Number of open handles by type; only types with open handles. */
  get open(): Record<string, number> {
    return Object.fromEntries(this.#open);
  }
}
