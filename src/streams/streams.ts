/**
 * Topics as streams that are read without a group: how long they are, ranges of their entries, single entries, and what
 * is appended to them.
 *
 * @module
 */

import { KafkaError, recreatedTopic } from "../kafka/client/error.ts";
import type { Message } from "../kafka/client/message.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { OffsetSpec, PartitionOffsets } from "../kafka/client/admin.ts";
import type { RangePart, ReadRange } from "../kafka/reader/range_read.ts";
import { SharedCalls } from "../async/shared_calls.ts";
import { ReaderPool } from "../kafka/reader/reader_pool.ts";
import {
  LONG_POOL,
  LONG_READ,
  LONG_READS,
  LOOK_FOR_PARTITIONS_MS,
  POINT_POOL,
  POINT_READS,
  TAIL_IDLE_MS,
  TAIL_READS,
  TAIL_WINDOW,
} from "../kafka/reader/reader_settings.ts";
import { TopicTails } from "../kafka/reader/topic_tails.ts";
import { PartitionCounts, streamPartitions } from "./partition_counts.ts";
import { forwards, type PageKind, StreamCursors } from "./stream_cursors.ts";
import {
  compareIds,
  MAX_ID,
  MIN_ID,
  nextId,
  placeOf,
  previousId,
  type RecordPlace,
  type StreamId,
} from "./stream_id.ts";
import {
  isBeyond,
  type ListOffsets,
  type Offsets,
  StreamOffsets,
  withOthers,
} from "./stream_offsets.ts";
import { entryOf, inIdOrder, type ReadEntry } from "./stream_order.ts";
import { type PageBounds, type RangeBounds, readPage, type ReadParts } from "./stream_range.ts";
import { readTopicPage, type TopicPage, type TopicQuery } from "./topic_page.ts";
import { TopicIds } from "./topic_ids.ts";
import { placeName, rangesOf } from "./point_ranges.ts";
import { StreamTrims } from "./stream_trims.ts";
import { type ReadFrom, StreamReading } from "./stream_reading.ts";

/** What streams need of Kafka. */
export type StreamsCluster = Pick<Cluster, "admin" | "isolationLevel" | "newReader">;

/** A part of a stream; `start` is never behind `end`, in both directions. */
export interface RangeQuery extends PageBounds {
  /** The first id. */
  readonly start: StreamId;
  /** The last id. */
  readonly end: StreamId;
  /** From the last entry to the first. */
  readonly reverse?: boolean;
  /** The connection that asks: its next range may go on from this one. */
  readonly connectionId: number;
}

/** A page of a range. */
export interface RangePage {
  /** In the order of the direction. */
  readonly entries: readonly ReadEntry[];
  /** The limit of its size has ended it. */
  readonly isCut: boolean;
}

/** What is known of a stream as a whole. */
export interface StreamExtent {
  /** The first offsets of its partitions. */
  readonly first: Offsets;
  /** The offsets behind the last messages. */
  readonly end: Offsets;
  /** Number of entries; with transactions and compaction there may be less. */
  readonly length: bigint;
}

/** Memory for where clients go on. */
const CURSOR_BYTES = 8 * 1024 * 1024;
/** The leaders of a new topic may not know it yet. */
const UNKNOWN_MS = 2_000;
const RETRY_MS = 50;
const NO_ENTRIES: RangePage = { entries: [], isCut: false };

/** All streams of a cluster. */
export class Streams {
  readonly #cluster: StreamsCluster;
  readonly #counts: PartitionCounts;
  readonly #cursors = new StreamCursors(CURSOR_BYTES);
  readonly #ids = new TopicIds((topic) => this.#cursors.forget(topic));
  /** Ends of topics: many clients ask for them at once when an entry has woken them. */
  readonly #ends = new SharedCalls<PartitionOffsets>();
  readonly #pools: { readonly point: ReaderPool; readonly long: ReaderPool };
  readonly #tails: TopicTails;
  /** Deletes the first records of topics. */
  readonly trims: StreamTrims;

