/**
 * One client's way along a stream, for the time of a command: from where it begins over what is in Kafka to what is
 * appended while it waits. The end of a topic is read once for all clients that wait; one that has fallen behind what
 * that reader keeps reads by itself until it has caught up.
 *
 * @module
 */

import { Notifier } from "../async/notifier.ts";
import type { ReaderPool } from "../kafka/reader/reader_pool.ts";
import { isOtherTopic } from "../kafka/reader/topic_id.ts";
import type { TopicTail } from "../kafka/reader/topic_tail.ts";
import type { TopicTails } from "../kafka/reader/topic_tails.ts";
import type { PartitionCounts } from "./partition_counts.ts";
import { forwards, type StreamCursors } from "./stream_cursors.ts";
import { MAX_ID, MIN_ID, nextId, type StreamId } from "./stream_id.ts";
import { isBeyond, type Offsets, type StreamOffsets, withOthers } from "./stream_offsets.ts";
import type { TopicIds } from "./topic_ids.ts";
import { entryOf, type ReadEntry } from "./stream_order.ts";
import { type PageBounds, type RangeBounds, readPage } from "./stream_range.ts";

/** Where reading begins: behind an id, at the end as it is then, or with the last entry. */
export type ReadFrom = StreamId | "end" | "last";

/** What a reading uses. */
export interface ReadingParts {
  /** Calls a function with the offsets of a topic; undefined if there is no such topic. */
  readonly offsetsOf: <T>(
    topic: string,
    ask: (offsets: StreamOffsets) => Promise<T>,
  ) => Promise<T | undefined>;
  /** Which topics exist. */
  readonly counts: PartitionCounts;
  /** Which topics are read. */
  readonly ids: TopicIds;
  /** Where clients go on. */
  readonly cursors: StreamCursors;
  /** Reads parts of partitions. */
  readonly read: ReaderPool["read"];
  /** Readers of ends of topics. */
  readonly tails: TopicTails;
}

/** What is read. */
export interface ReadingOptions {
  /** Name of the topic. */
  readonly topic: string;
  /** Where it begins. */
  readonly from: ReadFrom;
  /** The connection that reads. */
  readonly connectionId: number;
}

/** Timers take no longer time. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How often a topic that does not exist is looked for. */
const LOOK_FOR_TOPIC_MS = 250;

/** Used by one command at a time. */
export class StreamReading {
  /** Name of the topic. */
  readonly topic: string;
  readonly #parts: ReadingParts;
  readonly #connectionId: number;
  #from: ReadFrom;
  /** undefined as long as it has not begun: there is no such topic. */
  #positions: Offsets | undefined;
  /** The topic that these are of; undefined when it is not known. */
  #topicId: string | undefined;

  /** Nothing is read before the first call. */
  constructor(parts: ReadingParts, { topic, from, connectionId }: ReadingOptions) {
    this.#parts = parts;
    this.topic = topic;
    this.#from = from;
    this.#connectionId = connectionId;
  }

