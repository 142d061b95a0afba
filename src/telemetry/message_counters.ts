/**
 * Counters of messages, behind `HGETALL stats` and INFO kafka.
 *
 * @module
 */

import type { DeliveryFailure } from "../kafka/client/observer.ts";
import { type ErrorCount, ErrorCounts } from "./error_counts.ts";
import type { Counter, MetricRegistry } from "./metrics.ts";

/** Counters since start-up or `DEL stats`. The first three are those of the first Rafka, in its order. */
export class MessageCounters {
  /** The counters that `DEL stats` resets. */
  readonly #counters: (Counter | ErrorCounts)[] = [];
  readonly #registry: MetricRegistry;
  readonly #unflushed: Counter;
  readonly #deliveryErrors: Counter;
  /** Events of librdkafka of an unknown type. */
  readonly unknownEvents: Counter;
  /** Messages accepted by librdkafka. */
  readonly produced: Counter;
  /** Messages acknowledged by Kafka. */
  readonly delivered: Counter;
  /** Messages in written replies. */
  readonly consumed: Counter;
  /** Messages acked by clients. */
  readonly acked: Counter;
  /** Messages in replies that could not be written. */
  readonly unread: Counter;
  /** Messages deleted by Kafka before they were delivered to a client. */
  readonly skipped: Counter;
  /** Entries of stream groups that were delivered again. */
  readonly redelivered: Counter;
  /** Pending entries of stream groups that went to another member, or that Kafka has deleted. */
  readonly lostPending: Counter;
  /** Acks of entries whose partition another member of the group has, or whose group is not in use here. */
  readonly strayAcks: Counter;
  /** Failed messages that RAFKA ERRORS does not list, or no longer lists. */
  readonly errorsDropped: Counter;
  readonly #errorCounts: ErrorCounts;

  /** Registers the counters. */
  constructor(registry: MetricRegistry) {
    this.#registry = registry;
    this.#unflushed = this.#counter(
      "producer_unflushed",
      "Messages given up at the end of their producer",
      "producer.unflushed.messages",
      "unflushed",
    );
    this.#deliveryErrors = this.#counter(
      "producer_delivery_errors",
      "Messages that were not delivered",
      "producer.delivery.errors",
      "failed",
    );
    this.unknownEvents = this.#counter(
      "producer_unknown_events",
      "Events of librdkafka of an unknown type",
      "producer.unknown.events",
    );
    this.produced = this.#counter(
      "producer_produced_messages",
      "Messages that librdkafka has taken",
      "producer.produced.messages",
      "produced",
    );
    this.delivered = this.#counter(
      "producer_delivered_messages",
      "Messages that Kafka has acknowledged",
      "producer.delivered.messages",
      "delivered",
    );
    this.consumed = this.#counter(
      "consumer_consumed_messages",
      "Messages in replies that were written",
      "consumer.consumed.messages",
      "consumed",
    );
    this.acked = this.#counter(
      "consumer_acked_messages",
      "Messages that clients have acked",
      "consumer.acked.messages",
      "acked",
    );
    this.unread = this.#counter(
      "consumer_unread_messages",
      "Messages in replies that could not be written any more",
      "consumer.unread.messages",
      "unread",
    );
    this.skipped = this.#counter(
      "consumer_skipped_messages",
      "Messages that Kafka had deleted before they were delivered to a client",
      "consumer.skipped.messages",
      "skipped",
    );
    this.redelivered = this.#counter(
      "consumer_redelivered_messages",
      "Entries of stream groups that were delivered again",
      "consumer.redelivered.messages",
      "redelivered",
    );
    this.lostPending = this.#counter(
      "consumer_lost_pending_messages",
      "Pending entries of stream groups that went to another member of the group, or that Kafka has deleted",
      "consumer.lost.pending",
      "lost_pending",
    );
    this.strayAcks = this.#counter(
      "consumer_stray_acks",
      "Acks of entries that another member of the stream group has, or whose group is not in use here",
      "consumer.stray.acks",
      "stray_acks",
    );
    this.errorsDropped = this.#counter(
      "producer_errors_dropped",
      "Failed messages that RAFKA ERRORS does not list",
      "producer.errors.dropped",
      "errors_dropped",
    );
    this.#errorCounts = registry.add(
      new ErrorCounts({
        metric: "rafka_producer_failed_messages_total",
        help: "Messages that were not delivered, by topic and error",
        labelNames: ["topic", "error"],
        stat: "producer.errors",
      }),
    );
    this.#counters.push(this.#errorCounts);
  }

  /** Counts messages that Kafka rejected or did not acknowledge in time. */
  deliveryFailed(
    { topic, error, count, unflushed }: DeliveryFailure,
    principal?: string | undefined,
  ): void {
    (unflushed ? this.#unflushed : this.#deliveryErrors).total += count;
    this.#errorCounts.add({ topic, error: error.codeName, principal }, count);
  }

  /** Failed messages by topic and error, in the order of their first occurrence. */
  get errorCounts(): readonly ErrorCount[] {
    return this.#errorCounts.entries();
  }

  /** Sets all counters to 0. */
  reset(): void {
    for (const counter of this.#counters) counter.reset();
  }

  #counter(metric: string, help: string, stat: string, field?: string): Counter {
    const counter = this.#registry.counter({
      metric: `rafka_${metric}_total`,
      help,
      stat,
      ...(field !== undefined && { info: ["kafka", field] as const }),
    });
    this.#counters.push(counter);
    return counter;
  }
}
