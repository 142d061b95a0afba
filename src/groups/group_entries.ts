/**
 * Entries of streams, and what a group says of them.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import { recordId, type StreamId } from "../streams/stream_id.ts";
import type { ReadEntry } from "../streams/stream_order.ts";

/** Where an entry is; the time tells it from one of an earlier topic with this name. */
export interface EntryPlace {
  /** Number of the partition. */
  readonly partition: number;
  /** Its offset there. */
  readonly offset: number;
  /** Milliseconds of its id. */
  readonly timeMs: number;
}

/** An entry as a group delivers it. */
export class StreamEntry implements ReadEntry {
  readonly message: Message;
  /** How often it was delivered before. */
  readonly deliveries: number;

  /** A message that was delivered so often before. */
  constructor(message: Message, deliveries: number) {
    this.message = message;
    this.deliveries = deliveries;
  }

  /** Made where it is needed: a reply gets by without big integers. */
  get id(): StreamId {
    const { metadata, partition, offset } = this.message;
    return recordId(metadata?.timestampMs, partition, offset);
  }

  /** Where it is, in numbers that take less memory than the message. */
  get place(): EntryPlace {
    const { partition, offset } = this.message;
    return { partition, offset: Number(offset), timeMs: timeOf(this.message) };
  }

  /** Whether its id is larger than another one's. */
  isBehind({ message }: StreamEntry): boolean {
    const timeMs = timeOf(this.message) - timeOf(message);
    if (timeMs !== 0) return timeMs > 0;
    const { offset, partition } = this.message;
    return offset > message.offset || offset === message.offset && partition > message.partition;
  }
}

/** Milliseconds of the id. */
function timeOf({ metadata }: Message): number {
  return Math.max(metadata?.timestampMs ?? 1, 1);
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
