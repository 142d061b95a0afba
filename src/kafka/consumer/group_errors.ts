/**
 * Errors about groups for many workers that are the gateway's own.
 *
 * @module
 */

import {
  ERR__CRIT_SYS_RESOURCE,
  ERR__STATE,
  ERR__TIMED_OUT,
  ERR_GROUP_ID_NOT_FOUND,
} from "../../ffi/constants.ts";
import { KafkaError } from "../client/error.ts";

/** The gateway is a member of as many groups as it may be. */
export function tooManyGroups(count: number): KafkaError {
  return new KafkaError(
    `this gateway is a member of ${count} stream groups, as many as server.streams.maxGroups allows`,
    ERR__CRIT_SYS_RESOURCE,
    "_CRIT_SYS_RESOURCE",
  );
}

/** A group, or its use of a topic, has ended while somebody used it. */
export function groupEnded(group: string): KafkaError {
  return new KafkaError(
    `group ${group} is not in use here any more`,
    ERR_GROUP_ID_NOT_FOUND,
    "GROUP_ID_NOT_FOUND",
  );
}

/** Other members have partitions that are to be changed. */
export function hasOtherMembers(group: string, topic: string): KafkaError {
  return new KafkaError(
    `group ${group} has members elsewhere that consume ${topic}: stop them first`,
    ERR__STATE,
    "_STATE",
  );
}

/** A group could not be joined. */
export function groupUnreachable(group: string, timeoutMs: number): KafkaError {
  return new KafkaError(
    `group ${group} could not be joined within ${timeoutMs} ms`,
    ERR__TIMED_OUT,
    "_TIMED_OUT",
  );
}
