/**
 * What follows from the table of settings: the defaults of clients, what Rafka decides for them, and what is wrong with
 * settings of the configuration that librdkafka itself takes.
 *
 * @module
 */

import type { ClientKind } from "../../ffi/handles.ts";
import type { Library } from "../../ffi/library.ts";
import { type KafkaSettings, refusedSettings } from "./conf.ts";
import {
  ACKS,
  allowsIdempotence,
  type DecidedSetting,
  LINGER,
  type PresetClient,
  type PresetSetting,
  type RefusedSetting,
  settingsTable,
} from "./settings_table.ts";

/** Values that librdkafka takes for true. */
const ON: readonly string[] = ["1", "true", "t"];
/** librdkafka's prefix for what it has by topic. */
const TOPIC = /^topic\./;

/** Settings that are ignored. */
export const meaningless: readonly string[] = settingsTable
  .filter(({ action }) => action === "ignored").map(({ name }) => name);

/** Settings that are ignored, or refused whatever their length. */
export const specialNames: readonly string[] = settingsTable
  .filter((entry) => entry.action === "ignored" || (isRefused(entry) && !entry.maxBytes))
  .map(({ name }) => name);

/** Entries of the table that Rafka decides, for clients of this kind. */
export function decidedEntries(kind: ClientKind): DecidedSetting[] {
  return settingsTable.filter((entry) => entry.action === "decided")
    .filter(({ kinds }) => kinds.includes(kind));
}

/** Settings that all clients of this kind have, whatever the configuration says. */
export function decidedSettings(kind: ClientKind): KafkaSettings {
  return Object.fromEntries(
    decidedEntries(kind).flatMap(({ name, value }) => value === undefined ? [] : [[name, value]]),
  );
}

/**
 * Settings that a consumer has unless it is asked for others.
 *
 * @param library the librdkafka at hand: an older one lacks some of them
 * @param asked what the configuration and the client set
 */
export function consumerDefaults(library: Library, asked: KafkaSettings = {}): KafkaSettings {
  const takes = (settings: KafkaSettings): boolean =>
    refusedSettings(library, settings).length === 0;
  return presets("consumer", { takes, asked, shared: false });
}

/**
 * Settings that a producer has unless the configuration has others. What the configuration contradicts is left out: a
 * file that could be used stays usable.
 *
 * @param asked what the configuration sets
 * @param client `shared`: it is the producer of all connections
 */
export function producerDefaults(
  asked: KafkaSettings,
  { shared }: { readonly shared: boolean },
): KafkaSettings {
  return presets("producer", { takes: () => true, asked, shared });
}

/**
 * With 0, 3,200 messages in flight take half as much processor time again: the first few of a batch leave at once, the
 * others behind them in small requests. Nobody waits longer: a message that is alone does not linger.
 */
const DURABLE_LINGER_MS = 1;

/**
 * The settings of a producer for messages whose clients wait for the delivery: all replicas must have them, and they
 * linger as briefly as makes batches.
 *
 * @param settings those of the other producers
 */
export function durableSettings(settings: KafkaSettings): KafkaSettings {
  const decided = [...ACKS, ...LINGER];
  const others = Object.fromEntries(
    Object.entries(settings).filter(([name]) => !decided.includes(name.replace(TOPIC, ""))),
  );
  const idempotence = allowsIdempotence(others) ? { "enable.idempotence": true } : {};
  return { ...others, ...idempotence, "acks": "all", "linger.ms": DURABLE_LINGER_MS };
}

function presets(kind: ClientKind, client: PresetClient): KafkaSettings {
  const conditions = new Map<PresetSetting["condition"], boolean>(); // several entries share one
  const holds = (condition: PresetSetting["condition"]): boolean => {
    const known = conditions.get(condition) ?? condition?.holds(client) ?? true;
    conditions.set(condition, known);
    return known;
  };
  return Object.fromEntries(
    settingsTable.filter((entry) => entry.action === "preset")
      .filter(({ kinds, condition }) => kinds.includes(kind) && holds(condition))
      .map(({ name, value }) => [name, value]),
  );
}

/** Whether a setting of the configuration is taken and means nothing: those of confluent-kafka-go, and some others. */
export function isMeaningless(name: string): boolean {
  return name.startsWith("go.") || meaningless.includes(name.replace(TOPIC, ""));
}

/** Why the gateway cannot work with this value of a setting for these clients; undefined if it can. */
export function whyUnusable(kind: ClientKind, name: string, value: unknown): string | undefined {
  const [plain, text] = [name.replace(TOPIC, ""), String(value)];
  const entry = settingsTable.filter(isRefused)
    .find((one) => one.name === plain && one.kinds.includes(kind));
  if (!entry) return undefined;
  if (entry.maxBytes !== undefined) return whyTooLong(text, entry.maxBytes);
  if (text === "" || entry.allowed?.includes(text.trim().toLowerCase())) return undefined;
  return `Rafka cannot work with it: ${entry.why}`;
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

function isRefused(entry: { readonly action: string }): entry is RefusedSetting {
  return entry.action === "refused";
}

function whyTooLong(text: string, maxBytes: number): string | undefined {
  const { byteLength } = new TextEncoder().encode(text);
  if (byteLength <= maxBytes) return undefined;
  return `it has ${byteLength} bytes, at most ${maxBytes} are allowed`;
}
