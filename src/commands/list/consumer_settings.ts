/**
 * The allow-list of settings in the JSON of BLPOP, each within bounds. A client is not the operator: other settings of
 * librdkafka could exhaust the gateway's memory, processor time and threads, flood the brokers, or end the process, and
 * a newer librdkafka may have more of that kind.
 *
 * @module
 */

import type { Right } from "../../auth/rights.ts";
import { isTopicName, TOPIC_NAME_RULE } from "../../kafka/client/topic_name.ts";
import {
  always,
  flag,
  listOf,
  namesOf,
  nameThat,
  oneOf,
  type SettingRule,
  textOf,
  wholeNumber,
} from "./setting_rule.ts";

/** A setting of a client's consumer. */
export interface ConsumerSetting {
  /** librdkafka's name, or Rafka's own, which begins with `rafka.`. */
  readonly name: string;
  /** For its value. */
  readonly rule: SettingRule;
  /** Its purpose, or why it is ignored, in Markdown. */
  readonly meaning: string;
  /** It can cost other clients, the group or the brokers: it takes `CONSUMER_SETTINGS_RIGHT`. */
  readonly costsOthers?: true;
  /** Accepted for clients of the first Rafka, but not passed to librdkafka. */
  readonly ignored?: true;
}

/** What a reply may have of a message beside its value. */
export type MessageField = "key" | "timestamp" | "headers";

/** Rafka's own settings of a consumer. */
export interface OwnSettings {
  /** In the order of the reply. */
  readonly fields: readonly MessageField[];
  /** An ack stands for its message alone. */
  readonly acksEach: boolean;
}

/** Settings that are Rafka's own. */
export const OWN = /^rafka\./;

/** The right to settings that cost others, for rules of users: `+consumer-settings`. */
export const CONSUMER_SETTINGS_RIGHT: Right = {
  name: "consumer-settings",
  categories: ["dangerous"],
};

const DAY_MS = 86_400_000;

const FETCH_MESSAGE_BYTES: Omit<ConsumerSetting, "name"> = {
  rule: wholeNumber(1_024, "fetchBytes"),
  meaning: "how much is fetched of a partition at a time; a larger message is fetched all the same",
};

/** All settings, in the order of the documentation. */
export const consumerSettings: readonly ConsumerSetting[] = [
  {
    name: "auto.offset.reset",
    rule: oneOf("earliest", "smallest", "beginning", "latest", "largest", "end", "error"),
    meaning: "where a group without committed offsets starts",
  },
  {
    name: "isolation.level",
    rule: oneOf("read_committed", "read_uncommitted"),
    meaning: "whether messages of open or aborted transactions are delivered",
  },
  {
    name: "fetch.wait.max.ms",
    // each wait ends in a request: shorter ones keep gateway and brokers busy for nothing. During a longer one the broker
    // answers nothing else on the connection, and librdkafka times requests out after 60 seconds
    rule: wholeNumber(10, 30_000),
    meaning: "how long a broker waits for `fetch.min.bytes`",
    costsOthers: true,
  },
  {
    name: "fetch.min.bytes",
    rule: wholeNumber(1, "fetchBytes"),
    meaning: "how much a broker waits for, `fetch.wait.max.ms` at most",
    costsOthers: true,
  },
  {
    name: "fetch.max.bytes",
    rule: wholeNumber("messageBytes", "fetchBytes"),
    meaning: "how much is fetched at a time",
  },
  { name: "fetch.message.max.bytes", ...FETCH_MESSAGE_BYTES },
  { name: "max.partition.fetch.bytes", ...FETCH_MESSAGE_BYTES },
  {
    name: "queued.min.messages",
    rule: wholeNumber(1, "queuedMessages"),
    meaning: "how many messages of a partition are fetched ahead",
  },
  {
    name: "queued.max.messages.kbytes",
    rule: wholeNumber(1, "queuedKbytes"),
    meaning: "how much is fetched ahead",
  },
  {
    name: "check.crcs",
    rule: flag,
    meaning: "whether the checksums of what is fetched are compared",
  },
  {
    name: "session.timeout.ms",
    rule: wholeNumber(6_000, 1_800_000), // Kafka's own group.min and group.max.session.timeout.ms
    meaning: "how long a gateway may be silent before its workers' partitions are reassigned",
    costsOthers: true,
  },
  {
    name: "heartbeat.interval.ms",
    rule: wholeNumber(500, 30_000),
    meaning: "interval of the worker's heartbeats; must be below `session.timeout.ms`",
    costsOthers: true,
  },
  {
    name: "max.poll.interval.ms",
    rule: wholeNumber(1_000, DAY_MS),
    meaning: "how long a worker may take between two BLPOPs; at least `session.timeout.ms`",
    costsOthers: true,
  },
  {
    name: "auto.commit.interval.ms",
    rule: wholeNumber(100, DAY_MS),
    meaning: "how long after an ack it is committed",
    costsOthers: true,
  },
  {
    name: "group.instance.id",
    rule: nameThat(isTopicName, TOPIC_NAME_RULE),
    meaning: "keeps a worker's partitions for it while it restarts; one worker has it at a time",
    costsOthers: true,
  },
  {
    name: "group.protocol",
    rule: oneOf("classic", "consumer"),
    meaning: "`consumer`: the brokers assign (Kafka 4)",
    costsOthers: true,
  },
  {
    name: "group.remote.assignor",
    rule: textOf(255),
    meaning: "with `group.protocol` `consumer`, how the brokers assign: `uniform` or `range`",
    costsOthers: true,
  },
  {
    name: "partition.assignment.strategy",
    rule: listOf("cooperative-sticky", "range", "roundrobin"),
    meaning: "how the group assigns; all its members must agree",
    costsOthers: true,
  },
  {
    name: "client.rack",
    rule: textOf(255),
    meaning: "rack of the worker, to fetch from the nearest replica",
  },
  {
    name: "rafka.fields",
    rule: namesOf("key", "timestamp", "headers"),
    meaning: "what the reply has of a message behind its value, in this order",
  },
  {
    name: "rafka.acks",
    rule: oneOf("upto", "each"),
    meaning:
      "`upto`, the default: an ack stands for its partition up to its message; `each`: for its message alone, " +
      "and the group continues at the first one without",
  },
  {
    name: "enable.auto.commit",
    rule: always(true),
    meaning: "ignored: acks are committed in the background, always",
    ignored: true,
  },
  {
    name: "enable.auto.offset.store",
    rule: always(false),
    meaning: "ignored: an offset is stored when its message is acked, always",
    ignored: true,
  },
  {
    name: "enable.partition.eof",
    rule: flag,
    meaning: "ignored: BLPOP answers null where there is nothing more",
    ignored: true,
  },
  {
    name: "log.connection.close",
    rule: flag,
    meaning: "ignored: the log belongs to the operator",
    ignored: true,
  },
  {
    name: "statistics.interval.ms",
    rule: wholeNumber(0, DAY_MS),
    meaning: "ignored: these statistics are not available, see `HGETALL stats`",
    ignored: true,
  },
];

/** Rafka's own among the settings of the JSON, which are valid. */
export function ownSettings(settings: Readonly<Record<string, unknown>>): OwnSettings {
  const fields = settings["rafka.fields"] as readonly MessageField[] | undefined;
  return {
    fields: fields ?? [],
    acksEach: String(settings["rafka.acks"]).toLowerCase() === "each",
  };
}
