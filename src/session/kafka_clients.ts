/**
 * The producer and the consumer of one connection, and what it still has to hear of them. Neither outlives it: the
 * consumer leaves its group, the producer delivers what it has.
 *
 * @module
 */

import { ServerShutdown } from "../commands/core/command_error.ts";
import type { ClientView, Identity, KafkaView } from "../commands/core/context.ts";
import type { KafkaSettings } from "../kafka/client/conf.ts";
import type { Consumer } from "../kafka/consumer/consumer.ts";
import type { ConsumerLimits } from "../kafka/consumer/consumer_limits.ts";
import type { ProducerLease } from "../kafka/producer/producer_lease.ts";
import type { ServerState } from "./server_state.ts";

/** The Kafka clients of one connection. */
export class KafkaClients implements KafkaView {
  readonly #server: ServerState;
  readonly #client: Pick<ClientView, "id" | "name" | "identity">;
  #producer: ProducerLease | undefined;
  #consumer: Consumer | undefined;
  #consumerClosed: Promise<void> | undefined;
  /** Messages in replies that are not written yet. */
  #inReplies = 0;
  #refused = 0;
  #flushDeadlineMs = Infinity;

  /** Those of this client; none yet. */
  constructor(server: ServerState, client: Pick<ClientView, "id" | "name" | "identity">) {
    this.#server = server;
    this.#client = client;
  }

  get producer(): ProducerLease | undefined {
    return this.#producer;
  }

  openProducer(): ProducerLease {
    const { name, identity } = this.#client;
    this.#producer ??= this.#server.producers.lease(identity?.clientId ?? name, this.#client);
    return this.#producer;
  }

  get consumer(): Consumer | undefined {
    return this.#consumer;
  }

  get consumerLimits(): ConsumerLimits {
    return this.#server.cluster.consumerLimits;
  }

  async openConsumer(
    identity: Identity,
    topics: readonly string[],
    settings: KafkaSettings,
  ): Promise<Consumer> {
    if (this.#server.shuttingDown) throw serverShutdown(this.#server.settings);
    const quiet = this.#server.telemetry.clientLog.isImpatient(this.#client.id);
    const consumer = this.#server.cluster.newConsumer({ ...identity, topics, settings, quiet });
    try {
      consumer.subscribe();
    } catch (error) {
      await consumer.close(); // one at a time: threads are dear
      throw error;
    }
    this.#consumer = consumer;
    return consumer;
  }

  replying(count: number): void {
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
    this.#server.telemetry.messages.consumed.total += this.#inReplies;
    this.#inReplies = 0;
  }

  /** Messages in replies that can't be written any more: nobody has acked them, so their group gets them again. */
  repliesLost(): void {
    if (this.#inReplies === 0) return;
    this.#server.telemetry.messages.unread.total += this.#inReplies;
    this.#server.telemetry.clientLog.leftUnread(this.#client.id, this.#inReplies);
    this.#inReplies = 0;
  }

  /** Its connection is gone while a command waits for messages. */
  hungUpWaiting(): void {
    if (this.#consumer) this.#server.telemetry.clientLog.hungUpWaiting(this.#client.id);
  }

  /** The consumer commits what was acked and leaves its group; where that takes long, in the background. */
  closeConsumer(): Promise<void> {
    const { departures } = this.#server.cluster;
    if (this.#consumer) this.#consumerClosed = departures.add(this.#consumer);
    this.#consumer = undefined;
    return this.#consumerClosed ?? Promise.resolve();
  }

  /** The time of the flush at the end begins now: a command that waits for delivery takes its share of it. */
  limitFlush(): void {
    this.#flushDeadlineMs = performance.now() + this.#server.settings.flushTimeoutMs;
  }

  /** What was produced is delivered; what is not so soon is logged, and tried further. */
  async closeProducer(): Promise<void> {
    if (!this.#producer) return;
    const startMs = performance.now();
    const leftMs = Math.max(this.#flushDeadlineMs - startMs, 0);
    const left = await this.#producer.close(Math.min(leftMs, this.#server.timeouts.undeliveredMs));
    if (left === 0) return;
    const durationMs = Math.round(performance.now() - startMs);
    const next = this.#server.shuttingDown
      ? "what is not delivered when the shutdown ends is given up"
      : "they are tried until message.timeout.ms";
    const undelivered = { client: this.#client.id, durationMs, next };
    this.#server.telemetry.clientLog.leftUndelivered(undelivered, left);
  }
}

/** What clients of Rafka try again after. */
export function serverShutdown(
  { flushTimeoutMs }: { readonly flushTimeoutMs: number },
): ServerShutdown {
  return new ServerShutdown(flushTimeoutMs);
}
