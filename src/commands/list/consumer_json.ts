/**
 * The JSON of BLPOP: parsed, and checked against the allow-list. Errors are the texts that clients rely on.
 *
 * @module
 */

import type { KafkaSettings } from "../../kafka/client/conf.ts";
import type { ConsumerLimits } from "../../kafka/consumer/consumer_limits.ts";
import { shown } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import {
  type ConsumerSetting,
  consumerSettings,
  OWN,
  type OwnSettings,
  ownSettings,
} from "./consumer_settings.ts";

/** The settings of a client's consumer. */
export interface ConsumerJson {
  /** Those that count, Rafka's own among them, as they are compared. */
  readonly settings: KafkaSettings;
  /** Rafka's own. */
  readonly own: OwnSettings;
  /** Names of ignored settings; `go.*` for all of the Go client. */
  readonly ignored: readonly string[];
}

const byName: ReadonlyMap<string, ConsumerSetting> = new Map(
  consumerSettings.map((setting) => [setting.name, setting]),
);
/** Set by CLIENT SETNAME. */
const IDENTITY = ["group.id", "client.id"];
/** Settings of confluent-kafka-go, unknown to librdkafka. */
const GO_ONLY = /^go\./;
/** librdkafka's prefix for settings of topics. */
const TOPIC = /^topic\./;
/** confluent-kafka-go's key for the same. */
const TOPIC_SECTION = "default.topic.config";
/** Characters of a value or name in an error, so that the reason behind it is seen. */
const MAX_SHOWN_VALUE = 100;

/**
 * Parses the JSON of BLPOP.
 *
 * @param json "" for no settings
 * @throws {CommandError} CONS for what is no JSON object, and for an unknown or invalid setting
 */
export function parseConsumerJson(json: string, limits: ConsumerLimits): ConsumerJson {
  if (json === "") return { settings: {}, own: ownSettings({}), ignored: [] };
  const object = parseObject(json);
  const entries = Object.entries(object);
  for (const [name, value] of entries) {
    const why = whyRefused(name, value, limits);
    if (why !== undefined) throw refusal(json, why);
  }
  const why = whyContradictory(object);
  if (why !== undefined) throw refusal(json, why);
  // settings outside the allow-list are the Go client's
  const isIgnored = (name: string): boolean => byName.get(name)?.ignored ?? !byName.has(name);
  return {
    settings: Object.fromEntries(
      entries.filter(([name]) => !isIgnored(name)).map(([name, value]) => [
        name,
        byName.get(name)?.rule.normal?.(value) ?? value,
      ]),
    ) as KafkaSettings,
    own: ownSettings(object),
    ignored: [
      ...new Set(
        entries.map(([name]) => name).filter(isIgnored)
          .map((name) => GO_ONLY.test(name) ? "go.*" : name),
      ),
    ],
  };
}

/** The settings that librdkafka is given. */
export function librdkafkaSettings({ settings }: ConsumerJson): KafkaSettings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !OWN.test(name)));
}

/** Whether one of the settings can cost other clients, the group or the brokers. */
export function costsOthers(settings: KafkaSettings): boolean {
  return Object.keys(settings).some((name) => byName.get(name)?.costsOthers);
}

/** Whether two sets of settings are equal, in any order, and with 1 equal to "1". */
export function sameSettings(a: KafkaSettings, b: KafkaSettings): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && String(a[name]) === String(b[name]));
}

function parseObject(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw refusal(json, (cause as Error).message, cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal(json, "it must be a JSON object");
  }
  return value as Record<string, unknown>;
}

function refusal(json: string, why: string, cause?: unknown): CommandError {
  const text = `Error parsing configuration from '${shown(json)}'; ${why}`;
  return new CommandError("CONS", text, { cause });
}

function whyRefused(name: string, value: unknown, limits: ConsumerLimits): string | undefined {
  const setting = byName.get(name);
  if (!setting) return GO_ONLY.test(name) ? undefined : whyUnknown(name);
  if (setting.rule.takes(value, limits)) return undefined;
  return `'${name}' is ${shownValue(value)}: must be ${setting.rule.words(limits)}`;
}

function whyUnknown(name: string): string {
  if (IDENTITY.includes(name)) return `'${name}' is decided by Rafka: CLIENT SETNAME sets it`;
  if (name === TOPIC_SECTION) {
    return `'${name}' is not needed: its settings stand beside the others, as "auto.offset.reset"`;
  }
  const plain = name.replace(TOPIC, "");
  if (plain !== name && byName.has(plain)) return `'${cut(name)}' is '${plain}' here`;
  return `'${cut(name)}' cannot be set by a client; ` +
    `what can: ${consumerSettings.map((setting) => setting.name).join(", ")}`;
}

/** With such a heartbeat the broker would remove the worker from its group again and again. */
function whyContradictory(settings: Record<string, unknown>): string | undefined {
  const [heartbeat, session] = ["heartbeat.interval.ms", "session.timeout.ms"];
  if (!(Number(settings[heartbeat!]) >= Number(settings[session!]))) return undefined;
  return `'${heartbeat}' is ${settings[heartbeat!]}: must be below '${session}', ${
    settings[session!]
  }`;
}

function shownValue(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return cut(JSON.stringify(value));
}

function cut(text: string): string {
  return text.length > MAX_SHOWN_VALUE ? `${text.slice(0, MAX_SHOWN_VALUE)}…` : text;
}
