/**
 * What Rafka does with settings of librdkafka: those that it decides, presets, refuses or ignores. All others are the
 * configuration's alone. Defaults, checks, `--config-help` and the documentation are made of this table.
 *
 * @module
 */

import type { ClientKind } from "../../ffi/handles.ts";
import type { KafkaSettings } from "./conf.ts";

/** What all entries have. */
export interface SettingEntry {
  /** As librdkafka calls it. */
  readonly name: string;
  /** Clients that the entry is about. */
  readonly kinds: readonly ClientKind[];
  /** The reason, in Markdown; for a refused setting also what to do instead. */
  readonly why: string;
}

/** A setting that has this value whatever the configuration says. */
export interface DecidedSetting extends SettingEntry {
  /** Rafka's treatment of the setting. */
  readonly action: "decided";
  /** undefined where each client has its own. */
  readonly value: string | number | boolean | undefined;
  /** Where the value is from, if each client has its own. */
  readonly source?: string;
}

/** A setting that has this value unless the configuration has another. */
export interface PresetSetting extends SettingEntry {
  /** Rafka's treatment of the setting. */
  readonly action: "preset";
  /** Value, unless the configuration has another. */
  readonly value: string | number | boolean;
  /** Where it is preset; everywhere without. */
  readonly condition?: PresetCondition;
}

/** Where a setting is preset. */
export interface PresetCondition {
  /** For people. */
  readonly text: string;
  /** Whether the preset applies to a client. */
  readonly holds: (client: PresetClient) => boolean;
}

/** A client that presets are for. */
export interface PresetClient {
  /** Whether its librdkafka has these settings. */
  readonly takes: (settings: KafkaSettings) => boolean;
  /** What the configuration says of it. */
  readonly asked: KafkaSettings;
  /** It is the producer of all connections. */
  readonly shared: boolean;
}

/** A setting that the gateway cannot work with. */
export interface RefusedSetting extends SettingEntry {
  /** Rafka's treatment of the setting. */
  readonly action: "refused";
  /** Values that are taken all the same, in lower case; none by default. */
  readonly allowed?: readonly string[];
  /** Any text up to this length is taken. */
  readonly maxBytes?: number;
}

/** A setting that is taken and left out: it means nothing to a gateway. */
export interface IgnoredSetting extends SettingEntry {
  /** Rafka's treatment of the setting. */
  readonly action: "ignored";
}

/** An entry of the table. */
export type SettingPolicy = DecidedSetting | PresetSetting | RefusedSetting | IgnoredSetting;

const BOTH: readonly ClientKind[] = ["consumer", "producer"];
const CONSUMER: readonly ClientKind[] = ["consumer"];
const PRODUCER: readonly ClientKind[] = ["producer"];
const OFF: readonly string[] = ["0", "false", "f"];

const ACK_DECIDES = "a message is done when it is acked, not when it is handed out";

const DECIDED: readonly DecidedSetting[] = [
  {
    name: "enable.auto.offset.store",
    kinds: CONSUMER,
    action: "decided",
    value: false,
    why: ACK_DECIDES,
  },
  {
    name: "enable.auto.commit",
    kinds: CONSUMER,
    action: "decided",
    value: true,
    why: `${ACK_DECIDES}; acks are committed in the background`,
  },
  ...["group.id", "client.id"].map((name) => ({
    name,
    kinds: CONSUMER,
    action: "decided" as const,
    value: undefined,
    source: "CLIENT SETNAME",
    why: "a connection says for which group it consumes, and who it is",
  })),
  {
    name: "delivery.report.only.error",
    kinds: PRODUCER,
    action: "decided",
    value: false,
    why: "DUMP counts deliveries",
  },
];

/** The presets that make a consumer fetch less ahead: together or not at all. */
const PREFETCH: KafkaSettings = {
  "fetch.queue.backoff.ms": 20,
  "queued.min.messages": 20_000,
  "queued.max.messages.kbytes": 4_096,
};

const KNOWS_PREFETCH: PresetCondition = {
  text: "librdkafka 2.2 or newer",
  // before, the time between two looks is a second, for which a small queue is too short
  holds: ({ takes }) => takes(PREFETCH),
};

