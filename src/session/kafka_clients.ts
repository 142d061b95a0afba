/**
 * The producers and the consumer of one connection, and the failures not yet reported to it. Neither outlives the
 * connection: the consumer leaves its group, the producers deliver their messages.
 *
 * @module
 */

import { ServerShutdown } from "../commands/core/command_error.ts";
import type { ClientView, KafkaView, NewConsumer } from "../commands/core/context.ts";
import type { Identity } from "../commands/core/identity.ts";
import { PoppedEntries } from "../groups/popped_entries.ts";
import { PendingMessages } from "../groups/pending_messages.ts";
import type { Consumer } from "../kafka/consumer/consumer.ts";
import type { ConsumerLimits } from "../kafka/consumer/consumer_limits.ts";
import type { ProducerLease } from "../kafka/producer/producer_lease.ts";
import type { Producers } from "../kafka/producer/producers.ts";
import type { TopicFeeds } from "../pubsub/topic_feeds.ts";
import type { ProcessingLists } from "../groups/processing_lists.ts";
import type { StreamGroups } from "../groups/stream_groups.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { Streams } from "../streams/streams.ts";
import type { NameRegistry } from "./name_registry.ts";
import type { Principal } from "./principal.ts";
import type { LabelledCounter } from "../telemetry/counter_family.ts";
import type { UserAccount } from "./user_account.ts";
import type { ServerState } from "./server_state.ts";

/** The client whose they are. */
export interface KafkaOwner
  extends Pick<ClientView, "connectionId" | "id" | "name" | "identity" | "user"> {
  /** What its user takes of the gateway. */
  readonly account: UserAccount | undefined;
}

/** The Kafka clients of one connection. */
export class KafkaClients implements KafkaView {
  readonly #server: ServerState;
  readonly #client: KafkaOwner;
  /** As whom the connection has used Kafka, until its user changes. */
  #principal: Principal | undefined;
  #ended = false;
  #producer: ProducerLease | undefined;
  #durableProducer: ProducerLease | undefined;
  #consumer: Consumer | undefined;
  #consumerClosed: Promise<void> | undefined;
  #popped: PoppedEntries | undefined;
  /** Messages in replies that are not written yet, with their counter. */
  #inReplies: { readonly counter: LabelledCounter; count: number }[] = [];
  /** Messages in replies since the last count. */
  #replied = 0;
  /** Of the user that the consumer counts for. */
  #consumerAccount: UserAccount | undefined;
  #refused = 0;
  #flushDeadlineMs = Infinity;

  /** Clients are created on first use. */
  constructor(server: ServerState, client: KafkaOwner) {
    this.#server = server;
    this.#client = client;
  }