  /** Reads nothing before it is asked. */
  constructor(cluster: StreamsCluster, { maxReaders }: { readonly maxReaders: number }) {
    this.#cluster = cluster;
    this.#counts = new PartitionCounts((topic) => streamPartitions(cluster.admin, topic));
    this.#pools = {
      point: new ReaderPool((sink) => cluster.newReader(POINT_READS, sink), POINT_POOL),
      long: new ReaderPool((sink) => cluster.newReader(LONG_READS, sink), LONG_POOL),
    };
    this.trims = new StreamTrims({
      cluster,
      offsetsOf: (topic, ask) => this.offsetsOf(topic, ask),
      messages: (topic, ids) => this.messages(topic, ids),
      read: (topic) => (ranges) => this.#read(topic, ranges),
    });
    this.#tails = new TopicTails({
      maxTails: maxReaders,
      idleMs: TAIL_IDLE_MS,
      tail: {
        newReader: (sink) => cluster.newReader(TAIL_READS, sink),
        countPartitions: (topic) => streamPartitions(cluster.admin, topic),
        lookMs: LOOK_FOR_PARTITIONS_MS,
        window: TAIL_WINDOW,
        inOrder: inIdOrder,
      },
    });
  }

  /** Number of topics whose ends are being read. */
  get tails(): number {
    return this.#tails.count;
  }

  /**
   * First and last offsets; undefined if there is no such topic.
   *
   * @throws {KafkaError} when Kafka does not say
   */
  async extent(topic: string): Promise<StreamExtent | undefined> {
    return await this.offsetsOf(topic, async (offsets) => {
      const [first, end] = await Promise.all([offsets.first(), offsets.end()]);
      const length = end.reduce((sum, offset, at) => sum + offset - first[at]!, 0n);
      return { first, end, length };
    });
  }

  /**
   * A page of a range of ids; empty if there is no such topic. It goes on where the page ended whose last id is right
   * before it, see `StreamCursors`; else the ids decide, except that the entries of the partition of the id before the
   * range are those behind that entry.
   *
   * @throws {KafkaError} when Kafka does not say
   * @throws the reason of `signal`
   */
  async range(topic: string, query: RangeQuery, signal: AbortSignal): Promise<RangePage> {
    const { start, end } = query;
    if (compareIds(start, end) === 0) {
      const [message] = await this.messages(topic, [start], signal);
      return message ? { entries: [entryOf(message)], isCut: false } : NO_ENTRIES;
    }
    const page = await this.offsetsOf(
      topic,
      (offsets) => this.#page(topic, query, offsets, signal),
    );
    return page ?? NO_ENTRIES;
  }

  /**
   * The messages with these ids; undefined for those that there are not, or no longer.
   *
   * @throws {KafkaError} when Kafka does not say
   * @throws the reason of `signal`, if there is one
   */
  async messages(
    topic: string,
    ids: readonly StreamId[],
    signal?: AbortSignal,
  ): Promise<(Message | undefined)[]> {
    const messages = await this.messagesAt(topic, ids.map(placeOf), signal);
    return messages.map((message, at) =>
      message && compareIds(entryOf(message).id, ids[at]!) === 0 ? message : undefined
    );
  }

  /**
   * The messages at these places; undefined for those that there are not, or no longer.
   *
   * @throws {KafkaError} when Kafka does not say
   * @throws the reason of `signal`, if there is one
   */
  async messagesAt(
    topic: string,
    places: readonly RecordPlace[],
    signal?: AbortSignal,
  ): Promise<(Message | undefined)[]> {
    const wanted = new Set(places.map(placeName));
    const found = new Map<string, Message>();
    await this.offsetsOf(topic, async (offsets) => {
      for (const ranges of rangesOf(places, await offsets.end())) {
        const parts = await this.#read(topic, ranges, signal);
        for (const message of [...parts.values()].flatMap(({ messages }) => messages)) {
          if (wanted.has(placeName(message))) found.set(placeName(message), message);
        }
      }
    });
    return places.map((place) => found.get(placeName(place)));
  }

  /**
   * Messages of a topic from somewhere on; undefined if there is no such topic. It may have more partitions than ids
   * have room for.
   *
   * @throws {KafkaError} when Kafka does not say, and for a partition or an offset that there is not
   * @throws the reason of `signal`
   */
  async read(
    topic: string,
    query: TopicQuery,
    signal: AbortSignal,
  ): Promise<TopicPage | undefined> {
    const read: ReadParts = (ranges) => this.#read(topic, ranges, signal);
    return await this.#patiently(
      topic,
      () => readTopicPage(this.#cluster, read, topic, query),
      (error) => error.isRecreatedTopic,
    );
  }

  /**
   * Whether there is such a topic.
   *
   * @param missingForMs for so long Kafka is not asked again for one that there is not
   * @throws {KafkaError} when Kafka does not say
   */
  async exists(topic: string, missingForMs: number = 0): Promise<boolean> {
    return await this.#counts.of(topic, missingForMs) !== undefined;
  }

  /** Reads on from somewhere, and waits for what is appended. */
  reading(topic: string, from: ReadFrom, connectionId: number): StreamReading {
    return new StreamReading(
      {
        offsetsOf: (name, ask) => this.offsetsOf(name, ask),
        counts: this.#counts,
        ids: this.#ids,
        cursors: this.#cursors,
        read: (name, ranges, signal) => this.#read(name, ranges, signal),
        tails: this.#tails,
      },
      { topic, from, connectionId },
    );
  }

  /**
   * Calls `ask` with the offsets of a topic; undefined if there is no such topic. A topic that has been made anew
   * meanwhile, with other partitions, is asked for again.
   *
   * @throws {KafkaError} when Kafka does not say
   */
  async offsetsOf<T>(
    topic: string,
    ask: (offsets: StreamOffsets) => Promise<T>,
  ): Promise<T | undefined> {
    return await this.#patiently(topic, async () => {
      const partitions = await this.#counts.of(topic);
      if (partitions === undefined) return undefined;
      const list: ListOffsets = (...args) => this.#listOffsets(...args);
      return await ask(new StreamOffsets(list, topic, partitions));
    }, (error) => error.isUnknownTopic || error.isRecreatedTopic);
  }

  /** Closes all readers; what is being read fails with `reason`. */
  async close(reason: Error): Promise<void> {
    this.trims.close();
    const { point, long } = this.#pools;
    await Promise.all([point.close(reason), long.close(reason), this.#tails.close()]);
  }

  /** Calls `ask` again while it fails with an error that may pass. */
  async #patiently<T>(
    topic: string,
    ask: () => Promise<T>,
    mayPass: (error: KafkaError) => boolean,
  ): Promise<T> {
    const deadlineMs = performance.now() + UNKNOWN_MS;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const isFinal = !(error instanceof KafkaError) || !mayPass(error);
        if (isFinal || performance.now() > deadlineMs) throw error;
        this.#counts.forget(topic);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** @throws {KafkaError} UNKNOWN_TOPIC_ID for the first read of another topic of this name */
  async #read(
    topic: string,
    ranges: readonly ReadRange[],
    signal?: AbortSignal,
  ): Promise<Map<number, RangePart>> {
    const isLong = ranges.some(({ start, end, maxCount }) =>
      maxCount > LONG_READ && end - start > LONG_READ
    );
    const parts = await this.#pools[isLong ? "long" : "point"].read(topic, ranges, signal);
    for (const { topicId } of parts.values()) {
      if (this.#ids.note(topic, topicId)) throw recreatedTopic(topic);
    }
    return parts;
  }

  #listOffsets(topic: string, partitions: number, spec: OffsetSpec): Promise<PartitionOffsets> {
    const { admin, isolationLevel } = this.#cluster;
    const ask = (): Promise<PartitionOffsets> =>
      admin.listOffsets(topic, partitions, spec, { isolationLevel });
    return spec === "latest" ? this.#ends.call(`${topic} ${partitions}`, ask) : ask();
  }

  async #page(
    topic: string,
    query: RangeQuery,
    offsets: StreamOffsets,
    signal: AbortSignal,
  ): Promise<RangePage> {
    const { connectionId, reverse = false } = query;
    const kind: PageKind = { topic, reverse, until: reverse ? query.start : query.end };
    const { bounds, ends } = await this.#bounds(query, kind, offsets);
    const { entries, positions, isCut } = await readPage(
      bounds,
      query,
      reverse,
      (ranges) => this.#read(topic, ranges, signal),
    );
    if (entries.length > 0) {
      const all = withOthers(positions, reverse ? undefined : bounds.from);
      this.#cursors.add(connectionId, kind, entries.at(-1)!.id, all);
      if (reverse && compareIds(query.end, MAX_ID) === 0) {
        // what is appended from now on comes behind the last entry, whatever its timestamp
        this.#cursors.add(connectionId, forwards(topic), entries[0]!.id, ends);
      }
    }
    return { entries, isCut };
  }

  async #bounds(
    { start, end, connectionId }: RangeQuery,
    kind: PageKind,
    offsets: StreamOffsets,
  ): Promise<{ readonly bounds: RangeBounds; readonly ends: Offsets }> {
    const before = kind.reverse ? nextId(end) : previousId(start);
    const known = before && this.#cursors.find(connectionId, kind, before);
    if (!known && !kind.reverse) {
      const { ends, offsets: from, before: beforeStart } = await offsets.fromAndEnds(start);
      const { offsets: to } = await offsets.behind(end, ends);
      return { bounds: { start, end, from, to, before: beforeStart }, ends };
    }
    const ends = await offsets.end();
    const isKnown = known !== undefined && !isBeyond(known, ends);
    if (kind.reverse) {
      const [from, behind] = await Promise.all([
        compareIds(start, MIN_ID) === 0
          ? offsets.first()
          : offsets.from(start, ends).then((found) => found.offsets),
        isKnown ? { offsets: known, late: known } : offsets.behind(end, ends),
      ]);
      const { offsets: to, late } = behind;
      return { bounds: { start, end: isKnown ? MAX_ID : end, from, to, late }, ends };
    }
    const { offsets: to } = await offsets.behind(end, ends);
    if (isKnown) return { bounds: { start: undefined, end, from: known, to }, ends };
    const { offsets: from, before: beforeStart } = await offsets.from(start, ends);
    return { bounds: { start, end, from, to, before: beforeStart }, ends };
  }
}
