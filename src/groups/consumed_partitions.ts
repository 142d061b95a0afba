/**
 * The partitions that consumers of this gateway have, whether of one connection each or of a stream group.
 *
 * @module
 */

import type { Consumer } from "../kafka/consumer/consumer.ts";
import type { TopicPartition } from "../kafka/client/topic_partitions.ts";
import type { LiveGroup } from "./live_group.ts";

/** A partition, and the group that it is consumed for. */
export interface ConsumedPartition extends TopicPartition {
  /** Kafka's group.id. */
  readonly group: string;
}

/** In no order. */
export function consumedPartitions(
  consumers: readonly Pick<Consumer, "groupId" | "assigned">[],
  live: readonly LiveGroup[],
): ConsumedPartition[] {
  const exclusive = consumers.flatMap(({ groupId, assigned }) =>
    [...assigned].map((name) => {
      const [topic, partition] = name.split(":"); // Kafka allows no colon in a topic's name
      return { group: groupId, topic: topic!, partition: Number(partition) };
    })
  );
  const shared = live.flatMap(({ name, topics }) =>
    [...topics.values()].flatMap(({ topic, partitions }) =>
      [...partitions.keys()].map((partition) => ({ group: name, topic, partition }))
    )
  );
  return [...exclusive, ...shared];
}
