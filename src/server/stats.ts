/**
 * @module
 * The counters behind `HGETALL stats`. One object for the gateway, handed to whoever counts.
 */

import type { StatsView } from "../commands/context.ts";

/** Counters since the start, or since `DEL stats`. */
export class Stats implements StatsView {
  #unflushed = 0;
  #deliveryErrors = 0;
  #unknownEvents = 0;
  #produced = 0;
  #delivered = 0;
  #consumed = 0;
  #acked = 0;
  #unread = 0;

  /** Messages that were still undelivered when their connection's time to flush was over. */
  unflushed(count: number): void {
    this.#unflushed += count;
  }

  /** Messages that Kafka did not take. */
  deliveryFailed(count: number): void {
    this.#deliveryErrors += count;
  }

  /** Events of librdkafka that nobody knows what to do with. */
  unknownEvent(): void {
    this.#unknownEvents++;
  }

  /** Messages were handed to librdkafka. */
  produced(count: number): void {
    this.#produced += count;
  }

  /** Messages that Kafka has acknowledged. */
  delivered(count: number): void {
    this.#delivered += count;
  }

  /** Messages were handed out. */
  consumed(count: number): void {
    this.#consumed += count;
  }

  /** Messages were taken for a client that was gone before it could read them. */
  unread(count: number): void {
    this.#unread += count;
  }

  /** A message was acked by a client. */
  acked(): void {
    this.#acked++;
  }

  /** The first three as the first Rafka had them, in its order. */
  entries(): [name: string, value: number][] {
    return [
      ["producer.unflushed.messages", this.#unflushed],
      ["producer.delivery.errors", this.#deliveryErrors],
      ["producer.unknown.events", this.#unknownEvents],
      ["producer.produced.messages", this.#produced],
      ["producer.delivered.messages", this.#delivered],
      ["consumer.consumed.messages", this.#consumed],
      ["consumer.acked.messages", this.#acked],
      ["consumer.unread.messages", this.#unread],
    ];
  }

  /** Sets all of them to 0. */
  reset(): void {
    this.#unflushed = 0;
    this.#deliveryErrors = 0;
    this.#unknownEvents = 0;
    this.#produced = 0;
    this.#delivered = 0;
    this.#consumed = 0;
    this.#acked = 0;
    this.#unread = 0;
  }
}
