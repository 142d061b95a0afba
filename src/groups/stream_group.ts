/**
 * A consumer group of one topic as Redis Streams know it: consumers by name, a pending list, acks one by one.
 *
 * @see https://redis.io/docs/latest/develop/data-types/streams/#consumer-groups
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import type { StreamId } from "./stream_id.ts";

/** A message as an entry of a stream. */
export interface StreamEntry {
  /** Its id. */
  readonly id: StreamId;
  /** The message with its metadata. */
  readonly message: Message;
}

/** An entry that a consumer has got and not acked. */
export interface PendingEntry {
  /** Its id. */
  readonly id: StreamId;
  /** Who has it. */
  readonly consumer: string;
  /** Since its last delivery. */
  readonly idleMs: number;
  /** How often it was delivered. */
  readonly deliveries: number;
}

/** A pending entry, with its message where that was asked for. */
export interface ClaimedEntry {
  /** Its id. */
  readonly id: StreamId;
  /** undefined where Kafka no longer has it, or only ids were asked for. */
  readonly message: Message | undefined;
}

/** What XPENDING says of the whole group. */
export interface PendingSummary {
  /** Number of pending entries. */
  readonly count: number;
  /** The smallest pending id; undefined for none. */
  readonly first: StreamId | undefined;
  /** The largest. */
  readonly last: StreamId | undefined;
  /** Consumers that have any, by name, in the order of their names. */
  readonly consumers: readonly (readonly [name: string, count: number])[];
}

/** Which pending entries are asked for. */
export interface PendingQuery {
  /** The first id. */
  readonly start: StreamId;
  /** The last id. */
  readonly end: StreamId;
  /** At most so many. */
  readonly count: number;
  /** Only those idle for so long. */
  readonly minIdleMs?: number;
  /** Only those of this consumer. */
  readonly consumer?: string;
}

/** The options of XCLAIM. */
export interface ClaimOptions {
  /** Only entries idle for so long. */
  readonly minIdleMs: number;
  /** Sets the time of delivery: so long ago. 0 by default. */
  readonly idleMs?: number;
  /** Sets the number of deliveries; one more by default. */
  readonly deliveries?: number;
  /** Takes entries that are not pending, too. */
  readonly force?: boolean;
  /** Neither counts a delivery nor reads messages. */
  readonly justId?: boolean;
}

/** What XAUTOCLAIM has found. */
export interface AutoClaimed {
  /** Where the next call goes on; `0-0` at the end. */
  readonly cursor: StreamId;
  /** The entries, now the consumer's. */
  readonly entries: readonly ClaimedEntry[];
  /** Those that Kafka no longer has; they are not pending any more. */
  readonly deleted: readonly StreamId[];
}

/** What XINFO CONSUMERS says of a consumer. */
export interface ConsumerInfo {
  /** Its name. */
  readonly name: string;
  /** Number of its pending entries. */
  readonly pending: number;
  /** Since it last asked for something. */
  readonly idleMs: number;
}

/** What XINFO GROUPS says of a group. */
export interface GroupInfo {
  /** Kafka's group.id. */
  readonly name: string;
  /** Number of consumers. */
  readonly consumers: number;
  /** Number of pending entries. */
  readonly pending: number;
  /** The largest id that was delivered. */
  readonly lastDelivered: StreamId;
  /** Number of entries that were read; undefined when that is not known. */
  readonly entriesRead: number | undefined;
  /** Entries that are neither acked nor skipped: high watermark − committed − acked beyond it; undefined when Kafka can't be asked. */
  readonly lag: number | undefined;
}

/** A group on a topic. Several groups of one name share one Kafka consumer. */
export abstract class StreamGroup {
  /** Kafka's group.id. */
  abstract readonly name: string;
  /** Name of the topic. */
  abstract readonly topic: string;

  /**
   * Takes new entries for a consumer, which exists from then on; never waits.
   *
   * @param count at most so many; fewer where `streams.maxPending` or the order of a key holds some back
   * @param noAck the entries count as acked
   * @throws {KafkaError} for what the client must know of (a refused topic, a fatal error)
   */
  abstract take(consumer: string, count: number, noAck: boolean): StreamEntry[];
  /** Pending entries of a consumer behind an id, in the order of ids; `message` is undefined for one that is gone. */
  abstract history(consumer: string, after: StreamId, count: number): Promise<ClaimedEntry[]>;
  /** Acks entries; returns how many were pending. */
  abstract ack(ids: readonly StreamId[]): number;
  /** Gives pending entries back, to be delivered again, to anyone; returns how many were pending. XNACK. */
  abstract nack(ids: readonly StreamId[], options: { readonly deliveries?: number }): number;
  /** What is pending. */
  abstract pendingSummary(): PendingSummary;
  /** Pending entries, in the order of ids. */
  abstract pending(query: PendingQuery): PendingEntry[];
  /** Gives pending entries to a consumer; those that Kafka no longer has are dropped and left out. */
  abstract claim(
    consumer: string,
    ids: readonly StreamId[],
    options: ClaimOptions,
  ): Promise<ClaimedEntry[]>;
  /** Gives a consumer the next entries that are idle for long enough. */
  abstract autoClaim(
    consumer: string,
    start: StreamId,
    options: { readonly minIdleMs: number; readonly count: number; readonly justId: boolean },
  ): Promise<AutoClaimed>;
  /** Its consumers, in the order of their names. */
  abstract consumers(): ConsumerInfo[];
  /** Makes a consumer; returns false if it exists. */
  abstract createConsumer(name: string): boolean;
  /** Removes a consumer; its pending entries are delivered again. Returns how many it had. */
  abstract deleteConsumer(name: string): number;
  /** Of the group as a whole. */
  abstract info(): Promise<GroupInfo>;
}
