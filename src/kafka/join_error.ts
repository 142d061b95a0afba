/**
 * @module
 * Why a consumer cannot join its group, where Kafka's own words say too little.
 */

import { ERR_INCONSISTENT_GROUP_PROTOCOL } from "../ffi/constants.ts";
import { KafkaError } from "./error.ts";

/** The same error; for workers that do not agree how to share partitions, with what to do. */
export function explainJoin(error: KafkaError, groupId: string): KafkaError {
  const { code, codeName, fatal, message } = error;
  if (code !== ERR_INCONSISTENT_GROUP_PROTOCOL) return error;
  const advice = `the others in group '${groupId}' have another partition.assignment.strategy ` +
    `or group.protocol: configure theirs, or stop them all before this one starts`;
  return new KafkaError(`${message}: ${advice}`, code, codeName, { fatal });
}
