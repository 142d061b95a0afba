/**
 * What librdkafka says in its texts only: no code, event or struct has it. Everything that Rafka reads from a text of
 * librdkafka is read here. The places in its source are those of 2.12.0; a test compares each text with the source.
 *
 * @module
 */

/** rd_kafka_log0 (rdkafka.c:303): what each line of the log begins with. */
const THREAD = /^\[thrd:.*?\]: /;
/** rd_kafka_broker_set_error (rdkafka_broker.c:605): facility of the failures of brokers. */
const BROKER_FAILURE = "FAIL";
/** rd_kafka_propagate_consumer_topic_errors (rdkafka_cgrp.c:5261), prefix at 5498 and 6942. */
const TOPIC_NOT_AVAILABLE = /^Subscribed topic not available: (\S+): /;
/** rd_kafka_cgrp_handle_JoinGroup (rdkafka_cgrp.c:2439), rd_kafka_cgrp_handle_FindCoordinator (803). */
const GROUP_REFUSED = /^(JoinGroup failed|FindCoordinator response error): /;
/**
 * rd_kafka_offset_reset (rdkafka_offset.c:877), facility OFFSET:
 * `t [0]: offset reset (at offset 5 (leader epoch 1), broker 1) to offset BEGINNING (leader epoch -1): why: error`
 */
const OFFSET_RESET =
  /: (\S+) \[(\d+)\]: offset reset \(at (?:offset )?(\d+)[^,]*, broker -?\d+\) to (.*?(BEGINNING|END)[^:]*): (.*)$/;
/** begin_again (tasks/native/recreated_topics.c), of an error UNKNOWN_TOPIC_ID. */
const TOPIC_RECREATED = /^(\S+) \[(\d+)\]: deleted and created again, it was read up to (\d+)$/;
/** rd_kafka_cgrp_handle_LeaveGroup (rdkafka_cgrp.c:984), a line of the log with tasks/native/fixes/groups.ts. */
const LEAVE_REFUSED = "LEAVEGROUP";
/** rd_kafka_broker_bufq_timeout_scan (rdkafka_broker.c:958). */
const REQUEST_TIMED_OUT = "REQTMOUT";
const LEAVE_REQUEST = "LeaveGroupRequest";
/** Not that it was taken, which `debug` shows. */
const LEAVE_ERROR = "response error";
/** RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID (rdkafka.c): Kafka has removed the member before. */
const UNKNOWN_MEMBER = "Unknown member";

/** A partition of a topic that was deleted and created again while it was consumed. */
export interface RecreatedPartition {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** The offset behind what was read of the old topic. */
  readonly readTo: bigint;
}

/** An offset that a partition does not have, and where librdkafka goes on. */
export interface LoggedReset {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** The offset that is not there. */
  readonly from: bigint;
  /** It goes on at the end of the partition, else at the beginning. */
  readonly toEnd: boolean;
  /** Why, with the error. */
  readonly reason: string;
}

/** Why a client could not connect to a broker, `<broker>: <reason>`, if the line of the log is about that. */
export function brokerFailureIn(facility: string, line: string): string | undefined {
  return facility === BROKER_FAILURE ? line.replace(THREAD, "") : undefined;
}

/** Name of the topic that an error of a subscription is about; undefined where it is about none. */
export function unavailableTopicIn(text: string): string | undefined {
  return TOPIC_NOT_AVAILABLE.exec(text)?.[1];
}

/** Whether an error of a consumer says that the group, or its coordinator, refuses it. */
export function isGroupRefusal(text: string): boolean {
  return GROUP_REFUSED.test(text);
}

/** The reset of an offset that a line of the log is about, if it is. */
export function offsetResetIn(facility: string, line: string): LoggedReset | undefined {
  const match = facility === "OFFSET" ? OFFSET_RESET.exec(line) : null;
  if (!match) return undefined;
  const [, topic, partition, from, , where, reason] = match;
  return {
    topic: topic!,
    partition: Number(partition),
    from: BigInt(from!),
    toEnd: where === "END",
    reason: reason!,
  };
}

/** The partition of a topic that was deleted and created again that an error of a client is about; undefined for none. */
export function recreatedIn(text: string): RecreatedPartition | undefined {
  const match = TOPIC_RECREATED.exec(text);
  if (!match) return undefined;
  const [, topic, partition, readTo] = match;
  return { topic: topic!, partition: Number(partition), readTo: BigInt(readTo!) };
}

/** Why Kafka does not know that a consumer has left its group, if the line of the log says so. */
export function leaveFailureIn(facility: string, line: string): string | undefined {
  if (facility === REQUEST_TIMED_OUT) {
    return line.includes(LEAVE_REQUEST) ? "Kafka did not answer in time" : undefined;
  }
  const isRefused = facility === LEAVE_REFUSED && line.includes(LEAVE_ERROR);
  if (!isRefused || line.includes(UNKNOWN_MEMBER)) return undefined;
  return line.slice(line.lastIndexOf(": ") + 2);
}

/** The setting among `names` that librdkafka cannot use the value of (`ssl.* failed`, rdkafka_ssl.c). */
export function failedSettingIn(text: string, names: readonly string[]): string | undefined {
  return names.find((name) => text.startsWith(`${name} failed`));
}

/** Those of `names` that a refusal mentions. */
export function settingsIn(text: string, names: readonly string[]): string[] {
  return names.filter((name) => text.includes(name));
}
