/**
 * Where connections get their producers from.
 *
 * @module
 */

import type { Sender } from "../client/observer.ts";
import type { ProducerLease } from "./producer_lease.ts";

/** All producers of a gateway. */
export interface Producers {
  /** How many there are. */
  readonly count: number;
  /** How many of them nobody uses. */
  readonly idleCount: number;
  /** Producers whose connections are gone, and their messages that are neither delivered nor failed. */
  readonly draining: { readonly count: number; readonly messages: number };
  /** Messages that are neither delivered nor failed, also those of connections that are gone. */
  readonly outstanding: number;
  /**
   * A producer, or a share of one, for a connection.
   *
   * @param name Kafka's `client.id` where the connection has the producer for itself and the settings have none
   * @param sender whose messages the observer is told they were
   * @throws {KafkaError} when librdkafka can't make it, e.g. too many threads
   */
  lease(name: string | undefined, sender: Sender): ProducerLease;
  /** Ends all of them; what is outstanding gets `timeoutMs`. Nothing may be leased any more. */
  close(timeoutMs: number): Promise<void>;
}
