/**
 * What the gateway has of Kafka as one principal: producers, consumers, groups, readers and what they have learnt of the
 * cluster. Principals share none of it, so that Kafka's own rights and quotas apply to each.
 *
 * @module
 */

import type { ServerSettings } from "../config/schema.ts";
import type { Timeouts } from "../config/timeouts.ts";
import { ConsumerOwner } from "../groups/consumer_owner.ts";
import { StreamGroups } from "../groups/stream_groups.ts";
import { KafkaError } from "../kafka/client/error.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { Producers } from "../kafka/producer/producers.ts";
import { Streams } from "../streams/streams.ts";
import { TopicFeeds } from "../pubsub/topic_feeds.ts";
import type { MessageCounters } from "../telemetry/message_counters.ts";

/** What principals of a gateway have in common. */
export interface PrincipalParts {
  /** The section `server` of the configuration. */
  readonly settings: ServerSettings;
  /** Timeouts that have no setting. */
  readonly timeouts: Timeouts;
  /** Counts messages of groups. */
  readonly counters: MessageCounters;
}

/** One principal. */
export class Principal {
  /** Kafka with its login. */
  readonly cluster: Cluster;
  /** Producers, leased by connections. */
  readonly producers: Producers;
  /** One for messages whose delivery is the reply. */
  readonly durableProducers: Producers;
  /** Topics as streams, without groups. */
  readonly streams: Streams;
  /** Topics as channels. */
  readonly feeds: TopicFeeds;
  /** Makes all consumers, and makes them leave. */
  readonly consumers: ConsumerOwner;
  /** Consumer groups of streams. */
  readonly groups: StreamGroups;
  readonly #countTopicsMs: number;
  #topics: readonly string[] = [];

  /** Makes no client of Kafka yet. */
  constructor(cluster: Cluster, { settings, timeouts, counters }: PrincipalParts) {
    this.cluster = cluster;
    this.#countTopicsMs = timeouts.countTopicsMs;
    const options = {
      idleMs: settings.producerIdleMs,
      maxIdle: settings.producerPool,
      maxDraining: settings.maxDrainingProducers,
      maxDrainingBytes: settings.maxDrainingBytes,
    };
    const shared = settings.producerMode === "shared";
    this.producers = cluster.newProducers({ ...options, shared });
    this.durableProducers = cluster.newProducers({ ...options, shared: true, durable: true });
    this.streams = new Streams(cluster, settings.streams);
    const { streams: { maxReaders: maxFeeds }, internalTopics } = settings;
    this.feeds = new TopicFeeds({
      reading: (topic, from, connectionId) => this.streams.reading(topic, from, connectionId),
      topicNames: () => cluster.topicNames(),
    }, { maxFeeds, internalTopics });
    this.consumers = new ConsumerOwner(cluster, settings.streams);
    this.groups = new StreamGroups({
      cluster,
      consumers: this.consumers,
      settings: settings.streams,
      counters,
      readAgain: (topic, places) => this.streams.messagesAt(topic, places),
    });
  }

  /** Number of outstanding messages, with those of closed connections. */
  get outstanding(): number {
    return this.producers.outstanding + this.durableProducers.outstanding;
  }

  /** Number of topics that are counted; of the last known ones when Kafka does not answer soon, 0 if it never did. */
  async countTopics(isCounted: (topic: string) => boolean): Promise<number> {
    try {
      this.#topics = await this.cluster.topicNamesWithin(this.#countTopicsMs);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
    }
    return this.#topics.filter(isCounted).length;
  }

  /** Consumers and groups commit and leave, within `timeoutMs`. */
  async leaveGroups(timeoutMs: number): Promise<void> {
    await Promise.all([
      this.cluster.departures.end(timeoutMs),
      this.groups.close(AbortSignal.timeout(timeoutMs)),
    ]);
  }

  /** Closes producers and readers; outstanding messages have `timeoutMs`. What is being read fails with `reason`. */
  async closeClients(timeoutMs: number, reason: Error): Promise<void> {
    this.feeds.close();
    const all = [this.producers, this.durableProducers];
    await Promise.all([
      ...all.map((producers) => producers.close(timeoutMs)),
      this.streams.close(reason),
    ]);
  }
}
