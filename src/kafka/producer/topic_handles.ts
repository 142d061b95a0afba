/**
 * Handles of the topics that a producer produces to.
 *
 * @module
 */

import { ERR__INVALID_ARG } from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { toCString } from "../../ffi/memory.ts";
import { type KafkaError, kafkaError } from "../client/error.ts";

/**
 * librdkafka frees a topic only together with its producer (rd_kafka_topic_partitions_remove), and searches a list of
 * all, for each of them when metadata arrives, under a lock that rd_kafka_produce needs. With so many topics a call
 * waits up to 0.15 s for it, with 5,000 half a second, with 15,000 several.
 */
const MAX_TOPICS = 4_000;
/** Maximum for one user of a shared producer, to leave some to the others. */
const MAX_TOPICS_OF_A_USER = 1_000;

/** Owns an `rd_kafka_topic_t` for each topic. */
export class TopicHandles {
  readonly #library: Library;
  readonly #client: Deno.PointerValue;
  readonly #handles = new Map<string, Deno.PointerValue>();
  /** Number of topics that each user has added; undefined where there is one user. */
  readonly #brought: number[] | undefined;

  /** Handles of the `rd_kafka_t` at `client`, which must outlive them. */
  constructor(library: Library, client: Deno.PointerValue, { shared }: { shared: boolean }) {
    this.#library = library;
    this.#client = client;
    this.#brought = shared ? [] : undefined;
  }

  /** Number of topics. */
  get count(): number {
    return this.#handles.size;
  }

  /** No more topics can be added. */
  get isFull(): boolean {
    return this.count >= MAX_TOPICS;
  }

  /** Whether this user cannot add this topic. */
  isFullFor(name: string, user: number): boolean {
    return !this.#handles.has(name) && (this.isFull || this.#hasBroughtItsShare(user));
  }

  /** Begins to count for a new user. */
  admit(user: number): void {
    if (this.#brought) this.#brought[user] = 0;
  }

  /**
   * The `rd_kafka_topic_t` of a topic; borrowed.
   *
   * @throws {KafkaError} when librdkafka refuses it, or there are too many
   */
  get(name: string, user: number): Deno.PointerValue {
    const known = this.#handles.get(name);
    if (known !== undefined) return known;
    if (this.isFull) throw this.#tooMany(name, `a producer writes to ${MAX_TOPICS}`);
    if (this.#hasBroughtItsShare(user)) {
      throw this.#tooMany(name, `a connection brings ${MAX_TOPICS_OF_A_USER} to a shared producer`);
    }
    const { symbols, handles } = this.#library;
    const rkt = symbols.rd_kafka_topic_new(this.#client, toCString(name), null);
    if (rkt === null) throw kafkaError(this.#library, symbols.rd_kafka_last_error());
    handles.opened("rd_kafka_topic_t");
    this.#handles.set(name, rkt);
    if (this.#brought) this.#brought[user]!++;
    return rkt;
  }

  #hasBroughtItsShare(user: number): boolean {
    return this.#brought !== undefined && this.#brought[user]! >= MAX_TOPICS_OF_A_USER;
  }

  #tooMany(name: string, limit: string): KafkaError {
    const message = `Not to ${name}: ${limit} topics at most`;
    return kafkaError(this.#library, ERR__INVALID_ARG, { message });
  }

  /** Destroys all handles. */
  close(): void {
    const { symbols, handles } = this.#library;
    for (const rkt of this.#handles.values()) {
      symbols.rd_kafka_topic_destroy(rkt);
      handles.closed("rd_kafka_topic_t");
    }
    this.#handles.clear();
  }
}
