/**
 * The Kafka consumers of a gateway: those of one connection each (BLPOP), and those that all workers of a group share
 * (streams). Makes both, and makes both leave.
 *
 * @module
 */

import { settlesWithin } from "../async/settles_within.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { Consumer, ConsumerOptions } from "../kafka/consumer/consumer.ts";
import type { CommittedOffset } from "../kafka/client/group_admin.ts";
import type { Departing } from "../kafka/consumer/departures.ts";
import type { GroupConsumer, GroupConsumerOwner } from "../kafka/consumer/group_consumer.ts";
import { groupUnreachable } from "../kafka/consumer/group_errors.ts";

/** What is fetched ahead for a group. */
export interface PrefetchLimits {
  /** Number of messages. */
  readonly prefetchMessages: number;
  /** Their size. */
  readonly prefetchBytes: number;
}

/** How long a member that only commits waits for its group. */
const JOIN_MS = 5_000;

/** Owns no consumer after it has left. */
export class ConsumerOwner {
  readonly #cluster: Cluster;
  readonly #settings: PrefetchLimits;

  /** Of the gateway of this cluster. */
  constructor(cluster: Cluster, settings: PrefetchLimits) {
    this.#cluster = cluster;
    this.#settings = settings;
  }

  /**
   * Makes a consumer for one connection.
   *
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when there are too many consumers
   */
  openExclusive(options: ConsumerOptions): Consumer {
    return this.#cluster.newConsumer(options);
  }

  /**
   * Makes a consumer for all workers of a group.
   *
   * @param partitions number of those that share what is fetched ahead
   * @throws {KafkaError} when there are too many consumers
   */
  openShared(groupId: string, partitions: number, owner: GroupConsumerOwner): GroupConsumer {
    const { prefetchMessages: messages, prefetchBytes: bytes } = this.#settings;
    return this.#cluster.newGroupConsumer(groupId, { messages, bytes, partitions }, owner);
  }

  /** Makes a consumer commit and leave its group; a slow departure continues in the background. */
  leave(consumer: Departing): Promise<void> {
    return this.#cluster.departures.add(consumer);
  }

  /**
   * Commits offsets of a topic for a group that has members, none of which consumes the topic: Kafka takes them from a
   * member only.
   *
   * @throws {KafkaError} when Kafka refuses
   */
  async commitAsMember(
    groupId: string,
    topic: string,
    offsets: readonly CommittedOffset[],
  ): Promise<void> {
    const { promise: joined, resolve } = Promise.withResolvers<void>();
    const consumer = this.openShared(groupId, 1, {
      starting(): Promise<[]> {
        resolve();
        return Promise.resolve([]);
      },
      assigned: () => {},
      revoking: () => Promise.resolve(),
      arrived: () => {},
      skipped: () => {},
      recreating: () => {},
      recreated: () => {},
      failed: () => {},
    });
    try {
      consumer.subscribe([topic]);
      if (!await settlesWithin(joined, JOIN_MS)) {
        consumer.throwReason(topic);
        throw groupUnreachable(groupId, JOIN_MS);
      }
      await commitNow(consumer, offsets);
    } finally {
      await this.leave(consumer);
    }
  }
}

/**
 * Commits offsets with a member of a group.
 *
 * @throws {KafkaError} when Kafka refuses one
 */
export async function commitNow(
  consumer: Pick<GroupConsumer, "commit">,
  offsets: readonly CommittedOffset[],
): Promise<void> {
  const all = offsets.map(({ metadata = "", ...place }) => ({ ...place, metadata }));
  const [refused] = await consumer.commit(() => all);
  if (refused) throw refused.error;
}
