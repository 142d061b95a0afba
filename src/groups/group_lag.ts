/**
 * How far behind groups are, whoever their members are: as Kafka's own tools tell it, but for the messages that are acked
 * beyond the committed offset, which its metadata names.
 *
 * @module
 */

import type { Admin, PartitionOffsets } from "../kafka/client/admin.ts";
import type { CommittedOffset } from "../kafka/client/group_admin.ts";
import { partitionName, type TopicPartition } from "../kafka/client/topic_partitions.ts";
import { decodeProgress } from "./commit_metadata.ts";

/** How far behind a group is in a partition. */
export interface PartitionLag {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** The committed offset; undefined where a member has the partition, and has committed nothing. */
  readonly committed: bigint | undefined;
  /** Messages behind it that are acked. */
  readonly acked: number;
  /** The high watermark; undefined when the topic, or the partition, is gone. */
  readonly end: bigint | undefined;
  /** Messages that are neither acked nor skipped; undefined where one of the two is. */
  readonly lag: bigint | undefined;
}

/** What to ask of a group. */
export interface LagQuery {
  /** The only topic that is of interest; without, the embedded Kafka can't. */
  readonly topic?: string | undefined;
  /** Partitions that members have: they are told of, too, where nothing is committed. */
  readonly assigned?: readonly TopicPartition[];
}

/**
 * The lag of a group in each partition that it has committed an offset of, or has, in their order.
 *
 * @throws {KafkaError} when Kafka does not answer
 */
export async function groupLag(
  admin: Pick<Admin, "listGroupOffsets" | "listOffsets" | "partitionsOf">,
  group: string,
  { topic, assigned = [] }: LagQuery = {},
): Promise<PartitionLag[]> {
  // before the ends: a commit that comes in between must not be beyond them
  const committed = await admin.listGroupOffsets(group, topic);
  const offsets = new Map(committed.map((one) => [partitionName(one), one]));
  const all: TopicPartition[] = [
    ...committed,
    ...assigned.filter((one) =>
      !offsets.has(partitionName(one)) && (topic === undefined || one.topic === topic)
    ),
  ];
  const byTopic = [...Map.groupBy(all, ({ topic }) => topic)].sort(([a], [b]) => a < b ? -1 : 1);
  const lags = await Promise.all(byTopic.map(async ([name, places]) => {
    const ends = await endsOf(admin, name);
    return places.sort((a, b) => a.partition - b.partition)
      .map((place) => lagOf(place, offsets.get(partitionName(place)), ends[place.partition]));
  }));
  return lags.flat();
}

/** As Kafka's tools see them: messages of open transactions count. */
async function endsOf(
  admin: Pick<Admin, "listOffsets" | "partitionsOf">,
  topic: string,
): Promise<PartitionOffsets> {
  const partitions = await admin.partitionsOf(topic) ?? 0;
  if (partitions === 0) return [];
  return await admin.listOffsets(topic, partitions, "latest", {
    isolationLevel: "read_uncommitted",
  });
}

function lagOf(
  { topic, partition }: TopicPartition,
  committed: Required<CommittedOffset> | undefined,
  end: bigint | undefined,
): PartitionLag {
  if (!committed) return { topic, partition, committed: undefined, acked: 0, end, lag: undefined };
  const { offset, metadata } = committed;
  const { runs } = decodeProgress(Number(offset), metadata);
  const acked = runs.reduce((sum, run, at) => at % 2 === 1 ? sum + run : sum, 0);
  const left = end === undefined ? undefined : end - offset - BigInt(acked);
  const lag = left !== undefined && left < 0n ? 0n : left;
  return { topic, partition, committed: offset, acked, end, lag };
}
