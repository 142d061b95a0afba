/**
 * @module
 * The producer and the consumer of one connection, and what it still has to hear of them. Neither outlives it: the
 * consumer leaves its group, the producer delivers what it has.
 */

import { ServerShutdown } from "../commands/core/command_error.ts";
import type { ClientView, Identity, KafkaView, ProduceTarget } from "../commands/core/context.ts";
import { ProduceTargets } from "../commands/list/produce_target.ts";
import type { KafkaSettings } from "../kafka/client/conf.ts";
import type { Consumer } from "../kafka/consumer/consumer.ts";
import type { ConsumerLimits } from "../kafka/consumer/consumer_limits.ts";
import type { ProducerLease } from "../kafka/producer/producer_lease.ts";
import type { Request } from "../resp/request_parser.ts";
import type { Gateway } from "./gateway.ts";

/** How long after the end of a connection the log says what it has left undelivered. */
const LEFT_BEHIND_MS = 5_000;

/** The Kafka clients of one connection. */
export class KafkaClients implements KafkaView {
  readonly #gateway: Gateway;
  readonly #client: Pick<ClientView, "id" | "name" | "identity">;
  #targets: ProduceTargets | undefined;
  #producer: ProducerLease | undefined;
  #consumer: Consumer | undefined;
  #consumerClosed: Promise<void> | undefined;
  /** Messages in replies that are not written yet. */
  #inReplies = 0;
  #refused = 0;
  #flushDeadlineMs = Infinity;

  /** Those of this client; none yet. */
  constructor(gateway: Gateway, client: Pick<ClientView, "id" | "name" | "identity">) {
    this.#gateway = gateway;
    this.#client = client;
  }

  get producer(): ProducerLease | undefined {
    return this.#producer;
  }

  openProducer(): ProducerLease {
    const { name, identity } = this.#client;
    this.#producer ??= this.#gateway.producers.lease(identity?.clientId ?? name, this.#client);
    return this.#producer;
  }

  parseTarget(argument: Request[number]): ProduceTarget {
    this.#targets ??= new ProduceTargets(this.#gateway.settings);
    return this.#targets.parse(argument);
  }

  get consumer(): Consumer | undefined {
    return this.#consumer;
  }

  get consumerLimits(): ConsumerLimits {
    return this.#gateway.cluster.consumerLimits;
  }

  async openConsumer(
    identity: Identity,
    topics: readonly string[],
    settings: KafkaSettings,
  ): Promise<Consumer> {
    if (this.#gateway.shuttingDown) throw serverShutdown(this.#gateway.settings);
    const quiet = this.#gateway.clientLog.isImpatient(this.#client.id);
    const consumer = this.#gateway.cluster.newConsumer({ ...identity, topics, settings, quiet });
    try {
      consumer.subscribe();
    } catch (error) {
      await consumer.close(); // one at a time: threads are dear
      throw error;
    }
    this.#consumer = consumer;
    return consumer;
  }

  handedOut(count: number): void {
    this.#inReplies += count;
  }

  refused(): void {
    this.#refused++;
  }

  takeFailures(): number {
    const failures = this.#refused + (this.#producer?.takeFailed() ?? 0);
    this.#refused = 0;
    return failures;
  }

  /** All replies so far are written. */
  repliesWritten(): void {
    if (this.#inReplies === 0) return;
    this.#gateway.stats.consumed(this.#inReplies);
    this.#inReplies = 0;
  }

  /** Messages in replies that can't be written any more: nobody has acked them, so their group gets them again. */
  repliesLost(): void {
    if (this.#inReplies === 0) return;
    this.#gateway.stats.unread(this.#inReplies);
    this.#gateway.clientLog.leftUnread(this.#client.id, this.#inReplies);
    this.#inReplies = 0;
  }

  /** Its connection is gone while a command waits for messages. */
  hungUpWaiting(): void {
    if (this.#consumer) this.#gateway.clientLog.hungUpWaiting(this.#client.id);
  }

  /** The consumer commits what was acked and leaves its group; where that takes long, in the background. */
  closeConsumer(): Promise<void> {
    const { departures } = this.#gateway.cluster;
    if (this.#consumer) this.#consumerClosed = departures.add(this.#consumer);
    this.#consumer = undefined;
    return this.#consumerClosed ?? Promise.resolve();
  }

  /** The time of the flush at the end begins now: a command that waits for delivery takes its share of it. */
  limitFlush(): void {
    this.#flushDeadlineMs = performance.now() + this.#gateway.settings.flushTimeoutMs;
  }

  /** What was produced is delivered; what is not so soon is logged, and tried further. */
  async closeProducer(): Promise<void> {
    if (!this.#producer) return;
    const startMs = performance.now();
    const leftMs = Math.max(this.#flushDeadlineMs - startMs, 0);
    const left = await this.#producer.close(Math.min(leftMs, LEFT_BEHIND_MS));
    if (left === 0) return;
    const durationMs = Math.round(performance.now() - startMs);
    const next = this.#gateway.shuttingDown
      ? "what is not delivered when the shutdown ends is given up"
      : "they are tried until message.timeout.ms";
    const undelivered = { client: this.#client.id, durationMs, next };
    this.#gateway.clientLog.leftUndelivered(undelivered, left);
  }
}

/** What clients of Rafka try again after. */
export function serverShutdown(
  { flushTimeoutMs }: { readonly flushTimeoutMs: number },
): ServerShutdown {
  return new ServerShutdown(flushTimeoutMs);
}