const CONSUMER_PRESETS: readonly PresetSetting[] = [
  {
    name: "auto.offset.reset",
    kinds: CONSUMER,
    action: "preset",
    value: "earliest",
    why:
      "a group without a committed offset begins with the oldest message: with librdkafka's `largest`, a message " +
      "that was handed out and not acked would be lost to a group that has not committed yet",
  },
  {
    name: "topic.metadata.refresh.interval.ms",
    kinds: CONSUMER,
    action: "preset",
    value: 5_000,
    why:
      "how soon what was not there is found: a topic that is made later, or that a regular expression matches later, " +
      "more partitions, a right that is granted; librdkafka looks every five minutes, while workers wait",
  },
  {
    name: "partition.assignment.strategy",
    kinds: CONSUMER,
    action: "preset",
    value: "cooperative-sticky",
    condition: {
      text: "unless `group.protocol` is `consumer`",
      // librdkafka refuses an assignor then, the broker has it
      holds: ({ asked }) => asked["group.protocol"] !== "consumer",
    },
    why:
      "a rebalance takes only the partitions that move; with librdkafka's `range,roundrobin` each worker that joins " +
      "or leaves stops the whole group, and what it works on is handed out again",
  },
  // measured on a topic of four partitions, with messages of 100 bytes and of 10 KB: 12 and 6 MB a consumer instead
  // of 46 and 70, and 0.8 million messages/s instead of 0.15
  {
    name: "fetch.queue.backoff.ms",
    kinds: CONSUMER,
    action: "preset",
    value: PREFETCH["fetch.queue.backoff.ms"]!,
    condition: KNOWS_PREFETCH,
    why:
      "a consumer whose queue is full looks again after this time: after librdkafka's second a fast one has long been " +
      "waiting. It must be shorter than the queue lasts, and each look costs: 0.15 % of a core a consumer",
  },
  {
    name: "queued.min.messages",
    kinds: CONSUMER,
    action: "preset",
    value: PREFETCH["queued.min.messages"]!,
    condition: KNOWS_PREFETCH,
    why: "a gateway has many consumers; lasts for those 20 ms at a million messages/s",
  },
  {
    name: "queued.max.messages.kbytes",
    kinds: CONSUMER,
    action: "preset",
    value: PREFETCH["queued.max.messages.kbytes"]!,
    condition: KNOWS_PREFETCH,
    why:
      "the same limit for large messages, and for a fetch (`fetch.max.bytes` follows); librdkafka has 64 MB",
  },
];

/** Settings for the number of replicas that must have a message; idempotence needs all of them. */
export const ACKS: readonly string[] = ["acks", "request.required.acks"];
/** Settings for how long a message waits for others. */
export const LINGER: readonly string[] = ["linger.ms", "queue.buffering.max.ms"];
/** librdkafka refuses a `linger.ms` that is not below. */
const MESSAGE_TIMEOUTS: readonly string[] = ["message.timeout.ms", "delivery.timeout.ms"];
/** Settings that librdkafka may refuse together with idempotence. */
const IDEMPOTENCE_MATTERS: readonly string[] = [
  "enable.idempotence",
  "enable.gapless.guarantee",
  "transactional.id",
  "max.in.flight",
  "max.in.flight.requests.per.connection",
  "retries",
  "message.send.max.retries",
  "queuing.strategy",
  "queue.buffering.backpressure.threshold",
];
const LINGER_MS = 20;

const PRODUCER_PRESETS: readonly PresetSetting[] = [
  {
    name: "topic.metadata.refresh.interval.ms",
    kinds: PRODUCER,
    action: "preset",
    value: 15_000,
    why:
      "new partitions are found so soon; librdkafka looks every five minutes, and sends nothing to them until then. " +
      "Not more often: with 4,000 topics an answer holds up producing for 0.15 s",
  },
  {
    name: "linger.ms",
    kinds: PRODUCER,
    action: "preset",
    value: LINGER_MS,
    condition: {
      text: "where each connection has its own producer, and `message.timeout.ms` is longer",
      holds: ({ asked, shared }) => !shared && allowsLinger(asked),
    },
    why:
      "fifty busy connections that send each for itself take half the processor time for a message than with " +
      "librdkafka's 5; a message that is alone does not wait for it",
  },
  {
    name: "enable.idempotence",
    kinds: PRODUCER,
    action: "preset",
    value: true,
    condition: {
      text: "unless acks, retries, max.in.flight or another setting contradicts it",
      holds: ({ asked }) => allowsIdempotence(asked),
    },
    // brokers keep the number of each producer for a day (KIP-936): ProducerPool lets short connections share few
    why:
      "a message that is sent again, since the broker did not answer, is not stored twice nor behind later ones",
  },
];

