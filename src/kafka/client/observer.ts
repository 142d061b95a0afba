/**
 * Events of Kafka clients that no call is waiting for. The Kafka layer knows neither counters nor how often something
 * may be logged.
 *
 * @module
 */

import type { KafkaError } from "./error.ts";
import type { RecreatedPartition } from "./librdkafka_texts.ts";

/** The last of syslog's levels that is an error; then warning, notice and info; debug is what follows. */
export const SYSLOG_ERROR: number = 3;

/** Identifies a client: its `client.id`, and `group.id` for a consumer. */
export interface ClientName {
  /** Kafka's `client.id`. */
  readonly clientId: string;
  /** Kafka's `group.id`, of a consumer. */
  readonly groupId?: string;
  /** Whose login it has, of one that is not the gateway's own. */
  readonly principal?: string | undefined;
}

/** The name of a client for people. */
export function formatName({ clientId, groupId, principal }: ClientName): string {
  const name = groupId === undefined ? clientId : `${groupId}:${clientId}`;
  return principal === undefined ? name : `${name} (principal ${principal})`;
}

/** Sender of messages. */
export interface Sender {
  /** Its name for people; it may change. */
  readonly id: string;
}

/** A message that was not delivered; readable during the call only. */
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
  /** A copy of the value, a new one each time; null for a tombstone, or when it is lost. */
  readonly value: Uint8Array<ArrayBuffer> | null;
  /** It was sent, and not refused: it may be in Kafka nevertheless. */
  readonly possiblyPersisted: boolean;
  /** Number of messages of the same report that follow. */
  readonly following: number;
}

/** Messages of a delivery report. */
export interface Delivery {
  /** Name of the topic. */
  readonly topic: string;
  /** Number of messages. */
  readonly count: number;
  /** Since the first of them was produced. */
  readonly latencyMicroseconds: number;
}

/** Messages of a topic that were not delivered, and why. */
export interface DeliveryFailure {
  /** Name of the topic. */
  readonly topic: string;
  /** -1 when no partition was chosen yet. */
  readonly partition: number;
  /** Why. */
  readonly error: KafkaError;
  /** Number of messages. */
  readonly count: number;
  /** They were given up at the end of their producer. */
  readonly unflushed: boolean;
}

/** A consumer was to continue at an offset that Kafka does not have, or no longer. */
export interface OffsetReset {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** Offset at which it was to continue. */
  readonly from: bigint;
  /** Offset at which it continues. If that is higher, messages in between are skipped. */
  readonly to: bigint;
  /** librdkafka's text. */
  readonly reason: string;
}

/** Gets events, from the event loop, never from a thread of librdkafka. */
export interface KafkaObserver {
  /** A broker has acknowledged messages. */
  delivered(delivery: Delivery): void;
  /** Called for each message that the next `deliveryFailed` counts. */
  messageFailed(message: FailedMessage, error: KafkaError, sender: Sender): void;
  /** Messages that librdkafka has given up, or was told to give up; each is counted once. */
  deliveryFailed(failure: DeliveryFailure): void;
  /** An error of the client as a whole, e.g. a broker that can't be reached. */
  clientError(name: ClientName, error: KafkaError): void;
  /** The client has no connection to any broker of the cluster, which it has known. */
  allBrokersDown(name: ClientName): void;
  /** A log line of librdkafka: level as in syslog (0 emergency to 7 debug). */
  clientLog(name: ClientName, level: number, facility: string, text: string): void;
  /** Kafka refuses something to a consumer, until `accepted`. */
  refused(name: ClientName, what: string, error: KafkaError): void;
  /** Kafka does not refuse it any more. */
  accepted(name: ClientName, what: string): void;
  /** A rebalance has given partitions to a consumer, or taken some. */
  rebalanced(name: ClientName): void;
  /** A commit of a consumer was refused. */
  commitFailed(name: ClientName): void;
  /** Messages were deleted before they were delivered to a client. */
  offsetReset(name: ClientName, reset: OffsetReset): void;
  /** A topic was deleted and created again: a partition of the new one is read from its first message on. */
  topicRecreated(name: ClientName, partition: RecreatedPartition): void;
  /** An event of a type that was not enabled. */
  unknownEvent(name: ClientName, type: number): void;
}
