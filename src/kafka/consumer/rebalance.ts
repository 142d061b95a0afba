/**
 * Does what a rebalance of the group asks of one consumer (rd_kafka_rebalance_protocol in rdkafka.h).
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

/** What a rebalance has changed. */
export interface Rebalance {
  /** The partitions are given to this consumer; else they are taken from it. */
  readonly assigns: boolean;
  /** Those that are given or taken. */
  readonly partitions: readonly TopicPartition[];
  /** All that it has now. */
  readonly held: readonly TopicPartition[];
}

/**
 * Takes the partitions of a rebalance event, or gives them up; giving up commits their stored offsets first
 * (`enable.auto.commit`).
 *
 * @param messages gets the messages of the partitions
 * @param assignment is kept up to date
 * @param onAssigning hears of partitions before librdkafka makes anything of theirs
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
