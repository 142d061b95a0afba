/**
 * Moves the committed offsets of groups without members.
 *
 * @module
 */

import type { Admin, OffsetSpec, PartitionOffsets } from "../kafka/client/admin.ts";
import type { CommittedOffset } from "../kafka/client/group_admin.ts";
import { requireOffset, requirePartition } from "../streams/topic_page.ts";

/** Where a group goes on: in all partitions of a topic, or in one. */
export type SeekTarget =
  | "earliest"
  | "latest"
  | { readonly timestampMs: number }
  | { readonly partition: number; readonly offset: bigint };

/**
 * The offsets to commit; undefined if there is no such topic.
 *
 * @throws {KafkaError} when Kafka does not answer, and for an offset that a partition does not have
 */
export async function seekOffsets(
  admin: Admin,
  topic: string,
  target: SeekTarget,
): Promise<CommittedOffset[] | undefined> {
  const partitions = await admin.partitionsOf(topic);
  if (partitions === undefined) return undefined;
  const list = (spec: OffsetSpec): Promise<PartitionOffsets> =>
    admin.listOffsets(topic, partitions, spec, { isolationLevel: "read_uncommitted" });
  if (typeof target !== "string" && "partition" in target) {
    const { partition, offset } = target;
    requirePartition(topic, partitions, partition);
    const [first, end] = await Promise.all([list("earliest"), list("latest")]);
    requireOffset(topic, partition, offset, [first[partition]!, end[partition]!]);
    return [{ topic, partition, offset }];
  }
  const [offsets, end] = await Promise.all([list(target), list("latest")]);
  return offsets.map((offset, partition) => ({
    topic,
    partition,
    offset: offset ?? end[partition]!, // no message is as late
  }));
}
