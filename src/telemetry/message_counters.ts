/**
 * Counters of messages, behind `HGETALL stats` and INFO kafka.
 *
 * @module
 */

import type { DeliveryFailure } from "../kafka/client/observer.ts";
import { CounterFamily } from "./counter_family.ts";
import { DurationHistogram } from "./duration_histogram.ts";
import type { Counter, MetricNames, MetricRegistry } from "./metrics.ts";

/** From 0.26 milliseconds to 268 seconds. */
const DELIVERY_TIMES = { from: 8, to: 28 };

/** Failed messages of a topic with the same error. */
export interface ErrorCount {
  /** Name of the topic. */
  readonly topic: string;
  /** Name of the error, e.g. `_MSG_TIMED_OUT`. */
  readonly error: string;
  /** The principal that they were produced as; undefined for the gateway's own. */
  readonly principal: string | undefined;
  /** Number of messages. */
  readonly count: number;
}

/** Counters since start-up or `DEL stats`. The first three are those of the first Rafka, in its order. */
export class MessageCounters {
  /** The counters that `DEL stats` resets. */
  readonly #counters: (Counter | CounterFamily)[] = [];
  readonly #registry: MetricRegistry;
  readonly #unflushed: Counter;
  readonly #deliveryErrors: Counter;
  /** Events of librdkafka of an unknown type. */
  readonly unknownEvents: Counter;
  /** Messages accepted by librdkafka, by topic. */
  readonly produced: CounterFamily;
  /** Messages acknowledged by Kafka, by topic. */
  readonly delivered: CounterFamily;
  /** Messages in written replies, by group and topic. */
  readonly consumed: CounterFamily;
  /** Messages acked by clients, by group and topic. */
  readonly acked: CounterFamily;
  /** Messages in replies that could not be written. */
  readonly unread: Counter;
  /** Messages deleted by Kafka before they were delivered to a client. */
  readonly skipped: Counter;
  /** Entries of stream groups that were delivered again, by group and topic. */
  readonly redelivered: CounterFamily;
  /** Pending entries of stream groups that went to another member, or that Kafka has deleted. */
  readonly lostPending: Counter;
  /**
   * Acks of messages whose partition another member of the group has, or whose group is not in use here, by group and
   * topic.
   */
  readonly refusedAcks: CounterFamily;
  /** Failed messages that RAFKA ERRORS does not list, or no longer lists. */
  readonly errorsDropped: Counter;
  /** Rebalances that consumers have answered, by group. */
  readonly rebalances: CounterFamily;
  /** Commits that Kafka has refused, by group. */
  readonly commitFailures: CounterFamily;
  /** Partitions that began again since their topic was deleted and created again, by group and topic. */
  readonly recreatedPartitions: CounterFamily;
  /** Time from taking a message to its delivery. */
  readonly deliveryTime: DurationHistogram;
  /** Messages that were not delivered, by topic and error. */
  readonly failedByTopic: CounterFamily;

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
    this.produced = this.#family(
      ["topic"],
      "producer_produced_messages",
      "Messages that librdkafka has taken",
      "producer.produced.messages",
      "produced",
    );
    this.delivered = this.#family(
      ["topic"],
      "producer_delivered_messages",
      "Messages that Kafka has acknowledged",
      "producer.delivered.messages",
      "delivered",
    );
    this.deliveryTime = registry.add(
      new DurationHistogram({
        metric: "rafka_producer_delivery_duration_seconds",
        help:
          "Time from taking a message to its delivery; that of the first message of a batch counts for all of it",
      }, DELIVERY_TIMES),
    );
    this.consumed = this.#family(
      ["group", "topic"],
      "consumer_consumed_messages",
      "Messages in replies that were written",
      "consumer.consumed.messages",
      "consumed",
    );
    this.acked = this.#family(
      ["group", "topic"],
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
    this.redelivered = this.#family(
      ["group", "topic"],
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
    this.refusedAcks = this.#family(
      ["group", "topic"],
      "consumer_refused_acks",
      "Acks of messages that another member of the group has, or that were not delivered here",
      "consumer.stray.acks",
      "stray_acks",
    );
    this.errorsDropped = this.#counter(
      "producer_errors_dropped",
      "Failed messages that RAFKA ERRORS does not list",
      "producer.errors.dropped",
      "errors_dropped",
    );
    this.rebalances = registry.add(
      new CounterFamily({
        metric: "rafka_consumer_rebalances_total",
        help: "Rebalances that gave partitions to a consumer or took some",
        labelNames: ["group"],
      }),
    );
    this.commitFailures = registry.add(
      new CounterFamily({
        metric: "rafka_consumer_commit_failures_total",
        help: "Commits that Kafka has refused",
        labelNames: ["group"],
      }),
    );
    this.recreatedPartitions = registry.add(
      new CounterFamily({
        metric: "rafka_consumer_recreated_partitions_total",
        help: "Partitions that began again, since their topic was deleted and created again",
        labelNames: ["group", "topic"],
      }),
    );
    this.failedByTopic = registry.add(
      new CounterFamily({
        metric: "rafka_producer_failed_messages_total",
        help: "Messages that were not delivered, by topic, error, and principal if it is a user's",
        labelNames: ["topic", "error", "principal"],
        stat: "producer.errors",
        statByLabel: true,
      }),
    );
    this.#counters.push(this.failedByTopic);
  }

  /** Counts messages that Kafka rejected or did not acknowledge in time. */
  deliveryFailed(
    { topic, error, count, unflushed }: DeliveryFailure,
    principal?: string | undefined,
  ): void {
    (unflushed ? this.#unflushed : this.#deliveryErrors).total += count;
    this.failedByTopic.of(topic, error.codeName, principal).total += count;
  }

  /** Failed messages by topic and error, in the order of their first occurrence. */
  get errorCounts(): readonly ErrorCount[] {
    return this.failedByTopic.samples().filter(({ value }) => value > 0)
      .map(({ labels: { topic, error, principal }, value }) => ({
        topic: topic!,
        error: error!,
        principal,
        count: value,
      }));
  }

  /** Sets all counters to 0. */
  reset(): void {
    for (const counter of this.#counters) counter.reset();
  }

  #counter(metric: string, help: string, stat: string, field?: string): Counter {
    const counter = this.#registry.counter(namesOf(metric, help, stat, field));
    this.#counters.push(counter);
    return counter;
  }

  #family(
    labelNames: readonly string[],
    metric: string,
    help: string,
    stat: string,
    field: string,
  ): CounterFamily {
    const names = { ...namesOf(metric, help, stat, field), labelNames };
    const family = this.#registry.add(new CounterFamily(names));
    this.#counters.push(family);
    return family;
  }
}

function namesOf(metric: string, help: string, stat: string, field?: string): MetricNames {
  return {
    metric: `rafka_${metric}_total`,
    help,
    stat,
    ...(field !== undefined && { info: ["kafka", field] as const }),
  };
}
