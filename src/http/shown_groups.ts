/**
 * The groups that a gateway works in, each once: its workers of BLPOP, and its streams.
 *
 * @module
 */

import type { ClientView } from "../commands/core/context.ts";
import { type GroupStatus, statusOf } from "../groups/group_status.ts";
import type { ConsumedLag } from "../groups/lag_watch.ts";
import type { LiveGroup } from "../groups/live_group.ts";

/** A group, as far as this gateway has to do with it. */
export interface ShownGroup {
  /** Kafka's group.id. */
  readonly group: string;
  /** Number of connections that consume by BLPOP. */
  workers: number;
  /** Number of consumers of its streams. */
  consumers: number;
  /** Number of workers and consumers that wait for messages. */
  waiting: number;
  /** Number of pending entries of its streams. */
  pending: number;
  /** Number of partitions that the gateway has for it. */
  partitions: number;
  /** Number of those that `streams.maxPending` holds up. */
  heldUp: number;
  /** Messages behind the committed offsets, the sum of its partitions; undefined when none is known. */
  lag: number | undefined;
  /** What it consumes: names, and patterns of BLPOP. */
  readonly topics: Set<string>;
  /** Its streams, one for each topic. */
  readonly streams: GroupStatus[];
}

/**
 * Those with the most lag first.
 *
 * @param nameOf what a group or topic is called; groups of one name are summed up
 */
export function shownGroups(
  clients: readonly ClientView[],
  live: readonly LiveGroup[],
  lag: readonly ConsumedLag[],
  nameOf: (name: string) => string,
): ShownGroup[] {
  const groups = new Map<string, ShownGroup>();
  for (const { blocked, kafka: { consumer } } of clients) {
    if (!consumer) continue;
    const group = groupNamed(groups, nameOf(consumer.groupId));
    group.workers++;
    group.waiting += Number(blocked);
    group.partitions += consumer.assigned.size;
    for (const topic of consumer.topics) group.topics.add(nameOf(topic));
  }
  for (const status of statusOf(live)) {
    addStream(groupNamed(groups, nameOf(status.group)), { ...status, topic: nameOf(status.topic) });
  }
  for (const one of lag) {
    const group = groups.get(nameOf(one.group));
    if (group) group.lag = (group.lag ?? 0) + one.lag;
  }
  return [...groups.values()].sort((a, b) => (b.lag ?? -1) - (a.lag ?? -1));
}

function addStream(group: ShownGroup, status: GroupStatus): void {
  group.consumers += status.consumers;
  group.waiting += status.waiting;
  group.pending += status.pending;
  group.partitions += status.partitions.length;
  group.heldUp += status.heldUp.length;
  group.topics.add(status.topic);
  group.streams.push(status);
}

function groupNamed(groups: Map<string, ShownGroup>, name: string): ShownGroup {
  const known = groups.get(name);
  if (known) return known;
  const group: ShownGroup = {
    group: name,
    workers: 0,
    consumers: 0,
    waiting: 0,
    pending: 0,
    partitions: 0,
    heldUp: 0,
    lag: undefined,
    topics: new Set(),
    streams: [],
  };
  groups.set(name, group);
  return group;
}
