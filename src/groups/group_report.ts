/**
 * What Kafka knows of a group beyond this gateway: how much is left, what was delivered last.
 *
 * @module
 */

import { KafkaError } from "../kafka/client/error.ts";
import type { CommittedProgress, GroupOffsets } from "./group_offsets.ts";
import type { OwnedPartition } from "./owned_partition.ts";
import type { ReadAgain } from "./redeliveries.ts";
import {
  compareIds,
  MIN_ID,
  recordId,
  type RecordPlace,
  type StreamId,
} from "../streams/stream_id.ts";

/** The part of a group's information that Kafka has. */
export interface GroupReport {
  /** Messages that are neither acked nor skipped; undefined when Kafka can't be asked. */
  readonly lag: number | undefined;
  /** Number of messages that were delivered or skipped; undefined unless this gateway has all partitions. */
  readonly entriesRead: number | undefined;
  /** The largest id that was delivered. */
  readonly lastDelivered: StreamId;
  /** Number of pending entries of partitions that this gateway does not have, as of their last commits. */
  readonly pendingElsewhere: number;
}

/** A group on a topic. */
export interface ReportedGroup {
  /** Kafka's group.id. */
  readonly name: string;
  /** Name of the topic. */
  readonly topic: string;
  /** Partitions that this gateway has. */
  readonly partitions: ReadonlyMap<number, OwnedPartition>;
  /** The largest id that was delivered here. */
  readonly lastDelivered: StreamId;
}

/**
 * Reports on a group.
 *
 * @param read reads messages of the topic
 */
export async function reportOn(
  group: ReportedGroup,
  offsets: GroupOffsets,
  read: ReadAgain,
): Promise<GroupReport> {
  try {
    const [ends, committed] = await Promise.all([
      offsets.ends(group.topic),
      offsets.committed(group.name, group.topic),
    ]);
    const others = committed.filter(({ partition }) => !group.partitions.has(partition));
    const progress = new Map(committed.map((one) => [one.partition, one]));
    const left = ends.map((end, partition) =>
      group.partitions.get(partition)?.unfinishedBefore(end) ??
        unfinishedBefore(end, progress.get(partition))
    );
    return {
      lag: left.reduce((sum, count) => sum + count, 0),
      entriesRead: entriesRead(ends, group),
      lastDelivered: await latest(group, committed, read),
      pendingElsewhere: others.reduce((sum, one) => sum + sumOf(one, 0), 0),
    };
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    const unknown = { lag: undefined, entriesRead: undefined };
    return { ...unknown, lastDelivered: group.lastDelivered, pendingElsewhere: 0 };
  }
}

/** How far another gateway is beyond its last commit is not known. */
function entriesRead(
  ends: readonly number[],
  { partitions }: ReportedGroup,
): number | undefined {
  const read = ends.map((end, partition) => partitions.get(partition)?.readBefore(end));
  return read.includes(undefined) ? undefined : read.reduce<number>((sum, one) => sum + one!, 0);
}

/** Without a commit the group begins at the first message; what was deleted before is not left. */
function unfinishedBefore(end: number, committed: CommittedProgress | undefined): number {
  if (!committed) return end;
  return Math.max(0, end - Number(committed.offset) - sumOf(committed, 1));
}

/** Sum of the runs that are not acked (0), or acked (1). */
function sumOf({ progress: { runs } }: CommittedProgress, kind: 0 | 1): number {
  return runs.reduce((sum, run, at) => at % 2 === kind ? sum + run : sum, 0);
}

/** Ids have timestamps, which only the messages have. */
async function latest(
  { partitions, lastDelivered }: ReportedGroup,
  committed: readonly CommittedProgress[],
  read: ReadAgain,
): Promise<StreamId> {
  const places: RecordPlace[] = committed
    .filter(({ partition }) => !partitions.get(partition)?.hasDelivered)
    .map((one) => ({
      partition: one.partition,
      offset: one.offset + BigInt(sumOf(one, 0) + sumOf(one, 1)) - 1n,
    }))
    .filter(({ offset }) => offset >= 0n);
  if (places.length === 0) return lastDelivered;
  const ids = (await read(places)).flatMap((message) =>
    message ? [recordId(message.metadata?.timestampMs, message.partition, message.offset)] : []
  );
  return [lastDelivered, ...ids].reduce((a, b) => compareIds(a, b) < 0 ? b : a, MIN_ID);
}
