/**
 * What Kafka has committed for groups that have pending lists: where they begin, how far they are, their end.
 *
 * @module
 */

import type { Cluster } from "../kafka/cluster.ts";
import type { OffsetSpec, PartitionOffsets } from "../kafka/client/admin.ts";
import { KafkaError } from "../kafka/client/error.ts";
import type { CommittedOffset } from "../kafka/client/group_admin.ts";
import { decodeProgress, type Progress } from "./commit_metadata.ts";
import type { EmbeddedGroups } from "./embedded_groups.ts";
import { streamPartitions } from "../streams/partition_counts.ts";
import type { StreamId } from "../streams/stream_id.ts";
import { offsetFrom } from "../streams/stream_offsets.ts";

/** Where a new group begins: at the end, or behind this id (`0-0` for the first entry). */
export type GroupStart = "end" | StreamId;

/** How far a group is in a partition. */
export interface CommittedProgress {
  /** Number of the partition. */
  readonly partition: number;
  /** The committed offset. */
  readonly offset: bigint;
  /** Its metadata. */
  readonly metadata: string;
  /** What that says of the messages behind it. */
  readonly progress: Progress;
}

const RETRY_MS = 100;
/** Number of groups whose offsets are asked for at a time. */
const ASKED_AT_A_TIME = 16;

/** Committed offsets of groups. */
export class GroupOffsets {
  readonly #cluster: Pick<Cluster, "admin" | "isEmbedded" | "isolationLevel">;
  /** The embedded Kafka can neither list groups nor delete offsets; all its groups are in this process. */
  readonly #embedded: EmbeddedGroups;

  /** Asks the cluster. */
  constructor(
    cluster: Pick<Cluster, "admin" | "isEmbedded" | "isolationLevel">,
    embedded: EmbeddedGroups,
  ) {
    this.#cluster = cluster;
    this.#embedded = embedded;
  }

  /**
   * How far a group is in a topic; empty when it has no offsets of the topic, or there is no topic.
   *
   * @throws {KafkaError} when Kafka does not answer
   */
  async committed(group: string, topic: string): Promise<CommittedProgress[]> {
    if (this.#embedded.isDestroyed(group, topic)) return [];
    const committed = await this.#cluster.admin.listGroupOffsets(group, topic);
    if (this.#embedded.isDestroyed(group, topic)) return []; // meanwhile
    if (committed.length > 0) this.#embedded.seen(group, topic);
    return committed.map(({ partition, offset, metadata }) => ({
      partition,
      offset,
      metadata,
      progress: decodeProgress(Number(offset), metadata),
    }));
  }

  /**
   * Whether a group has offsets of a topic.
   *
   * @throws {KafkaError} when Kafka does not answer
   */
  async exists(group: string, topic: string): Promise<boolean> {
    return (await this.committed(group, topic)).length > 0;
  }

  /**
   * Groups that have offsets of a topic, in the order of their names.
   *
   * @throws {KafkaError} when Kafka does not answer
   */
  async groupsOf(topic: string): Promise<string[]> {
    if (this.#cluster.isEmbedded) return this.#embedded.groupsOf(topic);
    const groups = (await this.#cluster.admin.listGroups()).map(({ group }) => group);
    const found: string[] = [];
    for (let at = 0; at < groups.length; at += ASKED_AT_A_TIME) {
      const some = groups.slice(at, at + ASKED_AT_A_TIME);
      const have = await Promise.all(some.map((group) => this.exists(group, topic)));
      found.push(...some.filter((_, index) => have[index]));
    }
    return found;
  }

  /** Takes note of a group that was created. */
  created(group: string, topic: string): void {
    this.#embedded.created(group, topic);
  }

  /**
   * The offsets at which a group begins in each partition. Where timestamps are in the order of offsets, those are the
   * messages whose ids are larger than `start`.
   *
   * @throws {KafkaError} when Kafka does not answer
   */
  async startOffsets(
    topic: string,
    partitions: number,
    start: GroupStart,
  ): Promise<CommittedOffset[]> {
    const list = (spec: OffsetSpec): Promise<PartitionOffsets> =>
      this.#list(topic, partitions, spec);
    const high = await list("latest");
    const offsetsFrom = async (timestampMs: number): Promise<bigint[]> => {
      const offsets = await list({ timestampMs });
      return offsets.map((offset, partition) => offset ?? high[partition] ?? 0n);
    };
    const toStarts = (offsets: readonly (bigint | undefined)[]): CommittedOffset[] =>
      offsets.map((offset, partition) => ({ topic, partition, offset: offset ?? 0n }));
    if (start === "end") return toStarts(high);
    if (start.ms === 0) return toStarts(await list("earliest"));
    const [first, next] = await Promise.all([offsetsFrom(start.ms), offsetsFrom(start.ms + 1)]);
    return toStarts(
      first.map((from, partition) => offsetFrom(start.seq + 1n, partition, from, next[partition]!)),
    );
  }

  /**
   * The last offset of each partition, which has no message yet.
   *
   * @throws {KafkaError} when Kafka does not answer
   */
  async ends(topic: string): Promise<number[]> {
    const partitions = await streamPartitions(this.#cluster.admin, topic) ?? 0;
    const offsets = await this.#list(topic, partitions, "latest");
    return offsets.map((offset) => Number(offset ?? 0n));
  }

  /**
   * Commits offsets of a group without members.
   *
   * @returns false when it has members
   * @throws {KafkaError} when Kafka refuses
   */
  async commit(group: string, offsets: readonly CommittedOffset[]): Promise<boolean> {
    try {
      await this.#cluster.admin.alterGroupOffsets(group, offsets);
      return true;
    } catch (error) {
      if (isKafkaError(error, "UNKNOWN_MEMBER_ID")) return false;
      throw error;
    }
  }

  /**
   * Deletes what a group has committed for a topic, and the group when nothing else is left.
   *
   * @param patienceMs how long a member may still consume the topic
   * @throws {KafkaError} when Kafka refuses: a member of the group consumes the topic
   */
  async delete(group: string, topic: string, patienceMs: number): Promise<void> {
    if (this.#cluster.isEmbedded) return this.#embedded.destroyed(group, topic);
    await this.#deleteOffsets(group, topic, performance.now() + patienceMs);
    if ((await this.#cluster.admin.listGroupOffsets(group)).length > 0) return;
    try {
      await this.#cluster.admin.deleteGroup(group);
    } catch (error) {
      if (!isKafkaError(error, "NON_EMPTY_GROUP")) throw error; // it consumes other topics
    }
  }

  /** As the group's consumers see them: the end is where an open transaction begins, or they read on there. */
  #list(topic: string, partitions: number, spec: OffsetSpec): Promise<PartitionOffsets> {
    const { admin, isolationLevel } = this.#cluster;
    return admin.listOffsets(topic, partitions, spec, { isolationLevel });
  }

  async #deleteOffsets(group: string, topic: string, deadlineMs: number): Promise<void> {
    for (;;) {
      try {
        return void await this.#cluster.admin.deleteGroupOffsets(group, topic);
      } catch (error) {
        const mayPass = isKafkaError(error, "GROUP_SUBSCRIBED_TO_TOPIC");
        if (!mayPass || performance.now() > deadlineMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

/** Whether it is an error of Kafka with this name. */
export function isKafkaError(error: unknown, codeName: string): boolean {
  return error instanceof KafkaError && error.codeName === codeName;
}
