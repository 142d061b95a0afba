/**
 * @module
 * What the Kafka layer tells whoever made its clients: things that happen by themselves, between calls.
 * The Kafka layer knows neither counters nor how often something may be logged.
 */

import type { KafkaError } from "./error.ts";

/** Which client it was: its `client.id`, and `group.id` for a consumer. */
export interface ClientName {
  /** Kafka's `client.id`. */
  readonly clientId: string;
  /** Kafka's `group.id`, of a consumer. */
  readonly groupId?: string;
}

/** Messages that will not be in Kafka, and why. */
export interface DeliveryFailure {
  /** Name of the topic. */
  readonly topic: string;
  /** -1 when no partition was chosen yet. */
  readonly partition: number;
  /** Why. */
  readonly error: KafkaError;
  /** How many messages. */
  readonly count: number;
}

/** Called from the event loop, never from a thread of librdkafka. */
export interface KafkaObserver {
  /** Messages that a broker has acknowledged. */
  delivered(count: number): void;
  /** Messages that librdkafka has given up. */
  deliveryFailed(failure: DeliveryFailure): void;
  /** An error of the client as a whole, e.g. a broker that can't be reached. */
  clientError(name: ClientName, error: KafkaError): void;
  /** A log line of librdkafka: level as in syslog (0 emergency to 7 debug). */
  clientLog(name: ClientName, level: number, facility: string, text: string): void;
  /** An event of a type that nobody asked for. */
  unknownEvent(name: ClientName, type: number): void;
}
