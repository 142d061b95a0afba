/**
 * Settings of librdkafka that have another meaning in a gateway than in a program of its own: those that it cannot
 * work with, and those that mean nothing to it. All others the configuration may hold as it likes.
 *
 * @module
 */

import type { KafkaSettings } from "./conf.ts";

/** Which kind of client a setting is for. */
export type ClientKind = "consumer" | "producer";

/** A setting that the gateway cannot work with. */
export interface Unusable {
  /** As librdkafka calls it. */
  readonly name: string;
  /** Of these clients only. */
  readonly kind?: ClientKind;
  /** What it may be all the same, in lower case; nothing if not given. */
  readonly but?: readonly string[];
  /** Why, and what to do instead. */
  readonly why: string;
}

const ON = ["1", "true", "t"];
const OFF = ["0", "false", "f"];
/** librdkafka sends a text with its length in 15 bits; one that is longer ends the process. */
const MOST_TEXT_BYTES = 1_024;
const TEXTS: readonly string[] = [
  "client.id",
  "client.rack",
  "client.software.name",
  "client.software.version",
  "group.remote.assignor",
];
/** librdkafka's prefix for what it has by topic. */
const TOPIC = /^topic\./;

/** All settings that the gateway cannot work with. */
export const unusable: readonly Unusable[] = [
  {
    name: "transactional.id",
    kind: "producer",
    why: "messages of a transaction are refused outside of one, and Rafka begins none",
  },
  {
    name: "offset.store.method",
    kind: "consumer",
    but: ["broker"],
    why: "acks would be answered and dropped; only broker keeps them",
  },
  {
    name: "group.instance.id",
    kind: "consumer",
    why: "all workers would have the same, and each would end the one before; " +
      "a worker can set its own in the JSON of BLPOP",
  },
  {
    name: "group.protocol.type",
    kind: "consumer",
    but: ["consumer"],
    why: "no worker could join its group; only consumer is possible",
  },
  {
    name: "enable_sasl_queue",
    but: OFF,
    why: "librdkafka would wait on a queue that Rafka does not read, and never log in",
  },
  {
    name: "ut_handle_ProduceResponse",
    why: "it takes the address of a function, for tests of librdkafka itself",
  },
  {
    name: "test.mock.num.brokers",
    but: ["0"],
    why: "each client would have a Kafka of its own; --dev gives all of them one",
  },
  {
    name: "internal.termination.signal",
    but: ["0"],
    why:
      "librdkafka would take the signal from the program, which could not be stopped by it any more",
  },
];

/** Nothing changes with them, or a consumer of another kind reads them. */
export const meaningless: readonly string[] = [
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
];

/** Both kinds by name. */
export const specialNames: readonly string[] = [
  ...unusable.map(({ name }) => name),
  ...meaningless,
];

/** Whether a setting of the configuration is taken and means nothing: those of confluent-kafka-go, and some others. */
export function isMeaningless(name: string): boolean {
  return name.startsWith("go.") || meaningless.includes(name.replace(TOPIC, ""));
}

/** Why the gateway cannot work with this value of a setting for these clients; undefined if it can. */
export function whyUnusable(kind: ClientKind, name: string, value: unknown): string | undefined {
  const [plain, text] = [name.replace(TOPIC, ""), String(value)];
  if (TEXTS.includes(plain)) return whyTooLong(text);
  const found = unusable.find((setting) => setting.name === plain);
  if (!found || (found.kind ?? kind) !== kind) return undefined;
  if (text === "" || found.but?.includes(text.trim().toLowerCase())) return undefined;
  return `Rafka cannot work with it: ${found.why}`;
}

/** Why no broker would ever be logged in to; undefined if that can't be said. */
export function whyNoLogin(settings: KafkaSettings): string | undefined {
  const said = (name: string): string => String(settings[name] ?? "").trim().toLowerCase();
  const isOauth = [said("sasl.mechanism"), said("sasl.mechanisms")].includes("oauthbearer");
  if (!isOauth || !said("security.protocol").startsWith("sasl")) return undefined;
  if (said("sasl.oauthbearer.method") === "oidc") return undefined;
  if (ON.includes(said("enable.sasl.oauthbearer.unsecure.jwt"))) return undefined;
  return "'sasl.mechanisms' is OAUTHBEARER, and no setting says where its token is from: " +
    "set sasl.oauthbearer.method to oidc, or, for tests, enable.sasl.oauthbearer.unsecure.jwt to true";
}

function whyTooLong(text: string): string | undefined {
  const { byteLength } = new TextEncoder().encode(text);
  if (byteLength <= MOST_TEXT_BYTES) return undefined;
  return `it has ${byteLength} bytes, at most ${MOST_TEXT_BYTES} are allowed`;
}
