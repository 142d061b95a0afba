/**
 * Why a consumer gets nothing, where Kafka's own words say too little.
 *
 * @module
 */

import { ERR__AUTO_OFFSET_RESET, ERR_INCONSISTENT_GROUP_PROTOCOL } from "../../ffi/constants.ts";
import { KafkaError } from "../client/error.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";

/**
 * The same error; for workers that do not agree how to share partitions, and for offsets that are not there, with what to
 * do.
 */
export function explainError(
  error: KafkaError,
  groupId: string,
  place?: TopicPartition,
): KafkaError {
  const { code, codeName, fatal } = error;
  const message = error.message + (place ? ` (${place.topic}[${place.partition}])` : "");
  const advice = adviceFor(code, groupId);
  return new KafkaError(advice ? `${message}: ${advice}` : message, code, codeName, { fatal });
}

function adviceFor(code: number, groupId: string): string | undefined {
  if (code === ERR_INCONSISTENT_GROUP_PROTOCOL) {
    return `the others in group '${groupId}' have another partition.assignment.strategy or group.protocol: ` +
      "configure theirs, or stop them all before this one starts";
  }
  if (code === ERR__AUTO_OFFSET_RESET) {
    return `auto.offset.reset is error: stop the workers of group '${groupId}' and set its offset ` +
      "(kafka-consumer-groups --reset-offsets)";
  }
  return undefined;
}
