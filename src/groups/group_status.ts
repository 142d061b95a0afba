/**
 * What a gateway says of the groups that it is a member of: who waits, what is pending, what is held up.
 *
 * @module
 */

import { type HoldUp, holdUpOf } from "./hold_ups.ts";
import type { LiveGroup } from "./live_group.ts";
import type { StreamGroup } from "./stream_group.ts";

/** A partition that `streams.maxPending` holds up. */
export interface HeldPartition extends HoldUp {
  /** Number of the partition. */
  readonly partition: number;
}

/** The state of a group on a topic. */
export interface GroupStatus {
  /** Kafka's group.id. */
  readonly group: string;
  /** Name of the topic. */
  readonly topic: string;
  /** Number of consumers. */
  readonly consumers: number;
  /** Number of callers that wait for entries. */
  readonly waiting: number;
  /** Number of pending entries. */
  readonly pending: number;
  /** Messages of the partitions here that are not acked, as of the last fetch; undefined before the first one. */
  readonly lag: number | undefined;
  /** Partitions that this gateway has. */
  readonly partitions: readonly number[];
  /** Those of them that are held up, and by whom. */
  readonly heldUp: readonly HeldPartition[];
  /** Since a client last asked something of the group. */
  readonly idleMs: number;
}

/** The state of each topic of groups, in the order of their names. */
export function statusOf(groups: readonly LiveGroup[]): GroupStatus[] {
  return groups.flatMap((live) =>
    [...live.topics.values()].sort((a, b) => a.topic < b.topic ? -1 : 1)
      .map(statusOfTopic)
  );
}

function statusOfTopic(group: StreamGroup): GroupStatus {
  const { name, topic, names, waiting, partitions } = group;
  const owned = [...partitions.values()].sort((a, b) => a.partition - b.partition);
  return {
    group: name,
    topic,
    consumers: names.count,
    waiting: waiting.count,
    pending: names.pending,
    lag: group.lag,
    partitions: owned.map(({ partition }) => partition),
    heldUp: group.heldBack.sort((a, b) => a.partition - b.partition)
      .map((one) => ({ partition: one.partition, ...holdUpOf(one, names) })),
    idleMs: Math.floor(group.idleMs),
  };
}
