/**
 * What a consumer has delivered since its partitions were assigned: which messages may be acked, and how far the group
 * is then.
 *
 * @module
 */

import type { Message } from "../client/message.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";

/** What an ack stands for. */
export interface AckTracker {
  /** Adds messages that are delivered. */
  add(messages: readonly Message[]): void;
  /** Whether a message may be acked. An ack for any other would move the group past messages that no worker has seen. */
  has(topic: string, partition: number, offset: bigint): boolean;
  /** Acks a message that may be; the offset at which the group continues, undefined where it does not move. */
  ack(topic: string, partition: number, offset: bigint): bigint | undefined;
  /** Forgets a partition that is assigned or revoked. */
  forget(partition: TopicPartition): void;
  /** Forgets all partitions. */
  forgetAll(): void;
}

/** Acks for single messages, which can be given back instead. */
export interface SingleAcks extends AckTracker {
  /** So many messages are pending that no more may be delivered. */
  readonly isFull: boolean;
  /** How long until a message is due again; Infinity for none. */
  readonly dueInMs: number;
  /** Takes messages that are due again. */
  takeDue(maxCount: number): Message[];
  /** Gives a message back, to be delivered again after `delayMs`; returns false if it is not pending. */
  giveBack(topic: string, partition: number, offset: bigint, delayMs: number): boolean;
}
