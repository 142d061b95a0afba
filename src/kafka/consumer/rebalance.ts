/**
 * Serves the rebalances of one consumer (rd_kafka_rebalance_protocol in rdkafka.h).
 *
 * @module
 */

import { ERR__ASSIGN_PARTITIONS } from "../../ffi/constants.ts";
import { fromCString } from "../../ffi/memory.ts";
import type { Assignment } from "./assignment.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import type { MessageQueue } from "./message_queue.ts";
import { check, checkErrorObject } from "../client/error.ts";
import { readTopicPartitions, type TopicPartition } from "../client/topic_partitions.ts";

/** Result of a rebalance. */
export interface Rebalance {
  /** The partitions are assigned; else they are revoked. */
  readonly assigns: boolean;
  /** Assigned or revoked partitions. */
  readonly partitions: readonly TopicPartition[];
  /** All partitions of the consumer now. */
  readonly held: readonly TopicPartition[];
}

/**
 * Assigns or revokes the partitions of a rebalance event; a revoke commits their stored offsets first
 * (`enable.auto.commit`).
 *
 * @param messages gets the messages of the partitions
 * @param assignment is kept up to date
 * @param onAssigning gets partitions before librdkafka has handles of their topics
 * @throws {KafkaError} when librdkafka refuses
 */
export function serveRebalance(
  client: KafkaClient,
  event: Deno.PointerValue,
  messages: MessageQueue,
  assignment: Assignment,
  onAssigning: (partitions: readonly TopicPartition[]) => void = () => {},
): Rebalance {
  const { library, pointer } = client;
  const { symbols } = library;
  const assigns = symbols.rd_kafka_event_error(event) === ERR__ASSIGN_PARTITIONS;
  const list = symbols.rd_kafka_event_topic_partition_list(event);
  const partitions = readTopicPartitions(library, list);
  messages.forgetTopics();
  if (assigns) {
    onAssigning(partitions);
    messages.include(partitions);
  }
  const incremental = fromCString(symbols.rd_kafka_rebalance_protocol(pointer)) === "COOPERATIVE";
  if (!incremental) {
    check(library, symbols.rd_kafka_assign(pointer, assigns ? list : null));
  } else if (assigns) {
    checkErrorObject(library, symbols.rd_kafka_incremental_assign(pointer, list));
  } else {
    checkErrorObject(library, symbols.rd_kafka_incremental_unassign(pointer, list));
  }
  if (assigns) assignment.add(partitions, incremental);
  else if (incremental) assignment.remove(partitions);
  else assignment.removeAll();
  return { assigns, partitions, held: assignment.held };
}
