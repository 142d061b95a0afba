/**
 * Settings as tables: Rafka's own, those of a worker's JSON, and those of librdkafka that differ in a gateway.
 *
 * @module
 */
import { consumerSettings } from "../../src/commands/list/consumer_settings.ts";
import { serverDefaults, serverDescriptions } from "../../src/config/schema.ts";
import { consumerPresets } from "../../src/kafka/client/consumer_defaults.ts";
import { producerDefaults } from "../../src/kafka/client/producer_defaults.ts";
import { meaningless, unusable } from "../../src/kafka/client/settings_policy.ts";
import { CONSUMER_RESERVED } from "../../src/kafka/consumer/consumer.ts";
import { PRODUCER_RESERVED } from "../../src/kafka/producer/producer.ts";
import { code, table } from "./markdown.ts";

/** librdkafka's own value of each preset; the tests compare with librdkafka. */
export const librdkafkaDefaults: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  consumers: {
    "auto.offset.reset": "largest",
    "topic.metadata.refresh.interval.ms": "300000",
    "partition.assignment.strategy": "range,roundrobin",
    "fetch.queue.backoff.ms": "1000",
    "queued.min.messages": "100000",
    "queued.max.messages.kbytes": "65536",
  },
  producers: {
    "topic.metadata.refresh.interval.ms": "300000",
    "linger.ms": "5",
    "enable.idempotence": "false",
  },
};

/** Settings whose value is taken from CLIENT SETNAME. */
const NAMED: readonly string[] = ["group.id", "client.id"];

/** The section `server`. */
export function serverSettings(): string {
  return table(
    ["key", "default", "meaning"],
    Object.entries(serverDefaults).map(([key, value]) => [
      code(key),
      code(JSON.stringify(value)),
      serverDescriptions[key]!,
    ]),
  );
}

/** The settings in the JSON of BLPOP. */
export function workerSettings(): string {
  return table(
    ["setting", "must be", "what it is for"],
    consumerSettings.map(({ name, rule, meaning }) => [code(name), rule.words(), meaning]),
  );
}

/** The presets: defaults that differ from librdkafka's. */
export function presetSettings(): string {
  const presets = {
    consumers: consumerPresets,
    producers: producerDefaults({}, { shared: false }),
  };
  return table(
    ["setting", "of", "preset", "librdkafka's own"],
    Object.entries(presets).flatMap(([kind, settings]) =>
      Object.entries(settings).map(([name, value]) => [
        code(name),
        kind,
        code(String(value)),
        code(librdkafkaDefaults[kind]?.[name] ?? "?"),
      ])
    ),
  );
}

/** The settings that the configuration cannot change. */
export function decidedSettings(): string {
  const decided = { consumers: CONSUMER_RESERVED, producers: PRODUCER_RESERVED };
  return table(["setting", "of", "value"], [
    ...Object.entries(decided).flatMap(([kind, settings]) =>
      Object.entries(settings).map(([name, value]) => [code(name), kind, code(String(value))])
    ),
    ...NAMED.map((name) => [code(name), "consumers", "from CLIENT SETNAME"]),
  ]);
}

/** The settings that prevent the start. */
export function refusedSettings(): string {
  return table(
    ["setting", "of", "may be", "why it is refused"],
    unusable.map(({ name, kind, but = [], why }) => [
      code(name),
      kind === undefined ? "all" : `${kind}s`,
      but.length > 0 ? but.map(code).join(", ") : "–",
      why,
    ]),
  );
}

/** The settings without effect. */
export function ignoredSettings(): string {
  return meaningless.map((name) => `- ${code(name)}\n`).join("");
}
