/**
 * Log lines about a consumer as a member of its group.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { ERR__NO_OFFSET, ERR_NO_ERROR } from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { kafkaError } from "../client/error.ts";
import type { Rebalance } from "./rebalance.ts";
import { formatTopicPartitions, readTopicPartitions } from "../client/topic_partitions.ts";

/** More topics than these are counted, not named. */
const MAX_LOGGED_TOPICS = 20;

const logger = getLogger(["rafka", "consumer"]);

/** A consumer of a group, for the log. */
export interface Member {
  /** Its name in the log. */
  readonly consumer: string;
  /** Usual events are logged for debugging only. */
  readonly quiet: boolean;
}

/** Logs that a consumer begins to join. */
export function logJoining({ consumer, quiet }: Member, topics: readonly string[]): void {
  logger[quiet ? "debug" : "info"]("Consumer {consumer} joins its group for {topics}", {
    consumer,
    topics: topics.length <= MAX_LOGGED_TOPICS ? topics.join(",") : `${topics.length} topics`,
  });
}

/** Logs what a rebalance has assigned or revoked, and all partitions of the consumer where they are others. */
export function logRebalance({ consumer, quiet }: Member, rebalance: Rebalance): void {
  logger[quiet ? "debug" : "info"](`Consumer {consumer} ${whatHappened(rebalance)}`, {
    consumer,
    partitions: formatTopicPartitions(rebalance.partitions) || "no partitions",
    held: formatTopicPartitions(rebalance.held) || "none",
  });
}

function whatHappened({ assigns, partitions, held }: Rebalance): string {
  if (!assigns) return "gives up {partitions} (it has {held} now)";
  if (held.length === partitions.length) return "is assigned {partitions}";
  if (partitions.length === 0) return "keeps {held}";
  return "is assigned {partitions} (it has {held} now)";
}

/** Logs a commit if it was refused; whether it was. */
export function logCommit(consumer: string, library: Library, event: Deno.PointerValue): boolean {
  const { symbols } = library;
  const code = symbols.rd_kafka_event_error(event);
  if (code === ERR_NO_ERROR || code === ERR__NO_OFFSET) return false;
  const list = symbols.rd_kafka_event_topic_partition_list(event);
  logger.warn("Consumer {consumer} could not commit {partitions}: {error}", {
    consumer,
    partitions: formatTopicPartitions(readTopicPartitions(library, list)),
    error: kafkaError(library, code).message,
  });
  return true;
}
