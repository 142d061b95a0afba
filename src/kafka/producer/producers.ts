/**
 * Producers for connections.
 *
 * @module
 */

import type { Sender } from "../client/observer.ts";
import type { ProducerLease } from "./producer_lease.ts";

/** All producers of a gateway. */
export interface Producers {
  /** Number of producers. */
  readonly count: number;
  /** Number of idle producers. */
  readonly idleCount: number;
  /** Producers of closed connections, and their outstanding messages. */
  readonly draining: { readonly count: number; readonly messages: number };
  /** Number of outstanding messages, with those of closed connections. */
  readonly outstanding: number;
  /** Bytes that these take at most. */
  readonly outstandingBytes: number;
  /**
   * Leases a producer to a connection.
   *
   * @param name Kafka's `client.id` for a producer of its own, unless the settings have one
   * @param sender sender of the messages, for the observer
   * @throws {KafkaError} when librdkafka can't make it, e.g. too many threads
   */
  lease(name: string | undefined, sender: Sender): ProducerLease;
  /** Closes all producers; outstanding messages have `timeoutMs`. Nothing may be leased any more. */
  close(timeoutMs: number): Promise<void>;
}