  /** The principal of the user, from the first use on. */
  get #as(): Principal {
    if (this.#principal) return this.#principal;
    const principal = this.#server.principals.of(this.#client.user);
    if (this.#ended) return principal; // of a command that ends after its connection
    principal.enter();
    this.#principal = principal;
    return principal;
  }

  /** Names of consuming connections; a name is taken and released at the same registry. */
  get names(): NameRegistry {
    return this.#as.names;
  }

  get cluster(): Cluster {
    return this.#as.cluster;
  }

  get streams(): Streams {
    return this.#as.streams;
  }

  get feeds(): TopicFeeds {
    return this.#as.feeds;
  }

  get groups(): StreamGroups {
    return this.#as.groups;
  }

  get processing(): ProcessingLists {
    return this.#as.processing;
  }

  get popped(): PoppedEntries {
    const { connectionId } = this.#client;
    return this.#popped ??= new PoppedEntries(connectionId, this.#server.settings.lists.ack);
  }

  /** Number of pops in replies that are on their way. */
  get popsReplied(): number {
    return this.#popped?.replied ?? 0;
  }

  /** The reply of a command is on its way. */
  reply(): void {
    this.#popped?.reply();
  }

  ackPoppedAtEnd(): void {
    this.#popped?.ackAtEnd();
  }

  countTopics(isCounted: (topic: string) => boolean): Promise<number> {
    return this.#as.countTopics(isCounted);
  }

  openProducer(): ProducerLease {
    this.#producer ??= this.#lease(this.#as.producers);
    return this.#producer;
  }

  openDurableProducer(): ProducerLease {
    this.#durableProducer ??= this.#lease(this.#as.durableProducers);
    return this.#durableProducer;
  }

  #lease(producers: Producers): ProducerLease {
    const { name, identity } = this.#client;
    return producers.lease(identity?.clientId ?? name, this.#client);
  }

  get outstanding(): number {
    return (this.#producer?.outstanding ?? 0) + (this.#durableProducer?.outstanding ?? 0);
  }

  get held(): boolean {
    return (this.#producer?.held ?? false) || (this.#durableProducer?.held ?? false);
  }

  flush(timeoutMs: number, signal?: AbortSignal): Promise<number> {
    return this.#sum((producer) => producer.flush(timeoutMs, signal));
  }

  async #sum(count: (producer: ProducerLease) => Promise<number>): Promise<number> {
    // of most connections, which may be many that come and go
    if (!this.#durableProducer) return this.#producer ? await count(this.#producer) : 0;
    const producers = [this.#producer, this.#durableProducer].filter((one) => one !== undefined);
    const counts = await Promise.all(producers.map(count));
    return counts.reduce((sum, one) => sum + one, 0);
  }

  get consumer(): Consumer | undefined {
    return this.#consumer;
  }

  get consumerLimits(): ConsumerLimits {
    return this.#as.cluster.consumerLimits;
  }

  async openConsumer(
    identity: Identity,
    consumer: NewConsumer,
  ): Promise<Consumer> {
    if (this.#server.shuttingDown) throw serverShutdown(this.#server.settings);
    const { account } = this.#client;
    account?.addConsumer();
    try {
      const joined = await this.#join(identity, consumer);
      this.#consumerAccount = account;
      return joined;
    } catch (error) {
      account?.removeConsumer();
      throw error;
    }
  }

  async #join(
    identity: Identity,
    { topics, settings, withMetadata, acksEach }: NewConsumer,
  ): Promise<Consumer> {
    const quiet = this.#server.telemetry.clientLog.isImpatient(this.#client.id);
    const consumer = this.#as.consumers.openExclusive({
      ...identity,
      topics,
      settings,
      withMetadata,
      quiet,
      ...(acksEach && { singleAcks: new PendingMessages() }),
    });
    try {
      consumer.subscribe();
    } catch (error) {
      await consumer.close(); // awaited, so that failed consumers do not pile up: each has threads
      throw error;
    }
    this.#consumer = consumer;
    return consumer;
  }

  /** Messages produced and consumed since the last call. */
  takeMessageCount(): number {
    const produced = (this.#producer?.takeProducedCount() ?? 0) +
      (this.#durableProducer?.takeProducedCount() ?? 0);
    const count = produced + this.#replied;
    this.#replied = 0;
    return count;
  }

  replying(group: string, topic: string, count: number): void {
    this.#replied += count;
    const last = this.#inReplies.at(-1);
    const counter = this.#server.telemetry.messages.consumed.of(group, topic);
    if (last?.counter === counter) last.count += count;
    else this.#inReplies.push({ counter, count });
  }

  showing(count: number): void {
    this.#replied += count;
  }

  refused(): void {
    this.#refused++;
  }

  takeFailures(): number {
    const failures = this.#refused + (this.#producer?.takeFailed() ?? 0) +
      (this.#durableProducer?.takeFailed() ?? 0);
    this.#refused = 0;
    return failures;
  }

  /** All replies up to now are written: their messages count as consumed. Of pops that is said of so many. */
  repliesWritten(popsReplied: number): void {
    this.#popped?.written(popsReplied);
    if (this.#inReplies.length === 0) return;
    for (const { counter, count } of this.#inReplies) counter.total += count;
    this.#inReplies = [];
  }

  /**
   * The remaining replies cannot be written: their messages are not acked, so Kafka delivers them to the group again.
   */
  repliesLost(): void {
    if (this.#inReplies.length === 0) return;
    const unread = this.#inReplies.reduce((sum, { count }) => sum + count, 0);
    this.#server.telemetry.messages.unread.total += unread;
    this.#server.telemetry.clientLog.leftUnread(this.#client.id, unread);
    this.#inReplies = [];
  }

  /**
   * Commits the acks and leaves the group; a slow departure continues in the background. What was popped as another
   * group is given back to it.
   */
  closeConsumer(): Promise<void> {
    this.#popped?.leave();
    if (this.#consumer) this.#consumerClosed = this.#as.consumers.leave(this.#consumer);
    this.#consumer = undefined;
    this.#consumerAccount?.removeConsumer();
    this.#consumerAccount = undefined;
    return this.#consumerClosed ?? Promise.resolve();
  }

  /** The user is another one: gives up the producers, which still deliver what they have, and the principal. */
  async changeUser(): Promise<void> {
    this.#popped?.leave();
    const producers = [this.#producer, this.#durableProducer];
    this.#producer = undefined;
    this.#durableProducer = undefined;
    this.#refused = 0;
    await Promise.all(producers.map((producer) => producer?.close(0)));
    this.#leavePrincipal();
  }

  #leavePrincipal(): void {
    this.#principal?.leave();
    this.#principal = undefined;
  }

  /** The connection is gone, its consumer and its producers are closed. */
  end(): void {
    this.#ended = true;
    this.#leavePrincipal();
  }

  /** Starts the flush timeout of the shutdown: a command that waits for delivery uses up part of that time. */
  limitFlush(): void {
    const { flushTimeoutMs } = this.#server.settings;
    this.#flushDeadlineMs = performance.now() + flushTimeoutMs;
  }

  /** Waits for the delivery of outstanding messages. After a timeout the rest is logged, and its delivery continues. */
  async closeProducers(): Promise<void> {
    const startMs = performance.now();
    const leftMs = Math.max(this.#flushDeadlineMs - startMs, 0);
    const timeoutMs = Math.min(leftMs, this.#server.timeouts.undeliveredMs);
    const { signal } = this.#server.flushEnd;
    const left = await this.#sum((producer) => producer.close(timeoutMs, signal));
    if (left === 0) return;
    const durationMs = Math.round(performance.now() - startMs);
    const next = this.#server.shuttingDown
      ? "what is not delivered when the shutdown ends is given up"
      : "they are tried until message.timeout.ms";
    const trouble = this.#producer?.trouble ?? this.#durableProducer?.trouble;
    const undelivered = { client: this.#client.id, durationMs, trouble, next };
    this.#server.telemetry.clientLog.leftUndelivered(undelivered, left);
  }
}

/** The error of a shutdown; clients of Rafka retry after it. */
export function serverShutdown(
  { flushTimeoutMs }: { readonly flushTimeoutMs: number },
): ServerShutdown {
  return new ServerShutdown(flushTimeoutMs);
}
