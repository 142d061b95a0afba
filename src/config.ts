/**
 * @module
 * The configuration file: sections of librdkafka settings as Rafka has always had them, and our own under
 * `server`. Reads JSON, checks shapes, fills in defaults; whether librdkafka takes its settings is asked later.
 */

// by names, so that a bundle leaves out what is not used, e.g. error texts in fifty languages
import * as z from "zod";
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "./log.ts";

/** Something in the configuration can't be used; the message names key and value and what is allowed. */
export class ConfigError extends Error {
  /** For whoever sees only the name. */
  override name = "ConfigError";
}

/** librdkafka settings by name, as the file has them. */
export type KafkaSection = Readonly<Record<string, string | number | boolean>>;

/** Our own settings, the section `server`. */
export interface ServerSettings {
  /** Address to listen on. */
  readonly host: string;
  /** Port to listen on, 0 for any free one. */
  readonly port: number;
  /** `readme` for the letter of the first Rafka's README. */
  readonly dialect: "rafka" | "readme";
  /** The largest bulk string of a request: the largest message. */
  readonly maxBulkBytes: number;
  /** The largest request, all its arguments together. */
  readonly maxRequestBytes: number;
  /** The most arguments of a request. */
  readonly maxArguments: number;
  /** What may wait for a client in replies; with more it is disconnected. */
  readonly outputLimitBytes: number;
  /** What may wait for a MONITOR client that does not read; with more it is disconnected. */
  readonly monitorBacklogBytes: number;
  /** A producer for each connection, or one for all. */
  readonly producerMode: "connection" | "shared";
  /** How long a producer of a connection that is gone is kept for the next one. */
  readonly producerIdleMs: number;
  /** How many of them are kept. */
  readonly producerPool: number;
  /** Text for people or JSON lines for machines. */
  readonly logFormat: LogFormat;
  /** The least important level that is logged. */
  readonly logLevel: LogLevel;
}

/** The configuration, checked: librdkafka settings for each kind of client, and our own. */
export interface Config {
  /** Where it is from, for people. */
  readonly source: string;
  /** `general`, then `consumer`. */
  readonly consumer: KafkaSection;
  /** `general`, then `producer`. */
  readonly producer: KafkaSection;
  /** With defaults for what is not set. */
  readonly server: ServerSettings;
  /** Settings of confluent-kafka-go that mean nothing to librdkafka. */
  readonly ignored: readonly string[];
}

// one object is checked, once: to compile checks for it would take 2 ms more
z.config({ jitless: true });

const MIB = 1024 * 1024;

const kafkaValue = z.union([z.string(), z.number(), z.boolean()], {
  error: "must be a string, a number or a boolean",
});
/** Other problems have words of their own. */
const anObject = {
  error: ({ code }: { readonly code?: string }): string | undefined =>
    code === "invalid_type" ? "must be an object" : undefined,
};
const kafkaSection = z.record(z.string(), kafkaValue, anObject).default({});

/** What the program is permitted to listen on: Deno's permissions know no ranges of IPv6 addresses. */
const host = z.string().refine(
  (text) => z.ipv4().safeParse(text).success || ["localhost", "::", "::1"].includes(text),
  { error: "must be an IPv4 address, localhost, :: or ::1" },
);

function integer(least: number, most: number): z.ZodInt {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

const serverSection = z.strictObject({
  host: host.default("0.0.0.0").describe(
    "address to listen on: any IPv4 address, `localhost`, `::` or `::1`",
  ),
  port: integer(0, 65535).default(6380).describe("port to listen on, 0 for any free one"),
  dialect: z.enum(["rafka", "readme"]).default("rafka").describe(
    '`"readme"`: RPUSHX and RPUSH acks answer `OK`, BLPOP\'s timeout is in milliseconds, as the README of the ' +
      "first Rafka said and the program did not do",
  ),
  maxBulkBytes: integer(1, 512 * MIB).default(32_768_000).describe(
    "largest argument of a command, and so the largest message",
  ),
  maxRequestBytes: integer(1, 1024 * MIB).default(64 * MIB).describe(
    "largest command, all its arguments together",
  ),
  maxArguments: integer(1, 1024 * 1024).default(65_536).describe(
    "most arguments of a command",
  ),
  outputLimitBytes: integer(1, 1024 * MIB).default(64 * MIB).describe(
    "what may wait for a client in replies, and so the largest reply; with more it is disconnected",
  ),
  monitorBacklogBytes: integer(1, 1024 * MIB).default(MIB).describe(
    "what may wait for a MONITOR client that does not read; with more it is disconnected",
  ),
  producerMode: z.enum(["connection", "shared"]).default("connection").describe(
    '`"connection"`: each connection that produces has a librdkafka producer for itself, about five threads; ' +
      '`"shared"`: all of them have one together',
  ),
  producerIdleMs: integer(0, 3_600_000).default(10_000).describe(
    "how long the producer of a connection that is gone is kept for the next one",
  ),
  producerPool: integer(0, 10_000).default(32).describe(
    "how many producers are kept so at most; 0 for none",
  ),
  logFormat: z.enum(LOG_FORMATS).default("text").describe('`"text"` or `"json"`'),
  logLevel: z.enum(LOG_LEVELS).default("info").describe(
    '`"trace"`, `"debug"`, `"info"`, `"warning"`, `"error"` or `"fatal"`',
  ),
}, anObject).prefault({});

const fileSchema = z.strictObject({
  $schema: z.string().optional(),
  general: kafkaSection,
  consumer: kafkaSection,
  producer: kafkaSection,
  server: serverSection,
}, anObject);

/** Every key of the section `server` with its default. */
export const serverDefaults: ServerSettings = serverSection.parse({});

/** Why there can't be listened on `text`, undefined if there can. */
export function hostProblem(text: string): string | undefined {
  return host.safeParse(text).error?.issues[0]?.message;
}

/** What every key of the section `server` means, in Markdown. */
export const serverDescriptions: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(serverSection.unwrap().shape).map(([key, { description }]) => [key, description!]),
);

