/**
 * Consumer groups as their coordinators describe them.
 *
 * @module
 */

import { ERR_GROUP_ID_NOT_FOUND } from "../../ffi/constants.ts";
import { fromCString } from "../../ffi/memory.ts";
import { type BrokerDescription, readBroker } from "./brokers.ts";
import { readErrorObject } from "./error.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { readTopicPartitions, type TopicPartition } from "./topic_partitions.ts";

/** A member of a group. */
export interface GroupMember {
  /** Kafka's `member.id`. */
  readonly memberId: string;
  /** Its `client.id`. */
  readonly clientId: string;
  /** Its address. */
  readonly host: string;
  /** Its partitions. */
  readonly partitions: readonly TopicPartition[];
}

/** A group, as its coordinator knows it. */
export interface GroupDescription {
  /** librdkafka's name of the state, e.g. "Stable" or "Empty". */
  readonly state: string;
  /** How partitions are divided among members, e.g. "range"; "" for a group without members. */
  readonly assignor: string;
  /** The broker that coordinates it. */
  readonly coordinator: BrokerDescription;
  /** Its members. */
  readonly members: readonly GroupMember[];
}

/** What a coordinator says of a group that it does not know. */
const UNKNOWN_GROUP_STATE = "Dead";

/**
 * A description, `rd_kafka_ConsumerGroupDescription_t *`; undefined if there is no such group.
 *
 * @throws {KafkaError} when the coordinator refuses it
 */
export function readGroup(
  client: KafkaClient,
  group: Deno.PointerValue,
): GroupDescription | undefined {
  const { library } = client;
  const { symbols } = library;
  const error = symbols.rd_kafka_ConsumerGroupDescription_error(group);
  if (error !== null) {
    const described = readErrorObject(library, error);
    if (described.code === ERR_GROUP_ID_NOT_FOUND) return undefined;
    if (described.code !== 0) throw described;
  }
  const state = stateName(client, symbols.rd_kafka_ConsumerGroupDescription_state(group));
  if (state === UNKNOWN_GROUP_STATE) return undefined;
  const count = Number(symbols.rd_kafka_ConsumerGroupDescription_member_count(group));
  const members = Array.from({ length: count }, (_, index) => {
    const member = symbols.rd_kafka_ConsumerGroupDescription_member(group, BigInt(index));
    return readMember(client, member);
  });
  const coordinator = symbols.rd_kafka_ConsumerGroupDescription_coordinator(group);
  return {
    state,
    assignor: fromCString(symbols.rd_kafka_ConsumerGroupDescription_partition_assignor(group)),
    coordinator: readBroker(client, coordinator),
    members,
  };
}

/** The name of `rd_kafka_consumer_group_state_t`. */
export function stateName({ library: { symbols } }: KafkaClient, code: number): string {
  return fromCString(symbols.rd_kafka_consumer_group_state_name(code));
}

function readMember(
  { library }: KafkaClient,
  member: Deno.PointerValue,
): GroupMember {
  const { symbols } = library;
  const assignment = symbols.rd_kafka_MemberDescription_assignment(member);
  const list = assignment && symbols.rd_kafka_MemberAssignment_partitions(assignment);
  return {
    memberId: fromCString(symbols.rd_kafka_MemberDescription_consumer_id(member)),
    clientId: fromCString(symbols.rd_kafka_MemberDescription_client_id(member)),
    host: fromCString(symbols.rd_kafka_MemberDescription_host(member)),
    partitions: readTopicPartitions(library, list)
      .map(({ topic, partition }) => ({ topic, partition })),
  };
}
