/**
 * Deletes the first records of topics (Kafka's DeleteRecords), for all consumers of the topic.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { KafkaError } from "../kafka/client/error.ts";
import type { Message } from "../kafka/client/message.ts";
import type { Cluster } from "../kafka/cluster.ts";
import { MAX_ID, MIN_ID, placeOf, type StreamId } from "./stream_id.ts";
import type { Offsets, StreamOffsets } from "./stream_offsets.ts";
import { type EntryPage, type RangeBounds, readPage, type ReadParts } from "./stream_range.ts";

/** What is kept of a stream: so many entries, or all from an id on. */
export type StreamBound = { readonly length: bigint } | { readonly minId: StreamId };

/** Entries of one page: they are only counted. */
const PAGE = { maxCount: 10_000, maxBytes: 8 * 1024 * 1024 };
/** What XADD asks for is done a little later, once for all entries until then. */
const DELAY_MS = 100;

const logger = getLogger(["rafka", "streams"]);

/** What trimming uses. */
export interface TrimParts {
  /** Kafka. */
  readonly cluster: Pick<Cluster, "admin">;
  /** Calls `ask` with the offsets of a topic; undefined if there is no such topic. */
  readonly offsetsOf: <T>(
    topic: string,
    ask: (offsets: StreamOffsets) => Promise<T>,
  ) => Promise<T | undefined>;
  /** The messages with these ids; undefined for those that there are not. */
  readonly messages: (
    topic: string,
    ids: readonly StreamId[],
  ) => Promise<(Message | undefined)[]>;
  /** Reads parts of partitions. */
  readonly read: (topic: string) => ReadParts;
}

/** Trims streams. */
export class StreamTrims {
  readonly #parts: TrimParts;
  /** What is to be done soon, by topic. */
  readonly #soon = new Map<string, StreamBound>();
  readonly #running = new Set<string>();
  #closed = false;

  /** Trims nothing yet. */
  constructor(parts: TrimParts) {
    this.#parts = parts;
  }

  /**
   * Deletes what is not kept. A length is that of XLEN: markers of transactions and gaps of compaction count. Of the
   * entries of one millisecond more may be kept than a smallest id says.
   *
   * @returns how many offsets are gone; 0 if there is no such topic
   * @throws {KafkaError} when Kafka refuses it
   */
  async trim(topic: string, bound: StreamBound): Promise<bigint> {
    const deleted = await this.#parts.offsetsOf(topic, async (offsets) => {
      const [first, ends] = await Promise.all([offsets.first(), offsets.end()]);
      const before = "minId" in bound
        ? await this.#beforeId(topic, bound.minId, offsets, ends)
        : await this.#beforeLast(topic, bound.length, first, ends);
      return await this.#deleteBefore(topic, before, first);
    });
    return deleted ?? 0n;
  }

  /** The same a little later; a failure is logged. */
  soon(topic: string, bound: StreamBound): void {
    const isNew = !this.#soon.has(topic);
    this.#soon.set(topic, bound);
    if (isNew && !this.#running.has(topic)) setTimeout(() => void this.#run(topic), DELAY_MS);
  }

  /** What is to be done soon is not done any more. */
  close(): void {
    this.#closed = true;
    this.#soon.clear();
  }

  async #run(topic: string): Promise<void> {
    const bound = this.#soon.get(topic);
    if (!bound || this.#closed) return;
    this.#soon.delete(topic);
    this.#running.add(topic);
    try {
      await this.trim(topic, bound);
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      logger.error("Topic {topic} is not trimmed for XADD: {reason}", {
        topic,
        reason: error.message,
      });
    } finally {
      this.#running.delete(topic);
    }
    if (this.#soon.has(topic)) setTimeout(() => void this.#run(topic), DELAY_MS);
  }

  async #beforeId(
    topic: string,
    minId: StreamId,
    offsets: StreamOffsets,
    ends: Offsets,
  ): Promise<Offsets> {
    const { offsets: from } = await offsets.from(minId, ends);
    const [message] = await this.#parts.messages(topic, [minId]);
    const { partition, offset } = placeOf(minId);
    return message ? from.with(partition, offset) : from;
  }

  /** Reads as many entries as are deleted, or as are kept: whatever is less. */
  async #beforeLast(
    topic: string,
    length: bigint,
    first: Offsets,
    ends: Offsets,
  ): Promise<Offsets> {
    const surplus = distance(first, ends) - length;
    if (surplus <= 0n) return first;
    if (length === 0n) return ends;
    const reverse = length < surplus;
    const wanted = reverse ? length : surplus;
    let [from, to, done] = [first, ends, 0n];
    while (done < wanted) {
      const maxCount = Math.min(PAGE.maxCount, Number(wanted - done));
      const page = await this.#page(topic, { from, to }, maxCount, reverse);
      if (reverse) to = page.positions;
      else from = page.positions;
      done = reverse ? distance(to, ends) : distance(first, from);
      if (page.entries.length === 0) break;
    }
    return reverse ? to : from;
  }

  #page(
    topic: string,
    range: Pick<RangeBounds, "from" | "to">,
    maxCount: number,
    reverse: boolean,
  ): Promise<EntryPage> {
    const bounds = { ...range, start: MIN_ID, end: MAX_ID };
    return readPage(bounds, { ...PAGE, maxCount }, reverse, this.#parts.read(topic));
  }

  async #deleteBefore(topic: string, before: Offsets, first: Offsets): Promise<bigint> {
    const later = before.map((offset, partition) => [partition, offset] as const)
      .filter(([partition, offset]) => offset > first[partition]!);
    const now = await this.#parts.cluster.admin.deleteRecords(topic, new Map(later));
    return [...now].reduce((sum, [partition, offset]) => sum + offset - first[partition]!, 0n);
  }
}

function distance(from: Offsets, to: Offsets): bigint {
  return to.reduce((sum, offset, partition) => sum + offset - from[partition]!, 0n);
}
