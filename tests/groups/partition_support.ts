/**
 * A partition of a group without Kafka: a log in memory, and random numbers that come again with their seed.
 *
 * @module
 */
import type { Message } from "../../src/kafka/client/message.ts";
import { decodeProgress, NO_PROGRESS } from "../../src/groups/commit_metadata.ts";
import type { WatermarkCommit } from "../../src/groups/commit_watermark.ts";
import { ConsumerNames } from "../../src/groups/consumer_names.ts";
import { MessageMemory } from "../../src/groups/message_memory.ts";
import { OwnedPartition } from "../../src/groups/owned_partition.ts";
import type { DeliveryOrder, MessageSource } from "../../src/groups/partition_parts.ts";
import { NONE } from "../../src/groups/pending_entries.ts";
import { placeOf } from "../../src/streams/stream_id.ts";
import { Taking } from "../../src/groups/taking.ts";

/** A number from 0 to `below` - 1. */
export type Random = (below: number) => number;

/** The same numbers for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32 * below);
  };
}

const encoder = new TextEncoder();

/** A message with a time that follows from its offset. */
export function messageAt(offset: number, key: string | null = null): Message {
  return {
    topic: "t",
    partition: 3,
    offset: BigInt(offset),
    value: encoder.encode(`${offset}`),
    metadata: {
      key: key === null ? null : encoder.encode(key),
      headers: [],
      timestampMs: timeOf(offset),
      timestampType: "CreateTime",
    },
  };
}

/** The time of the message with an offset. */
export function timeOf(offset: number): number {
  return 1_700_000_000_000 + offset;
}

/** A log that is read from a position on. */
export class TestSource implements MessageSource {
  readonly log: Message[];
  mayHaveMore = true;
  #at: number;

  constructor(log: Message[], offset: number) {
    this.log = log;
    this.#at = log.findIndex((message) => Number(message.offset) >= offset);
    if (this.#at < 0) this.#at = log.length;
  }

  take(maxCount: number): Message[] {
    const taken = this.log.slice(this.#at, this.#at + maxCount);
    this.#at += taken.length;
    this.mayHaveMore = taken.length === maxCount;
    return taken;
  }

  /** Messages have arrived. */
  arrived(): void {
    this.mayHaveMore = true;
  }
}

/** Options of a `TestPartition`. */
export interface TestPartitionOptions {
  readonly order?: DeliveryOrder;
  readonly maxPending?: number;
  readonly memoryBytes?: number;
  /** What was committed before. */
  readonly committed?: WatermarkCommit;
}

/** An owned partition with its log and its consumers. */
export class TestPartition {
  readonly owned: OwnedPartition;
  readonly source: TestSource;
  readonly names = new ConsumerNames();
  readonly memory: MessageMemory;
  readonly lost: string[] = [];
  /** Number of times that something could be taken after nothing could. */
  ready = 0;
  progressed = 0;
  nowMs = 1_000;

  constructor(log: Message[], options: TestPartitionOptions = {}) {
    const { order = "none", maxPending = 1_000, memoryBytes = 1e9, committed } = options;
    this.memory = new MessageMemory(memoryBytes);
    this.source = new TestSource(log, committed?.offset ?? 0);
    this.owned = new OwnedPartition({
      partition: 3,
      source: this.source,
      offset: committed?.offset ?? NONE,
      progress: committed ? decodeProgress(committed.offset, committed.metadata) : NO_PROGRESS,
      order,
      maxPending,
      memory: this.memory,
      consumers: this.names,
      readAgain: (places) =>
        Promise.resolve(
          places.map(({ offset }) => log.find((message) => message.offset === offset)),
        ),
      onProgress: () => this.progressed++,
      onReady: () => this.ready++,
      onLost: (count, cause) => this.lost.push(`${count} ${cause}`),
    });
  }

  /** Offsets of the entries that a consumer gets. */
  take(count: number, consumer = "c", noAck = false): number[] {
    const taking = new Taking(this.names.asking(consumer, this.nowMs), count, noAck, this.nowMs);
    this.owned.take(taking);
    return taking.entries.map(({ id }) => Number(placeOf(id).offset));
  }

  ack(offset: number): boolean {
    return this.owned.ack(offset, timeOf(offset));
  }

  /** Gives an entry back. */
  release(offset: number): void {
    this.owned.release(this.owned.find(offset, timeOf(offset)));
  }

  /** Number of deliveries of a pending entry. */
  deliveries(offset: number): number {
    return this.owned.pending.deliveries[this.owned.find(offset, timeOf(offset))]!;
  }
}
