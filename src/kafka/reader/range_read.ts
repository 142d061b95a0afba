/**
 * One read of parts of a topic's partitions, each from an offset up to another, within limits of count and size. Offsets
 * may be missing in between: transactions leave markers, compaction and retention take messages away.
 *
 * @module
 */

import { Notifier } from "../../async/notifier.ts";
import { type KafkaError, recreatedTopic } from "../client/error.ts";
import { type Message, messageBytes } from "../client/message.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";
import type { PartitionReader, ReadSink } from "./partition_reader.ts";

/** What to read of a partition. */
export interface ReadRange {
  /** From 0. */
  readonly partition: number;
  /** The first offset. */
  readonly start: bigint;
  /** The offset behind the last; the partition may end before. */
  readonly end: bigint;
  /** Maximum number of messages. */
  readonly maxCount: number;
  /** Maximum size; the message that reaches it is the last one. */
  readonly maxBytes: number;
  /** The last messages within the limits are read, not the first. */
  readonly fromEnd?: boolean;
}

/** What was read of a partition. */
export interface RangePart {
  /** In the order of their offsets. */
  readonly messages: readonly Message[];
  /** All messages from here to `next` were read: the range's start, unless it was read from its end. */
  readonly first: bigint;
  /** Where the next read goes on: the range's end when nothing is left. */
  readonly next: bigint;
  /** The id of the topic that was read; undefined when it is not known. */
  readonly topicId?: string | undefined;
}

/** How a read ends by itself. */
export interface ReadLimits {
  /** Without any progress for so long it fails. */
  readonly stallMs: number;
  /** Ends the read with its reason. */
  readonly signal: AbortSignal | undefined;
}

/** The event loop's other work waits no longer. */
const SLICE_MS = 5;
const BATCH = 64;

/** A range being read. */
class OpenRange {
  readonly range: ReadRange;
  readonly messages: Message[] = [];
  bytes = 0;
  first: bigint;
  next: bigint | undefined;

  constructor(range: ReadRange) {
    this.range = range;
    this.first = range.start;
  }

  add(message: Message): void {
    const { start, end, maxCount, maxBytes, fromEnd } = this.range;
    const { offset } = message;
    if (this.next !== undefined) return; // until it is removed, more of it arrives
    if (offset < start || offset >= end) return this.finish(); // before: the topic was made anew
    this.messages.push(message);
    this.bytes += messageBytes(message);
    if (fromEnd) this.#dropFirst();
    if (offset + 1n >= end) this.finish();
    else if (!fromEnd && (this.messages.length >= maxCount || this.bytes >= maxBytes)) {
      this.next = offset + 1n;
    }
  }

  finish(): void {
    this.next ??= this.range.end;
  }

  part(topicId: string | undefined): RangePart {
    return { messages: this.messages, first: this.first, next: this.next!, topicId };
  }

  /** The last message stays, whatever its size. */
  #dropFirst(): void {
    const { maxCount, maxBytes } = this.range;
    while (this.messages.length > 1 && (this.messages.length > maxCount || this.bytes > maxBytes)) {
      const first = this.messages.shift()!;
      this.bytes -= messageBytes(first);
      this.first = first.offset + 1n;
    }
  }
}

/** Reads ranges of one topic; used once. */
export class RangeRead implements ReadSink {
  readonly #reader: PartitionReader;
  readonly #topic: string;
  readonly #ranges: ReadonlyMap<number, OpenRange>;
  readonly #reading = new Set<number>();
  readonly #woken = new Notifier();
  #progressAtMs = performance.now();
  #topicId: string | undefined;
  #error: Error | undefined;

  /** Reads with `reader`, whose events this must get until `run` has ended. */
  constructor(reader: PartitionReader, topic: string, ranges: readonly ReadRange[]) {
    this.#reader = reader;
    this.#topic = topic;
    this.#ranges = new Map(ranges.map((range) => [range.partition, new OpenRange(range)]));
  }

