/**
 * The partitions that a member of a group has, from their assignment to the moment when they are given up.
 *
 * With an assignor like `range` each rebalance takes all partitions, and most come back. Those wait meanwhile: what is
 * pending stays so, and can be acked, if nobody has committed anything else when they come back.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { TopicPartition } from "../kafka/client/topic_partitions.ts";
import type { GroupConsumer, Revocation, StartOffset } from "../kafka/consumer/group_consumer.ts";
import type { GroupCommits } from "./group_commits.ts";
import type { MessageMemory } from "./message_memory.ts";
import { OwnedPartition } from "./owned_partition.ts";
import type { OwnedPartitionOptions } from "./partition_parts.ts";
import type { PartitionStarts } from "./partition_starts.ts";
import { NONE } from "./pending_entries.ts";
import type { ReadAgain } from "./redeliveries.ts";
import type { StreamGroup } from "./stream_group.ts";

/** What ownership needs of a group. */
export interface OwnershipParts {
  /** Kafka's group.id. */
  readonly name: string;
  /** Its topics. */
  readonly topics: ReadonlyMap<string, StreamGroup>;
  /** Its consumer. */
  readonly consumer: Pick<GroupConsumer, "queueOf">;
  /** Its commits. */
  readonly commits: GroupCommits;
  /** Where partitions begin. */
  readonly starts: PartitionStarts;
  /** Settings of its partitions. */
  readonly settings: Pick<OwnedPartitionOptions, "order" | "maxPending">;
  /** Memory of its messages. */
  readonly memory: MessageMemory;
  /** Reads messages of a topic again. */
  readonly readAgain: (topic: string) => ReadAgain;
  /** A partition is there from now on; it ended at `end` when it was assigned. */
  readonly onOwned: (topic: string, partition: OwnedPartition, end: number) => void;
  /** Pending entries are delivered again by others, or are gone. */
  readonly onLost: (count: number) => void;
}

/** How long partitions that are given up wait for their last commit. */
const LAST_COMMIT_MS = 3_000;

const logger = getLogger(["rafka", "groups"]);

/** The partitions of one member. */
export class Ownership {
  readonly #parts: OwnershipParts;
  /** Partitions that may come back. */
  readonly #waiting = new Set<OwnedPartition>();

  /** None yet. */
  constructor(parts: OwnershipParts) {
    this.#parts = parts;
  }

  /** Says where partitions begin. */
  async starting(
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly StartOffset[]> {
    const { starts, commits } = this.#parts;
    const offsets = await starts.find(partitions, signal);
    return offsets.map((start) => {
      const waiting = this.#waitingAt(start);
      const isOurs = waiting && commits.isLast(waiting, starts.get(start).committed);
      if (waiting && !isOurs) this.#giveUp([waiting]);
      return isOurs && waiting.position !== NONE
        ? { ...start, offset: BigInt(waiting.position) }
        : start;
    });
  }

  /** Partitions are assigned; those that were waited for and are not among them are another member's. */
  assigned(partitions: readonly TopicPartition[]): void {
    for (const place of partitions) this.#own(place);
    this.close();
  }

  /** Gives partitions up, or makes them wait. */
  async revoking(
    partitions: readonly TopicPartition[],
    { lost, all }: Revocation,
  ): Promise<void> {
    const { topics, commits } = this.#parts;
    const revoked = partitions.flatMap(({ topic, partition }) => {
      const group = topics.get(topic);
      const owned = group?.partitions.get(partition);
      return group && owned ? [{ group, owned }] : [];
    });
    const owned = revoked.map(({ owned }) => owned);
    const mayReturn = all && !lost;
    for (const { group, owned } of revoked) {
      owned.suspend();
      if (!mayReturn) group.remove(owned); // an ack from now on would not be committed
    }
    if (!lost) await commits.now(owned, LAST_COMMIT_MS);
    if (!mayReturn) return this.#giveUp(owned);
    for (const { group, owned } of revoked) {
      commits.hold(owned, group.topic);
      this.#waiting.add(owned);
    }
  }

  /** Gives up all partitions that are waited for. */
  close(): void {
    this.#giveUp([...this.#waiting]);
  }

  #waitingAt({ topic, partition }: TopicPartition): OwnedPartition | undefined {
    const owned = this.#parts.topics.get(topic)?.partitions.get(partition);
    return owned && this.#waiting.has(owned) ? owned : undefined;
  }

  #own(place: TopicPartition): void {
    const { topics, consumer, starts, commits, onOwned } = this.#parts;
    const { topic, partition } = place;
    const group = topics.get(topic);
    const source = consumer.queueOf(place);
    const start = starts.take(place);
    if (!group || !source) return;
    const waiting = this.#waitingAt(place);
    if (waiting) {
      this.#waiting.delete(waiting);
      waiting.resume(source);
      commits.release(waiting);
      return group.wakeNext();
    }
    const { settings, memory, readAgain } = this.#parts;
    const owned: OwnedPartition = new OwnedPartition({
      partition,
      source,
      offset: start.offset,
      progress: start.progress,
      order: settings.order,
      maxPending: settings.maxPending,
      memory,
      consumers: group.names,
      readAgain: readAgain(topic),
      onProgress: () => commits.soon(topic, owned),
      onReady: () => group.wakeNext(),
      onLost: (count, cause) => this.#onGone(place, count, cause),
    });
    commits.begin(owned, start.committed);
    group.add(owned);
    onOwned(topic, owned, start.end);
    group.wakeNext();
  }

  #giveUp(partitions: readonly OwnedPartition[]): void {
    const { name, topics, commits, onLost } = this.#parts;
    let count = 0;
    for (const partition of partitions) {
      this.#waiting.delete(partition);
      commits.forget(partition);
      for (const group of topics.values()) group.remove(partition);
      count += partition.close();
    }
    if (count === 0) return;
    onLost(count);
    logger.info(
      "Group {group}: {count} pending entries are delivered again by whoever gets their partitions",
      { group: name, count },
    );
  }

  #onGone(place: TopicPartition, count: number, cause: "deleted" | "recreated"): void {
    this.#parts.onLost(count);
    const why = cause === "deleted"
      ? "Kafka has deleted their messages"
      : "the topic was made again, or has lost its latest messages";
    logger.warn(
      "Group {group}: {count} pending entries of {topic}[{partition}] are gone, {why}",
      { group: this.#parts.name, count, ...place, why },
    );
  }
}
