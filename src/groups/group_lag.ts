/**
 * How far behind groups are, whoever their members are: as Kafka's own tools tell it, and without the messages that are
 * acked beyond the committed offset, which its metadata names.
 *
 * @module
 */

import type { Admin } from "../kafka/client/admin.ts";
import type { CommittedOffset } from "../kafka/client/group_admin.ts";
import { decodeProgress } from "./commit_metadata.ts";

/** How far behind a group is in a partition. */
export interface PartitionLag {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** The committed offset. */
  readonly committed: bigint;
  /** Messages behind it that are acked. */
  readonly acked: number;
  /** The high watermark; undefined when the topic, or the partition, is gone. */
  readonly end: bigint | undefined;
  /** Messages that are neither acked nor skipped; undefined as `end`. */
  readonly lag: bigint | undefined;
}

/**
 * The lag of a group in each partition that it has committed an offset of, in their order.
 *
 * @param topic the only one that is of interest; without, the embedded Kafka can't
 * @throws {KafkaError} when Kafka does not answer
 */
export async function groupLag(
  admin: Pick<Admin, "listGroupOffsets" | "listOffsets" | "partitionsOf">,
  group: string,
  topic?: string,
): Promise<PartitionLag[]> {
  // before the ends: a commit that comes in between must not be beyond them
  const committed = await admin.listGroupOffsets(group, topic);
  const byTopic = [...Map.groupBy(committed, ({ topic }) => topic)]
    .sort(([a], [b]) => a < b ? -1 : 1);
  const lags = await Promise.all(byTopic.map(async ([name, offsets]) => {
    const partitions = await admin.partitionsOf(name) ?? 0;
    const ends = partitions === 0 ? [] : await admin.listOffsets(name, partitions, "latest", {
      isolationLevel: "read_uncommitted",
    });
    return offsets.sort((a, b) => a.partition - b.partition)
      .map((offset) => lagOf(offset, ends[offset.partition]));
  }));
  return lags.flat();
}

function lagOf(
  { topic, partition, offset, metadata }: Required<CommittedOffset>,
  end: bigint | undefined,
): PartitionLag {
  const { runs } = decodeProgress(Number(offset), metadata);
  const acked = runs.reduce((sum, run, at) => at % 2 === 1 ? sum + run : sum, 0);
  const left = end === undefined ? undefined : end - offset - BigInt(acked);
  const lag = left !== undefined && left < 0n ? 0n : left;
  return { topic, partition, committed: offset, acked, end, lag };
}
