/**
 * @module
 * The configuration file: sections of librdkafka settings as Rafka has always had them, and our own under
 * `server`. Reads JSON, checks shapes, fills in defaults; whether librdkafka takes its settings is asked later.
 */

import { z } from "zod";
import { LOG_FORMATS, LOG_LEVELS } from "./log.ts";

/** Something in the configuration can't be used; the message names key and value and what is allowed. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

const kafkaSettings = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean()], {
    error: "must be a string, a number or a boolean",
  }),
).default({});

const byteCount = (most: number): z.ZodNumber => z.int().min(1).max(most);

const serverSettings = z.strictObject({
  /** Address to listen on. */
  host: z.string().min(1).default("0.0.0.0"),
  /** Port to listen on, 0 for any free one. */
  port: z.int().min(0).max(65535).default(6380),
  /** `readme` for the letter of the first Rafka's README. */
  dialect: z.enum(["rafka", "readme"]).default("rafka"),
  /** The largest bulk string of a request: the largest message. */
  maxBulkBytes: byteCount(512 * 1024 * 1024).default(32_768_000),
  /** The largest request, all its arguments together. */
  maxRequestBytes: byteCount(1024 * 1024 * 1024).default(64 * 1024 * 1024),
  /** The most arguments of a request. */
  maxArguments: z.int().min(1).max(1024 * 1024).default(65_536),
  /** What may wait for a client that does not read; a MONITOR client with more is disconnected. */
  monitorBacklogBytes: byteCount(1024 * 1024 * 1024).default(1024 * 1024),
  logFormat: z.enum(LOG_FORMATS).default("text"),
  logLevel: z.enum(LOG_LEVELS).default("info"),
}).prefault({});

/** The shape of the configuration file. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  general: kafkaSettings,
  consumer: kafkaSettings,
  producer: kafkaSettings,
  server: serverSettings,
});

/** Our own settings. */
export type ServerSettings = z.infer<typeof serverSettings>;
type Settings = z.infer<typeof kafkaSettings>;

/** The configuration, checked: librdkafka settings for each kind of client, and our own. */
export interface Config {
  readonly consumer: Settings;
  readonly producer: Settings;
  readonly server: ServerSettings;
  /** Settings of confluent-kafka-go that mean nothing to librdkafka. */
  readonly ignored: readonly string[];
}

/** Settings of the section `general` that only one kind of client knows are for that one alone. */
const BOOTSTRAP_NAMES = ["bootstrap.servers", "metadata.broker.list"];

/**
 * The text of a configuration file as a `Config`.
 *
 * @param source names the text in errors
 * @throws {ConfigError}
 */
export function parseConfig(text: string, source: string): Config {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`Cannot read ${source}: it is not JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
  const result = configSchema.safeParse(json);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `  ${describe(issue, json)}`);
    throw new ConfigError(`Cannot use ${source}:\n${problems.join("\n")}`);
  }
  const { general, consumer, producer, server } = result.data;
  const ignored = [general, consumer, producer]
    .flatMap((section) => Object.keys(section)).filter(isGoOnly);
  return {
    consumer: withoutGoOnly({ ...general, ...consumer }),
    producer: withoutGoOnly({ ...general, ...producer }),
    server,
    ignored: [...new Set(ignored)].sort(),
  };
}

/** Whether the settings say where Kafka is. */
export function hasBootstrapServers(settings: Settings): boolean {
  return BOOTSTRAP_NAMES.some((name) => String(settings[name] ?? "").trim() !== "");
}

/** The settings with `servers` as the place of Kafka, whatever they said before. */
export function withBootstrapServers(settings: Settings, servers: string): Settings {
  return { ...withoutBootstrapServers(settings), "bootstrap.servers": servers };
}

/** The settings with no place of Kafka: a client made with them connects to nothing. */
export function withoutBootstrapServers(settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !BOOTSTRAP_NAMES.includes(name)),
  );
}

function isGoOnly(name: string): boolean {
  return name.startsWith("go.");
}

function withoutGoOnly(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !isGoOnly(name)));
}

/** One line about one problem: where, what is there, what is allowed. */
function describe(issue: z.core.$ZodIssue, json: unknown): string {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const schema = issue.path.length === 0 ? configSchema : serverSettings.unwrap();
    const allowed = Object.keys(schema.shape).join(", ");
    const keys = issue.keys.map((key) => `'${path ? `${path}.` : ""}${key}'`).join(", ");
    return `${keys}: no such key; allowed are ${allowed}`;
  }
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  );
  return `'${path || "(top level)"}' is ${JSON.stringify(value)}: ${issue.message}`;
}
