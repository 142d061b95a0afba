/**
 * @module
 * The topics that a producer has produced to, as librdkafka wants them named.
 */

import type { Library } from "../ffi/library.ts";
import { toCString } from "../ffi/memory.ts";
import { kafkaError } from "./error.ts";

/** Owns an `rd_kafka_topic_t` for each topic. */
export class TopicHandles {
  readonly #library: Library;
  readonly #client: Deno.PointerValue;
  readonly #handles = new Map<string, Deno.PointerValue>();

  /** Those of the `rd_kafka_t` at `client`, which must outlive them. */
  constructor(library: Library, client: Deno.PointerValue) {
    this.#library = library;
    this.#client = client;
  }

  /**
   * The `rd_kafka_topic_t` of a topic; borrowed.
   *
   * @throws {KafkaError} when librdkafka refuses it
   */
  get(name: string): Deno.PointerValue {
    const known = this.#handles.get(name);
    if (known !== undefined) return known;
    const { symbols, handles } = this.#library;
    const rkt = symbols.rd_kafka_topic_new(this.#client, toCString(name), null);
    if (rkt === null) throw kafkaError(this.#library, symbols.rd_kafka_last_error());
    handles.opened("rd_kafka_topic_t");
    this.#handles.set(name, rkt);
    return rkt;
  }

  /** Destroys all of them. */
  close(): void {
    const { symbols, handles } = this.#library;
    for (const rkt of this.#handles.values()) {
      symbols.rd_kafka_topic_destroy(rkt);
      handles.closed("rd_kafka_topic_t");
    }
    this.#handles.clear();
  }
}
