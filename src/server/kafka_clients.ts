/**
 * @module
 * The producer and the consumer of one connection, and what it still has to hear of them. Neither outlives it: the
 * consumer leaves its group, the producer delivers what it has.
 */

import { CommandError } from "../commands/command_error.ts";
import type { ClientView, Identity, KafkaView, ProduceTarget } from "../commands/context.ts";
import { ProduceTargets } from "../commands/produce_target.ts";
import type { KafkaSettings } from "../kafka/conf.ts";
import type { Consumer } from "../kafka/consumer.ts";
import type { ProducerLease } from "../kafka/producer_lease.ts";
import type { Request } from "../resp/request_parser.ts";
import type { Gateway } from "./gateway.ts";

/** How long messages of a connection that ends get to be delivered. */
export const FLUSH_TIMEOUT_MS = 5_000;

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

  async openConsumer(
    identity: Identity,
    topics: readonly string[],
    settings: KafkaSettings,
  ): Promise<Consumer> {
    if (this.#gateway.shuttingDown) throw serverShutdown();
    const consumer = this.#gateway.cluster.newConsumer({ ...identity, topics, settings });
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

  /** The consumer commits what was acked and leaves its group. */
  closeConsumer(): Promise<void> {
    if (this.#consumer) this.#consumerClosed = this.#consumer.close();
    this.#consumer = undefined;
    return this.#consumerClosed ?? Promise.resolve();
  }

  /** What was produced is delivered; what can't be in time is logged and counted. */
  async closeProducer(): Promise<void> {
    if (!this.#producer) return;
    const startMs = performance.now();
    const { givenUp, left } = await this.#producer.close(FLUSH_TIMEOUT_MS);
    const durationMs = Math.round(performance.now() - startMs);
    if (givenUp > 0) this.#logUnflushed(givenUp, durationMs, "they are given up");
    if (left > 0) { // single messages cannot be taken back
      this.#gateway.stats.unflushed(left);
      const next = this.#gateway.shuttingDown
        ? "what is not delivered when the shutdown ends is given up"
        : "the shared producer goes on trying until message.timeout.ms";
      this.#logUnflushed(left, durationMs, next);
    }
  }

  #logUnflushed(count: number, durationMs: number, next: string): void {
    const undelivered = { client: this.#client.id, durationMs, next };
    this.#gateway.clientLog.leftUndelivered(undelivered, count);
  }
}

/** What clients of Rafka try again after. */
export function serverShutdown(): CommandError {
  return new CommandError("CONS", "Server shutdown");
}