const REFUSED: readonly RefusedSetting[] = [
  {
    name: "transactional.id",
    kinds: PRODUCER,
    action: "refused",
    why: "messages of a transaction are refused outside of one, and Rafka begins none",
  },
  {
    name: "offset.store.method",
    kinds: CONSUMER,
    action: "refused",
    allowed: ["broker"],
    why: "acks would be answered and dropped; only broker keeps them",
  },
  {
    name: "group.instance.id",
    kinds: CONSUMER,
    action: "refused",
    why: "all workers would have the same, and each would end the one before; " +
      "a worker can set its own in the JSON of BLPOP",
  },
  {
    name: "group.protocol.type",
    kinds: CONSUMER,
    action: "refused",
    allowed: ["consumer"],
    why: "no worker could join its group; only consumer is possible",
  },
  {
    name: "enable_sasl_queue",
    kinds: BOTH,
    action: "refused",
    allowed: OFF,
    why: "librdkafka would wait on a queue that Rafka does not read, and never log in",
  },
  {
    name: "ut_handle_ProduceResponse",
    kinds: BOTH,
    action: "refused",
    why: "it takes the address of a function, for tests of librdkafka itself",
  },
  {
    name: "test.mock.num.brokers",
    kinds: BOTH,
    action: "refused",
    allowed: ["0"],
    why: "each client would have a Kafka of its own; --dev gives all of them one",
  },
  {
    name: "internal.termination.signal",
    kinds: BOTH,
    action: "refused",
    allowed: ["0"],
    why:
      "librdkafka would take the signal from the program, which could not be stopped by it any more",
  },
  ...[
    "client.id",
    "client.rack",
    "client.software.name",
    "client.software.version",
    "group.remote.assignor",
  ].map((name) => ({
    name,
    kinds: BOTH,
    action: "refused" as const,
    maxBytes: 1_024,
    why:
      "librdkafka sends a text with its length in 15 bits, and one that is longer ends the process",
  })),
];

const IGNORED: readonly IgnoredSetting[] = [
  "auto.commit.enable",
  "consume.callback.max.messages",
  "enable.partition.eof",
  "enabled_events",
  "log.queue",
  "offset.store.path",
  "offset.store.sync.interval.ms",
  "statistics.interval.ms",
  "test.mock.broker.rtt",
  "transaction.timeout.ms",
].map((name) => ({
  name,
  kinds: BOTH,
  action: "ignored",
  why: "nothing changes with it, or a consumer of another kind reads it",
}));

/** The table, in the order in which it is shown. */
export const settingsTable: readonly SettingPolicy[] = [
  ...DECIDED,
  ...CONSUMER_PRESETS,
  ...PRODUCER_PRESETS,
  ...REFUSED,
  ...IGNORED,
];

/** What the settings say of `acks`, if that is less than all replicas; undefined if not. */
export function weakAcks(settings: KafkaSettings): string | undefined {
  return ACKS.map((name) => String(settings[name] ?? "all"))
    .find((value) => value !== "all" && value !== "-1");
}

function allowsLinger(settings: KafkaSettings): boolean {
  return MESSAGE_TIMEOUTS.every((name) => {
    const timeoutMs = Number(settings[name] ?? 0);
    return timeoutMs === 0 || timeoutMs > LINGER_MS; // 0 is no timeout
  });
}

/** Whether librdkafka takes these settings together with idempotence, which they do not mention. */
export function allowsIdempotence(settings: KafkaSettings): boolean {
  return IDEMPOTENCE_MATTERS.every((name) => settings[name] === undefined) &&
    weakAcks(settings) === undefined;
}
