/**
 * What the gateway has of Kafka as one principal: producers, consumers, groups, readers and what they have learnt of the
 * cluster. Principals share none of it, so that Kafka's own rights and quotas apply to each.
 *
 * @module
 */

import type { ServerSettings } from "../config/schema.ts";
import type { Timeouts } from "../config/timeouts.ts";
import { ServerShutdown } from "../commands/core/command_error.ts";
import { ConsumerOwner } from "../groups/consumer_owner.ts";
import type { EmbeddedGroups } from "../groups/embedded_groups.ts";
import { ProcessingLists } from "../groups/processing_lists.ts";
import { StreamGroups } from "../groups/stream_groups.ts";
import { KafkaError } from "../kafka/client/error.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { Producers } from "../kafka/producer/producers.ts";
import { Streams } from "../streams/streams.ts";
import { TopicFeeds } from "../pubsub/topic_feeds.ts";
import type { KafkaEvents } from "../telemetry/kafka_events.ts";
import type { MessageCounters } from "../telemetry/message_counters.ts";
import { NameRegistry } from "./name_registry.ts";

/** Kafka with a login. */
export interface OpenCluster {
  /** Makes clients with the login. */
  readonly cluster: Cluster;
  /** What happens to them. */
  readonly events: Pick<KafkaEvents, "close">;
}

/** What principals of a gateway have in common. */
export interface PrincipalParts {
  /** The section `server` of the configuration. */
  readonly settings: ServerSettings;
  /** Timeouts that have no setting. */
  readonly timeouts: Timeouts;
  /** Counts messages of groups. */
  readonly counters: MessageCounters;
  /** What the embedded Kafka does not tell. */
  readonly embeddedGroups: EmbeddedGroups;
}

/** One principal. */
export class Principal {
  /** The name of its first user; undefined for the gateway's own. */
  readonly name: string | undefined;
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
  /** Lists of what workers work on. */
  readonly processing = new ProcessingLists();
  /** Names of consuming connections, each a member of a group. */
  readonly names: NameRegistry;
  readonly #parts: PrincipalParts;
  readonly #events: OpenCluster["events"];
  #topics: readonly string[] = [];
  #connections = 0;
  #usedAtMs = performance.now();

  /** Owns the cluster. */
  constructor(name: string | undefined, { cluster, events }: OpenCluster, parts: PrincipalParts) {
    const { settings } = parts;
    this.name = name;
    this.cluster = cluster;
    this.#events = events;
    this.#parts = parts;
    const options = {
      idleMs: settings.producerIdleMs,
      maxIdle: settings.producerPool,
      maxDraining: settings.maxDrainingProducers,
      maxDrainingBytes: settings.maxDrainingBytes,
    };
    const shared = settings.producerMode === "shared";
    this.producers = cluster.newProducers({ ...options, shared });
    this.durableProducers = cluster.newProducers({ ...options, shared: true, durable: true });
    this.names = new NameRegistry(parts.timeouts.nameHolderMs);
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
      counters: parts.counters,
      embedded: parts.embeddedGroups,
      readAgain: (topic, places) => this.streams.messagesAt(topic, places),
    });
  }

  /** A connection acts as it from now on. */
  enter(): void {
    this.#connections++;
  }

  /** A connection does not act as it any more. */
  leave(): void {
    this.#connections--;
    this.#usedAtMs = performance.now();
  }

  /** Number of connections that act as it. */
  get connections(): number {
    return this.#connections;
  }

  /**
   * Since when nobody has used it, in milliseconds; 0 while a connection does, messages are on their way, or consumers
   * leave.
   *
   * @param needsGroups whether groups that wait for their workers are a use
   */
  idleMs(needsGroups: boolean): number {
    const isUsed = this.#connections > 0 || this.outstanding > 0 ||
      this.cluster.departures.count > 0 || needsGroups && this.groups.live.length > 0;
    if (isUsed) this.#usedAtMs = performance.now();
    return performance.now() - this.#usedAtMs;
  }

  /** Number of outstanding messages, with those of closed connections. */
  get outstanding(): number {
    return this.producers.outstanding + this.durableProducers.outstanding;
  }

  /** Number of topics that are counted; of the last known ones when Kafka does not answer soon, 0 if it never did. */
  async countTopics(isCounted: (topic: string) => boolean): Promise<number> {
    try {
      this.#topics = await this.cluster.topicNamesWithin(this.#parts.timeouts.countTopicsMs);
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

  /** Ends what nobody uses any more. */
  async retire(): Promise<void> {
    const { settings: { flushTimeoutMs }, timeouts: { shutdown } } = this.#parts;
    await this.leaveGroups(shutdown.leaveGroupsMs);
    await this.closeClients(0, new ServerShutdown(flushTimeoutMs));
    await this.close();
  }

  /** Closes the cluster, whose clients are closed. */
  async close(): Promise<void> {
    await this.cluster.close();
    this.closeSummaries();
  }

  /** Logs the pending summaries. */
  closeSummaries(): void {
    this.#events.close();
  }
}
