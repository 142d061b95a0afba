/**
 * A page of a topic's messages from an offset, a time, or its end; of all partitions or of one. Not by id: topics may have
 * any number of partitions.
 *
 * @module
 */

import type { OffsetSpec, PartitionOffsets } from "../kafka/client/admin.ts";
import { KafkaError } from "../kafka/client/error.ts";
import type { Message } from "../kafka/client/message.ts";
import type { Cluster } from "../kafka/cluster.ts";
import { MAX_ID, MIN_ID } from "./stream_id.ts";
import type { Offsets } from "./stream_offsets.ts";
import { type PageBounds, readPage, type ReadParts } from "./stream_range.ts";

/** Where a page begins; "latest" are the last messages. */
export type PageStart =
  | "earliest"
  | "latest"
  | { readonly offset: bigint }
  | { readonly timestampMs: number };

/** What to read of a topic. */
export interface TopicQuery extends PageBounds {
  /** The only partition; undefined for all. */
  readonly partition: number | undefined;
  /** Where to begin; an offset is one of `partition`. */
  readonly from: PageStart;
}

/** What was read. */
export interface TopicPage {
  /** By timestamp; those of a partition in their order. */
  readonly messages: readonly Message[];
  /** The limit of its size has ended it. */
  readonly isCut: boolean;
}

const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC_OR_PART = 3;

/**
 * Reads a page.
 *
 * @returns undefined if there is no such topic
 * @throws {KafkaError} when Kafka does not say, and for a partition or an offset that there is not
 */
export async function readTopicPage(
  { admin, isolationLevel }: Pick<Cluster, "admin" | "isolationLevel">,
  read: ReadParts,
  topic: string,
  query: TopicQuery,
): Promise<TopicPage | undefined> {
  const partitions = await admin.partitionsOf(topic);
  if (partitions === undefined) return undefined;
  requirePartition(topic, partitions, query.partition);
  const list = (spec: OffsetSpec): Promise<PartitionOffsets> =>
    admin.listOffsets(topic, partitions, spec, { isolationLevel });
  const [first, end] = await Promise.all([list("earliest"), list("latest")]) as [Offsets, Offsets];
  const from = await startsOf(topic, query, first, end, list);
  const isLatest = query.from === "latest";
  const isWanted = (partition: number): boolean =>
    query.partition === undefined || query.partition === partition;
  const bounds = {
    start: isLatest ? MIN_ID : undefined,
    end: MAX_ID,
    from: from.map((offset, partition) => isWanted(partition) ? offset : end[partition]!),
    to: end,
  };
  const { entries, isCut } = await readPage(bounds, query, isLatest, read);
  const messages = entries.map(({ message }) => message);
  return { messages: isLatest ? messages.reverse() : messages, isCut };
}

/**
 * A partition must be one of the topic's.
 *
 * @throws {KafkaError} for another
 */
export function requirePartition(
  topic: string,
  count: number,
  partition: number | undefined,
): void {
  if (partition === undefined || partition < count) return;
  const message = `Topic ${topic} has the partitions 0 to ${count - 1}, not ${partition}`;
  throw new KafkaError(message, UNKNOWN_TOPIC_OR_PART, "UNKNOWN_TOPIC_OR_PART");
}

async function startsOf(
  topic: string,
  { from, partition }: TopicQuery,
  first: Offsets,
  end: Offsets,
  list: (spec: OffsetSpec) => Promise<PartitionOffsets>,
): Promise<Offsets> {
  if (typeof from === "string") return first;
  if ("timestampMs" in from) return (await list(from)).map((offset, at) => offset ?? end[at]!);
  requireOffset(topic, partition!, from.offset, [first[partition!]!, end[partition!]!]);
  return first.map((offset, at) => at === partition ? from.offset : offset);
}

/**
 * The end is an offset, too: the next message gets it.
 *
 * @throws {KafkaError} for an offset that a partition does not have
 */
export function requireOffset(
  topic: string,
  partition: number,
  offset: bigint,
  [first, end]: readonly [bigint, bigint],
): void {
  if (offset >= first && offset <= end) return;
  throw new KafkaError(
    `Partition ${partition} of ${topic} has the offsets ${first} to ${end}, not ${offset}`,
    OFFSET_OUT_OF_RANGE,
    "OFFSET_OUT_OF_RANGE",
  );
}