/** The settings that say where Kafka is. */
export const BOOTSTRAP_NAMES: readonly string[] = ["bootstrap.servers", "metadata.broker.list"];

/**
 * The text of a configuration file as a `Config`.
 *
 * @param source names the text in errors
 * @throws {ConfigError} with all its problems
 */
export function parseConfig(text: string, source: string): Config {
  const { config, problems } = examineConfig(text, source);
  if (problems.length > 0) throw configError(source, problems);
  return config;
}

/** An error that lists problems, a line each. */
export function configError(source: string, problems: readonly string[]): ConfigError {
  return new ConfigError(
    `Cannot use ${source}:\n${problems.map((line) => `  ${line}`).join("\n")}`,
  );
}

/**
 * What can be used of a configuration file, and what is wrong with the rest, a line for each problem; and whether
 * all that it says of the place of Kafka could be read.
 *
 * @throws {ConfigError} when it is not JSON
 */
export function examineConfig(
  text: string,
  source: string,
): { config: Config; problems: string[]; hasAllBrokers: boolean } {
  const json = parseJson(text, source);
  const { success, data, error } = fileSchema.safeParse(json);
  if (success) return { config: toConfig(data, source), problems: [], hasAllBrokers: true };
  const config = toConfig(fileSchema.parse(usableSections(json)), source);
  const problems = error.issues.map((issue) => describe(issue, json));
  return { config, problems, hasAllBrokers: !error.issues.some(hidesBrokers) };
}

/** Whether what can't be read is, or may hold, the place of Kafka. */
function hidesBrokers({ code, path: [section, name] }: z.core.$ZodIssue): boolean {
  if (code === "unrecognized_keys") return false;
  return section !== "server" && (name === undefined || BOOTSTRAP_NAMES.includes(String(name)));
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new ConfigError(`Cannot read ${source}: it is not JSON: ${reasonOf(cause as Error)}`, {
      cause,
    });
  }
}

/** Where the JSON is wrong, not how: V8 quotes what stands there, and that may be a password. */
function reasonOf({ message }: Error): string {
  const place = /line \d+ column \d+/.exec(message)?.[0];
  return place ? `it is wrong at ${place}` : "it ends too early";
}

/** The settings for librdkafka that have a form that it can be asked about. */
function usableSections(json: unknown): Record<string, unknown> {
  const sections = isObject(json) ? json : {};
  return Object.fromEntries(
    ["general", "consumer", "producer"].map((name) => {
      const section = sections[name];
      const entries = isObject(section) ? Object.entries(section) : [];
      return [
        name,
        Object.fromEntries(entries.filter(([, value]) => kafkaValue.safeParse(value).success)),
      ];
    }),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toConfig(
  { general, consumer, producer, server }: z.infer<typeof fileSchema>,
  source: string,
): Config {
  const ignored = [general, consumer, producer]
    .flatMap((section) => Object.keys(section)).filter(isGoOnly);
  return {
    source,
    consumer: withoutGoOnly({ ...general, ...consumer }),
    producer: withoutGoOnly({ ...general, ...producer }),
    server,
    ignored: [...new Set(ignored)].sort(),
  };
}

/** Whether the settings say where Kafka is. */
export function hasBootstrapServers(settings: KafkaSection): boolean {
  return BOOTSTRAP_NAMES.some((name) => String(settings[name] ?? "").trim() !== "");
}

/** The settings with `servers` as the place of Kafka, whatever they said before. */
export function withBootstrapServers(settings: KafkaSection, servers: string): KafkaSection {
  return { ...withoutBootstrapServers(settings), "bootstrap.servers": servers };
}

/** The settings with no place of Kafka: a client made with them connects to nothing. */
export function withoutBootstrapServers(settings: KafkaSection): KafkaSection {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !BOOTSTRAP_NAMES.includes(name)),
  );
}

function isGoOnly(name: string): boolean {
  return name.startsWith("go.");
}

function withoutGoOnly(settings: KafkaSection): KafkaSection {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !isGoOnly(name)));
}

/** One line about one problem: where, what is there, what is allowed. */
function describe(issue: z.core.$ZodIssue, json: unknown): string {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const section = issue.path.length === 0 ? fileSchema : serverSection.unwrap();
    const allowed = Object.keys(section.shape).join(", ");
    const keys = issue.keys.map((key) => `'${path ? `${path}.` : ""}${key}'`).join(", ");
    return `${keys}: no such key; allowed are ${allowed}`;
  }
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  );
  return `'${path || "(top level)"}' is ${shown(value, issue.path[0])}: ${issue.message}`;
}

/** A value, unless it may hold a password. */
function shown(value: unknown, section: PropertyKey | undefined): string {
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  if (typeof value === "string") return section === "server" ? JSON.stringify(value) : "a string";
  return String(value);
}