  /**
   * The next entries that there are; never waits for new ones.
   *
   * @param willWait what has just been appended may come with the next call, after `wait`
   * @throws {KafkaError} when Kafka does not say
   * @throws the reason of `signal`
   */
  async next(
    limits: PageBounds,
    willWait: boolean,
    signal: AbortSignal,
  ): Promise<readonly ReadEntry[]> {
    this.#lookForOther();
    this.#positions ??= this.#remembered();
    const tail = this.#positions && this.#tail(this.#parts.tails.find(this.topic));
    if (tail && !tail.window.isBehind(this.#positions!)) {
      const messages = tail.window.after(this.#positions!, limits);
      if (messages.length > 0) return this.#deliver(messages.map(entryOf));
      if (willWait) return [];
    }
    const entries = await this.#parts.offsetsOf(
      this.topic,
      (offsets) => this.#read(offsets, limits, signal),
    );
    if (entries) return entries;
    this.#beginAgain();
    return [];
  }

  /**
   * Waits until there may be more entries, until `signal` is aborted, or `timeoutMs` are over.
   *
   * @throws {KafkaError} when the topic can't be read, or too many others are
   */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#positions) return await this.#waitForTopic(timeoutMs, signal);
    const { tails } = this.#parts;
    const tail = this.#tail(tails.open(this.topic, this.#positions, this.#topicId));
    if (!tail?.window.isRead(this.#positions)) return;
    await tails.wait(tail, timeoutMs, signal);
    if (!tail.failure) return;
    if (tail.failure.isRecreatedTopic) {
      this.#parts.ids.note(this.topic, tail.topicId);
      return this.#beginAgain();
    }
    if (!tail.failure.isUnknownTopic) throw tail.failure;
    this.#parts.counts.forget(this.topic);
  }

  /** The reader of the topic's end; none if that reads another topic of this name. */
  #tail(tail: TopicTail | undefined): TopicTail | undefined {
    if (!tail || !isOtherTopic(tail.topicId, this.#topicId)) {
      this.#topicId ??= tail?.topicId;
      return tail;
    }
    this.#parts.tails.discard(tail);
    return undefined;
  }

  /** Somebody has read another topic of this name, which was deleted and created again. */
  #lookForOther(): void {
    if (isOtherTopic(this.#parts.ids.of(this.topic), this.#topicId)) this.#beginAgain();
  }

  /** All that the new topic has is behind what was read of the old one. */
  #beginAgain(): void {
    if (typeof this.#from === "string") this.#from = MIN_ID;
    this.#positions = undefined;
    this.#topicId = undefined;
  }

  async #waitForTopic(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0 || signal.aborted) return;
      await new Notifier().wait(Math.min(leftMs, LOOK_FOR_TOPIC_MS), signal);
      if (signal.aborted) return;
      if (await this.#parts.counts.of(this.topic, LOOK_FOR_TOPIC_MS) !== undefined) return;
    }
  }

  #remembered(): Offsets | undefined {
    if (typeof this.#from === "string") return undefined;
    this.#topicId = this.#parts.ids.of(this.topic);
    return this.#parts.cursors.find(this.#connectionId, forwards(this.topic), this.#from);
  }

  async #read(
    offsets: StreamOffsets,
    limits: PageBounds,
    signal: AbortSignal,
  ): Promise<readonly ReadEntry[]> {
    this.#lookForOther(); // a read before this one may have found it
    const ends = await this.#ends(offsets);
    if (this.#positions && isBeyond(this.#positions, ends)) this.#positions = undefined;
    if (this.#from === "end" && !this.#positions) {
      this.#positions = ends;
      return [];
    }
    const isLast = this.#from === "last" && !this.#positions;
    const bounds = isLast
      ? { start: MIN_ID, end: MAX_ID, from: await offsets.first(), to: ends }
      : await this.#bounds(offsets, ends);
    const page = await readPage(
      bounds,
      isLast ? { ...limits, maxCount: 1 } : limits,
      isLast,
      (ranges) => this.#parts.read(this.topic, ranges, signal),
    );
    this.#positions = withOthers(isLast ? ends : page.positions, this.#positions);
    this.#topicId = this.#parts.ids.of(this.topic);
    if (page.entries.length > 0) this.#remember(page.entries.at(-1)!.id);
    return page.entries;
  }

  async #ends(offsets: StreamOffsets): Promise<Offsets> {
    const { tails } = this.#parts;
    const tail = tails.find(this.topic);
    const read = tail?.window.positions;
    const ends = await offsets.end();
    if (read && isBeyond(read, ends)) tails.discard(tail!);
    return ends;
  }

  async #bounds(offsets: StreamOffsets, ends: Offsets): Promise<RangeBounds> {
    if (this.#positions) return { start: undefined, end: MAX_ID, from: this.#positions, to: ends };
    const start = nextId(this.#from as StreamId);
    const { offsets: from, before } = await offsets.from(start, ends);
    return { start, end: MAX_ID, from, to: ends, before };
  }

  #deliver(entries: readonly ReadEntry[]): readonly ReadEntry[] {
    const positions = [...this.#positions!];
    for (const { message: { partition, offset } } of entries) {
      while (positions.length <= partition) positions.push(0n);
      positions[partition] = offset + 1n;
    }
    this.#positions = positions;
    this.#remember(entries.at(-1)!.id);
    return entries;
  }

  #remember(id: StreamId): void {
    this.#parts.cursors.add(this.#connectionId, forwards(this.topic), id, this.#positions!);
  }
}

/** The entries of several streams, in the order of the streams. */
export type StreamPages = readonly (readonly ReadEntry[])[];

/**
 * The next entries of several streams that there are.
 *
 * @param limits for each stream
 * @param willWait if there are none, `waitForNext` follows
 * @throws {KafkaError} when one of them can't be read
 * @throws the reason of `signal`
 */
export async function readNow(
  readings: readonly StreamReading[],
  limits: PageBounds,
  willWait: boolean,
  signal: AbortSignal,
): Promise<StreamPages> {
  signal.throwIfAborted();
  return await Promise.all(readings.map((reading) => reading.next(limits, willWait, signal)));
}

/**
 * The next entries, as soon as one of the streams has some; `readNow` has found none.
 *
 * @param limits for each stream
 * @returns no entries of any when none came within `timeoutMs`
 * @throws {KafkaError} when one of them can't be read
 * @throws the reason of `signal`
 */
export async function waitForNext(
  readings: readonly StreamReading[],
  limits: PageBounds,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<StreamPages> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const leftMs = Math.min(deadlineMs - performance.now(), MAX_TIMER_MS);
    if (leftMs > 0) await waitForOne(readings, leftMs, signal);
    const willWait = performance.now() < deadlineMs;
    const pages = await readNow(readings, limits, willWait, signal);
    if (!willWait || hasEntries(pages)) return pages;
  }
}

/** Whether one of the streams has entries. */
export function hasEntries(pages: StreamPages): boolean {
  return pages.some((entries) => entries.length > 0);
}

async function waitForOne(
  readings: readonly StreamReading[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const first = new AbortController();
  const end = (): void => first.abort();
  signal.addEventListener("abort", end);
  try {
    await Promise.race(readings.map((reading) => reading.wait(timeoutMs, first.signal)));
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
