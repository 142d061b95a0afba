/**
 * @module
 * The counters behind `HGETALL stats`. One object for the gateway, handed to whoever counts.
 */

import type { StatsView } from "../commands/core/context.ts";
import type { ErrorCount } from "./failed_entry.ts";
import type { DeliveryFailure } from "../kafka/client/observer.ts";
import { ErrorCounts } from "./error_counts.ts";

/** Counters since the start, or since `DEL stats`. */
export class Stats implements StatsView {
  #unflushed = 0;
  #deliveryErrors = 0;
  readonly #errorCounts = new ErrorCounts();
  #droppedErrors = 0;
  #unknownEvents = 0;
  #produced = 0;
  #delivered = 0;
  #consumed = 0;
  #acked = 0;
  #unread = 0;
  #skipped = 0;

  /** Messages that Kafka did not take, or not in time. */
  deliveryFailed({ topic, error, count, unflushed }: DeliveryFailure): void {
    if (unflushed) this.#unflushed += count;
    else this.#deliveryErrors += count;
    this.#errorCounts.add(topic, error.codeName, count);
  }

  /** Messages that were not delivered, and that RAFKA ERRORS does not list, or no longer. */
  errorsDropped(count: number): void {
    this.#droppedErrors += count;
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

  /** Messages that Kafka had deleted before they were handed out. */
  skipped(count: number): void {
    this.#skipped += count;
  }

  /** A message was acked by a client. */
  acked(): void {
    this.#acked++;
  }

  get errorCounts(): readonly ErrorCount[] {
    return this.#errorCounts.entries();
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
      ["consumer.skipped.messages", this.#skipped],
      ["producer.errors.dropped", this.#droppedErrors],
      ...this.errorCounts.map(({ topic, error, count }): [string, number] => [
        `producer.errors:${topic}:${error}`,
        count,
      ]),
    ];
  }

  /** Sets all of them to 0. */
  reset(): void {
    this.#unflushed = 0;
    this.#deliveryErrors = 0;
    this.#errorCounts.reset();
    this.#droppedErrors = 0;
    this.#unknownEvents = 0;
    this.#produced = 0;
    this.#delivered = 0;
    this.#consumed = 0;
    this.#acked = 0;
    this.#unread = 0;
    this.#skipped = 0;
  }
}
