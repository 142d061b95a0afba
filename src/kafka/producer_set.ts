/**
 * @module
 * All producers that are there, from their making to their end, whoever uses them.
 */

import type { KafkaEnvironment } from "./client.ts";
import type { DeliveryFailure } from "./observer.ts";
import { Producer, type ProducerOptions } from "./producer.ts";

/** Kafka's `client.id` of the producer of somebody who has not said a name. */
const DEFAULT_CLIENT_ID = "rafka";

/** Makes producers, ends them, and counts them meanwhile. */
export class ProducerSet {
  readonly #environment: KafkaEnvironment;
  readonly #options: Omit<ProducerOptions, "name">;
  readonly #producers = new Set<Producer>();

  /** Producers with these options, none of them made yet. */
  constructor(environment: KafkaEnvironment, options: Omit<ProducerOptions, "name">) {
    this.#environment = environment;
    this.#options = options;
  }

  /** How many there are. */
  get count(): number {
    return this.#producers.size;
  }

  /** Messages that are neither delivered nor failed. */
  get outstanding(): number {
    let sum = 0;
    for (const { outstanding } of this.#producers) sum += outstanding.messages;
    return sum;
  }

  /** Kafka's `client.id` for somebody of that name: what the settings say comes first. */
  clientId(name: string | undefined): string {
    return String(this.#options.settings["client.id"] ?? name ?? DEFAULT_CLIENT_ID);
  }

  /**
   * A new one.
   *
   * @throws {KafkaError} when librdkafka can't make it
   */
  open(clientId: string): Producer {
    const producer = new Producer(this.#environment, { ...this.#options, name: { clientId } });
    this.#producers.add(producer);
    return producer;
  }

  /** Ends one after `timeoutMs` at most; what it has given up. */
  async close(producer: Producer, timeoutMs: number): Promise<DeliveryFailure[]> {
    const givenUp = await producer.close(timeoutMs);
    this.#producers.delete(producer);
    return givenUp;
  }

  /** Ends one whose messages nobody waits for any more: what it gives up is reported as not delivered. */
  async retire(producer: Producer, timeoutMs: number): Promise<void> {
    for (const failure of await this.close(producer, timeoutMs)) {
      this.#environment.observer.deliveryFailed(failure);
    }
  }

  /** Ends all. */
  async closeAll(timeoutMs: number): Promise<void> {
    await Promise.all([...this.#producers].map((producer) => this.retire(producer, timeoutMs)));
  }
}
