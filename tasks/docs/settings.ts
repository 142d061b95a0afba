/**
 * Settings as tables: Rafka's own, those of a worker's JSON, and those of librdkafka that are another matter in a
 * gateway than elsewhere.
 *
 * @module
 */
import { consumerSettings } from "../../src/commands/list/consumer_settings.ts";
import { serverKeys } from "../../src/config/schema.ts";
import { httpKeys } from "../../src/config/http_section.ts";
import { keyRuleKeys } from "../../src/config/keys_section.ts";
import { tlsKeys } from "../../src/config/tls_section.ts";
import { type SettingPolicy, settingsTable } from "../../src/kafka/client/settings_table.ts";
import { code, table } from "./markdown.ts";

/** librdkafka's own value of each preset; the tests ask librdkafka. */
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

/** The section `server`. */
export function serverSettings(): string {
  return table(
    ["key", "default", "meaning"],
    serverKeys.map(({ name, value, description }) => [
      code(name),
      code(JSON.stringify(value)),
      description,
    ]),
  );
}

/** The object `server.tls`. */
export function tlsSettings(): string {
  return sectionSettings(tlsKeys);
}

/** A rule of `server.keys`. */
export function keyRuleSettings(): string {
  return sectionSettings(keyRuleKeys);
}

/** The object `server.http`. */
export function httpSettings(): string {
  return sectionSettings(httpKeys);
}

function sectionSettings(keys: typeof tlsKeys): string {
  return table(
    ["key", "default", "meaning"],
    keys.map(({ key, defaultValue, description }) => [
      code(key),
      defaultValue === undefined ? "–" : code(JSON.stringify(defaultValue)),
      description,
    ]),
  );
}

/** What the JSON of BLPOP may hold. */
export function workerSettings(): string {
  return table(
    ["setting", "must be", "what it is for"],
    consumerSettings.map(({ name, rule, meaning }) => [code(name), rule.words(), meaning]),
  );
}

/** What is other than librdkafka's own unless the configuration says something else. */
export function presetSettings(): string {
  return table(
    ["setting", "of", "preset", "librdkafka's own"],
    entries("preset").map((entry) => [
      code(entry.name),
      kindsOf(entry),
      code(String(entry.value)),
      code(librdkafkaDefaults[kindsOf(entry)]?.[entry.name] ?? "?"),
    ]),
  );
}

/** What the configuration cannot change. */
export function decidedSettings(): string {
  return table(
    ["setting", "of", "value", "why"],
    entries("decided").map((entry) => [
      code(entry.name),
      kindsOf(entry),
      entry.value === undefined ? `from ${entry.source}` : code(String(entry.value)),
      entry.why,
    ]),
  );
}

/** What stops the start. */
export function refusedSettings(): string {
  return table(
    ["setting", "of", "may be", "why it is refused"],
    entries("refused").map((entry) => [
      code(entry.name),
      kindsOf(entry),
      entry.maxBytes === undefined
        ? entry.allowed?.map(code).join(", ") ?? "–"
        : `up to ${entry.maxBytes} bytes`,
      entry.why,
    ]),
  );
}

/** What has no effect. */
export function ignoredSettings(): string {
  return entries("ignored").map(({ name }) =>
    `- ${code(name)}
`
  ).join("");
}

type Entry<Action> = Extract<SettingPolicy, { readonly action: Action }>;

function entries<Action extends SettingPolicy["action"]>(action: Action): Entry<Action>[] {
  return settingsTable.filter((entry): entry is Entry<Action> => entry.action === action);
}

function kindsOf({ kinds }: SettingPolicy): string {
  return kinds.length === 1 ? `${kinds[0]}s` : "all";
}
