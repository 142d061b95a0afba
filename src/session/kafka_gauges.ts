/**
 * Gauges of Kafka as the gateway sees it: brokers, partitions of its consumers, how far behind their groups are. Only
 * Prometheus gets them.
 *
 * @module
 */

import type { ConsumedPartition } from "../groups/consumed_partitions.ts";
import type { LagWatch } from "../groups/lag_watch.ts";
import type { BrokerState } from "../kafka/client/broker_statistics.ts";
import { CounterFamily, OTHER } from "../telemetry/counter_family.ts";
import type { Metric, Sample } from "../telemetry/metrics.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Principals } from "./principals.ts";

/** Partitions whose lag is told apart. */
const MAX_LAGS = 2_000;

/** Sources of the gauges. */
export interface KafkaGaugeSources {
  /** Has the registry. */
  readonly telemetry: Telemetry;
  /** Kafka's clients. */
  readonly principals: Principals;
  /** The partitions of all consumers. */
  readonly consumedPartitions: readonly ConsumedPartition[];
  /** How far behind their groups are. */
  readonly lagWatch: LagWatch;
}

/** Registers the gauges in the registry of `sources`. */
export function registerKafkaGauges(sources: KafkaGaugeSources): void {
  const { telemetry: { registry }, principals: { own: { cluster } } } = sources;
  registry.gauge(
    {
      metric: "rafka_kafka_up",
      help: "1 when Kafka was reached and, as far as is known, answers",
    },
    () => Number(!cluster.bootstrap.isWaiting && cluster.outage.sinceMs === undefined),
  );
  const brokers = (
    name: string,
    help: string,
    read: (broker: BrokerState) => number | undefined,
  ): void => void registry.add(brokerGauge(() => cluster.brokers, name, help, read));
  brokers(
    "up",
    "1 when one of the gateway's own clients is connected to the broker",
    ({ up }) => up === undefined ? undefined : Number(up),
  );
  brokers(
    "round_trip_seconds",
    "Mean time from a request to the response of the broker",
    ({ roundTripSeconds }) => roundTripSeconds,
  );
  brokers(
    "throttle_seconds",
    "Mean time that the broker holds requests back for a quota",
    ({ throttleSeconds }) => throttleSeconds,
  );
  registry.add(assignedPartitions(sources));
  registry.add(lag(sources));
}

/** librdkafka's statistics are read when they are asked for; without an HTTP port it makes none. */
function brokerGauge(
  brokers: () => readonly BrokerState[],
  name: string,
  help: string,
  read: (broker: BrokerState) => number | undefined,
): Metric {
  return {
    names: { metric: `rafka_broker_${name}`, help, labelNames: ["broker"] },
    type: "gauge",
    samples: () =>
      brokers().flatMap((broker) => {
        const value = read(broker);
        const labels = { broker: String(broker.id) };
        return value === undefined ? [] : { labels, total: value, value };
      }),
  };
}

/** Counted when it is asked for. */
function assignedPartitions(sources: KafkaGaugeSources): Metric {
  const names = {
    metric: "rafka_consumer_assigned_partitions",
    help: "Partitions that consumers of this gateway have",
    labelNames: ["group", "topic"],
  };
  return {
    names,
    type: "gauge",
    samples(): Sample[] {
      const counts = new CounterFamily(names);
      for (const { group, topic } of sources.consumedPartitions) counts.of(group, topic).total++;
      return counts.samples();
    },
  };
}

/** As of the last look; beyond a bound the partitions are summed up. */
function lag({ lagWatch }: KafkaGaugeSources): Metric {
  return {
    names: {
      metric: "rafka_consumer_lag_messages",
      help:
        "Messages behind the committed offset, of partitions that consumers of this gateway have",
      labelNames: ["group", "topic", "partition"],
    },
    type: "gauge",
    samples(): Sample[] {
      const { latest } = lagWatch;
      const samples = latest.slice(0, MAX_LAGS).map(({ group, topic, partition, lag }) => ({
        labels: { group, topic, partition: String(partition) },
        total: lag,
        value: lag,
      }));
      if (latest.length <= MAX_LAGS) return samples;
      const rest = latest.slice(MAX_LAGS).reduce((sum, { lag }) => sum + lag, 0);
      const labels = { group: OTHER, topic: OTHER, partition: OTHER };
      return [...samples, { labels, total: rest, value: rest }];
    },
  };
}