  /**
   * Reads the ranges.
   *
   * @returns what was read, by partition
   * @throws {KafkaError} for an error of a partition, UNKNOWN_TOPIC_ID when the topic was deleted and created again
   *   meanwhile, and _TIMED_OUT without progress
   * @throws the reason of the signal
   */
  async run({ stallMs, signal }: ReadLimits): Promise<Map<number, RangePart>> {
    const open = [...this.#ranges.values()].filter(({ range }) => {
      return range.start < range.end && range.maxCount > 0;
    });
    for (const { range } of open) this.#reading.add(range.partition);
    for (const range of this.#ranges.values()) {
      if (!this.#reading.has(range.range.partition)) range.next = range.range.start;
    }
    try {
      if (open.length > 0) {
        this.#reader.limit(Math.max(...open.map(({ range }) => wantedOf(range))));
        this.#reader.add(open.map(({ range }) => this.#startOf(range)));
      }
      while (this.#reading.size > 0) await this.#advance(stallMs, signal);
    } finally {
      this.#remove([...this.#reading]);
    }
    const topicId = this.#topicId;
    return new Map([...this.#ranges].map(([partition, range]) => [partition, range.part(topicId)]));
  }

  /** Ends the read with an error. */
  abort(error: Error): void {
    this.#error ??= error;
    this.#woken.notify();
  }

  onWake(): void {
    this.#woken.notify();
  }

  onMessage(message: Message): void {
    this.#of(message)?.add(message);
  }

  onEnd(place: TopicPartition): void {
    this.#of(place)?.finish();
  }

  onError(error: KafkaError, place: TopicPartition | undefined): void {
    if (!place) {
      if (error.fatal) this.#error ??= error;
    } else if (this.#of(place)) {
      this.#error ??= error.withMessage(`${place.topic}[${place.partition}]: ${error.message}`);
    }
  }

  /** The range that something has arrived for; undefined for what is left of an earlier read. */
  #of({ topic, partition }: TopicPartition): OpenRange | undefined {
    if (topic !== this.#topic) return undefined;
    this.#progressAtMs = performance.now();
    return this.#ranges.get(partition);
  }

  async #advance(stallMs: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const isMore = this.#takeSlice();
    if (this.#error) throw this.#error;
    const finished = [...this.#reading]
      .filter((partition) => this.#ranges.get(partition)!.next !== undefined);
    this.#remove(finished);
    if (this.#reading.size === 0) return;
    if (isMore) return await new Promise((resolve) => setTimeout(resolve, 0));
    const leftMs = this.#progressAtMs + stallMs - performance.now();
    if (leftMs <= 0) throw this.#reader.timedOut(`No answer for ${this.#topic} in ${stallMs} ms`);
    await this.#woken.wait(leftMs, signal);
  }

  /** Whether there may be more at hand. */
  #takeSlice(): boolean {
    const endMs = performance.now() + SLICE_MS;
    let isMore = true;
    this.#look();
    while (isMore && performance.now() < endMs) isMore = this.#reader.take(BATCH);
    this.#look();
    return isMore;
  }

  /** All messages are of one topic. */
  #look(): void {
    const id = this.#reader.topicId(this.#topic);
    if (id === undefined) return;
    this.#topicId ??= id;
    if (id !== this.#topicId) this.#error ??= recreatedTopic(this.#topic);
  }

  #startOf({ partition, start }: ReadRange): TopicPartition & { readonly offset: bigint } {
    return { topic: this.#topic, partition, offset: start };
  }

  #remove(partitions: readonly number[]): void {
    this.#reader.remove(partitions.map((partition) => ({ topic: this.#topic, partition })));
    for (const partition of partitions) this.#reading.delete(partition);
  }
}

/** How many messages of a partition are wanted at most; what is read from the end is not known before it is read. */
function wantedOf({ start, end, maxCount, fromEnd }: ReadRange): number {
  const offsets = Number(end - start);
  return fromEnd ? offsets : Math.min(maxCount, offsets);
}
