/**
 * What the Kafka layer tells whoever made its clients: things that happen by themselves, between calls.
 * The Kafka layer knows neither counters nor how often something may be logged.
 *
 * @module
 */

import type { KafkaError } from "./error.ts";

/** The last of syslog's levels that is an error; then warning, notice and info; debug is what follows. */
export const SYSLOG_ERROR: number = 3;

/** Which client it was: its `client.id`, and `group.id` for a consumer. */
export interface ClientName {
  /** Kafka's `client.id`. */
  readonly clientId: string;
  /** Kafka's `group.id`, of a consumer. */
  readonly groupId?: string;
}

/** Whose messages they are. */
export interface Sender {
  /** What people know it by; it may change. */
  readonly id: string;
}

/** A message that was not delivered; to be read during the call only. */
export interface FailedMessage {
  /** Name of the topic. */
  readonly topic: string;
  /** -1 when no partition was chosen yet. */
  readonly partition: number;
  /** Size of the key. */
  readonly keyBytes: number;
  /** Size of the value. */
  readonly valueBytes: number;
  /** A copy of the key, a new one each time; null for none. */
  readonly key: Uint8Array<ArrayBuffer> | null;
  /** A copy of the value, a new one each time; null when nobody knows it any more. */
  readonly value: Uint8Array<ArrayBuffer> | null;
  /** It was sent, and not refused: it may be in Kafka all the same. */
  readonly possiblyPersisted: boolean;
  /** How many messages of the same report follow. */
  readonly following: number;
}

/** Messages of a topic that were not delivered, and why. */
export interface DeliveryFailure {
  /** Name of the topic. */
  readonly topic: string;
  /** -1 when no partition was chosen yet. */
  readonly partition: number;
  /** Why. */
  readonly error: KafkaError;
  /** How many messages. */
  readonly count: number;
  /** Their connection was gone, and its time to flush over. */
  readonly unflushed: boolean;
}

/** A consumer was to go on where Kafka has nothing, or nothing any more. */
export interface OffsetReset {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** Where it was to go on. */
  readonly from: bigint;
  /** Where it goes on. Those from `from` on, if this is behind them, it never gets. */
  readonly to: bigint;
  /** In the words of librdkafka. */
  readonly reason: string;
}

/** Called from the event loop, never from a thread of librdkafka. */
export interface KafkaObserver {
  /** Messages that a broker has acknowledged. */
  delivered(count: number): void;
  /** One of the messages that the next `deliveryFailed` counts. */
  messageFailed(message: FailedMessage, error: KafkaError, sender: Sender): void;
  /** Messages that librdkafka has given up, or was told to; each is counted once. */
  deliveryFailed(failure: DeliveryFailure): void;
  /** An error of the client as a whole, e.g. a broker that can't be reached. */
  clientError(name: ClientName, error: KafkaError): void;
  /** The client has no connection to any broker of the cluster, which it has known. */
  allBrokersDown(name: ClientName): void;
  /** A log line of librdkafka: level as in syslog (0 emergency to 7 debug). */
  clientLog(name: ClientName, level: number, facility: string, text: string): void;
  /** Kafka refuses something to a consumer, which gets nothing of it until it is accepted. */
  refused(name: ClientName, what: string, error: KafkaError): void;
  /** It does not refuse it any more. */
  accepted(name: ClientName, what: string): void;
  /** Messages were deleted before they were handed out, or a topic was made again. */
  offsetReset(name: ClientName, reset: OffsetReset): void;
  /** An event of a type that nobody asked for. */
  unknownEvent(name: ClientName, type: number): void;
}
