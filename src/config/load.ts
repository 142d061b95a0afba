/**
 * The configuration file: sections of librdkafka settings as in the first Rafka, and Rafka's own settings under
 * `server`. Parses JSON, checks shapes, fills in defaults; librdkafka checks its settings later.
 *
 * @module
 */

// as a namespace, so that a bundle leaves out unused exports, e.g. error texts in fifty languages
import * as z from "zod";
import { isMeaningless } from "../kafka/client/settings_policy.ts";
import { type KafkaSection, kafkaSection, kafkaSetting } from "./kafka_section.ts";
import {
  NO_SECRETS,
  readSecret,
  type SecretPlace,
  secretPlace,
  type SecretReader,
} from "./secret_values.ts";
import { serverDefaults, serverSection, type ServerSettings, userLimitNames } from "./schema.ts";
import { anObject } from "./setting_types.ts";
import { httpKeys } from "./http_section.ts";
import { keyRuleNames } from "./keys_section.ts";
import { tlsKeys } from "./tls_section.ts";

/** Invalid configuration; the message names the key, its value and what is allowed. */
export class ConfigError extends Error {
  /** Shown in stack traces. */
  override name = "ConfigError";
}

/** The checked configuration: librdkafka settings for each kind of client, and Rafka's own. */
export interface Config {
  /** Names the origin in messages. */
  readonly source: string;
  /** `general`, overridden by `consumer`. */
  readonly consumer: KafkaSection;
  /** `general`, overridden by `producer`. */
  readonly producer: KafkaSection;
  /** Includes the defaults. */
  readonly server: ServerSettings;
  /** The lines of `server.users`. */
  readonly users: readonly string[];
  /** `server.userKafka`: the settings of those who have some of their own, by user. */
  readonly userKafka: Readonly<Record<string, KafkaSection>>;
  /** The passphrase of `server.tls.keyFile`; "" without one. */
  readonly keyPassphrase: string;
  /** Settings without effect: those of confluent-kafka-go, and some of librdkafka. */
  readonly ignored: readonly string[];
}

// one object is checked, once: compiling the checks would take 2 ms more
z.config({ jitless: true });

/**
 * Schema of the whole file.
 *
 * @ignore its type is zod's
 */
export const fileSchema = z.strictObject({
  $schema: z.string().describe("address of a JSON Schema, for editors").optional(),
  general: kafkaSection.default({}),
  consumer: kafkaSection.default({}),
  producer: kafkaSection.default({}),
  server: serverSection,
}, anObject);

/** The settings that hold the bootstrap servers. */
export const BOOTSTRAP_NAMES: readonly string[] = ["bootstrap.servers", "metadata.broker.list"];

/**
 * Parses and checks the text of a configuration file.
 *
 * @param source names the text in errors
 * @param secrets reads the values that are kept elsewhere
 * @throws {ConfigError} listing all problems
 */
export function parseConfig(
  text: string,
  source: string,
  secrets: SecretReader = NO_SECRETS,
): Config {
  const { config, problems } = examineConfig(text, source, secrets);
  if (problems.length > 0) throw configError(source, problems);
  return config;
}

/** Creates an error that lists problems, one per line. */
export function configError(source: string, problems: readonly string[]): ConfigError {
  return new ConfigError(
    `Cannot use ${source}:\n${problems.map((line) => `  ${line}`).join("\n")}`,
  );
}

/**
 * Parses as much of a configuration file as is usable.
 *
 * @param source names the text in errors
 * @returns the usable part, one line per problem of the rest, and whether all bootstrap servers could be read
 * @throws {ConfigError} when the text is not JSON
 */
export function examineConfig(
  text: string,
  source: string,
  secrets: SecretReader = NO_SECRETS,
): { config: Config; problems: string[]; hasAllBrokers: boolean } {
  const json = parseJson(text, source);
  const { success, data, error } = fileSchema.safeParse(json);
  const problems = success ? [] : error.issues.map((issue) => describe(issue, json));
  const values = success ? data : fileSchema.parse(usableSections(json));
  const config = toConfig(values, source, new Values(secrets, problems));
  return { config, problems, hasAllBrokers: success || !error.issues.some(hidesBrokers) };
}

/** Reads the values that are kept elsewhere; notes those that cannot be read. */
class Values {
  readonly #secrets: SecretReader;
  readonly #problems: string[];

  constructor(secrets: SecretReader, problems: string[]) {
    this.#secrets = secrets;
    this.#problems = problems;
  }

  /** The value itself, or "" where it cannot be read. */
  read<T>(value: T | SecretPlace, path: string): T | string {
    const { success, data } = secretPlace.safeParse(value);
    if (!success) return value as T;
    try {
      return readSecret(data, this.#secrets);
    } catch (error) {
      this.#problems.push(`'${path}': ${(error as Error).message}`);
      return "";
    }
  }
}

/** Whether the unreadable part is or may hold the bootstrap servers. */
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

/** The position of the error only: V8's message quotes the text there, which may be a password. */
function reasonOf({ message }: Error): string {
  const place = /line \d+ column \d+/.exec(message)?.[0];
  return place ? `it is wrong at ${place}` : "it ends too early";
}

/** The settings for librdkafka whose values have a valid type. */
function usableSections(json: unknown): Record<string, unknown> {
  const sections = isObject(json) ? json : {};
  return Object.fromEntries(
    ["general", "consumer", "producer"].map((name) => {
      const section = sections[name];
      const entries = isObject(section) ? Object.entries(section) : [];
      return [
        name,
        Object.fromEntries(entries.filter(([, value]) => kafkaSetting.safeParse(value).success)),
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
  values: Values,
): Config {
  const read = (name: string, section: typeof general): KafkaSection =>
    Object.fromEntries(
      Object.entries(section).map(([key, value]) => [key, values.read(value, `${name}.${key}`)]),
    ) as KafkaSection;
  const common = read("general", general);
  const ignored = [general, consumer, producer, ...Object.values(server.userKafka)]
    .flatMap((section) => Object.keys(section)).filter(isMeaningless);
  return {
    source,
    consumer: withoutMeaningless({ ...common, ...read("consumer", consumer) }),
    producer: withoutMeaningless({ ...common, ...read("producer", producer) }),
    server,
    keyPassphrase: values.read<string>(
      server.tls?.keyPassphrase ?? "",
      "server.tls.keyPassphrase",
    ),
    users: server.users.map((line, at) => values.read<string>(line, `server.users.${at}`)),
    userKafka: Object.fromEntries(
      Object.entries(server.userKafka).map(([user, own]) => [
        user,
        withoutMeaningless(read(`server.userKafka.${user}`, own)),
      ]),
    ),
    ignored: [...new Set(ignored)].sort(),
  };
}

/** Whether the settings hold bootstrap servers. */
export function hasBootstrapServers(settings: KafkaSection): boolean {
  return BOOTSTRAP_NAMES.some((name) => String(settings[name] ?? "").trim() !== "");
}

/** The settings with `servers` as their only bootstrap servers. */
export function withBootstrapServers(settings: KafkaSection, servers: string): KafkaSection {
  return { ...withoutBootstrapServers(settings), "bootstrap.servers": servers };
}

/** The settings without bootstrap servers: a client created with them connects to nothing. */
export function withoutBootstrapServers(settings: KafkaSection): KafkaSection {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !BOOTSTRAP_NAMES.includes(name)),
  );
}

function withoutMeaningless(settings: KafkaSection): KafkaSection {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !isMeaningless(name)));
}

/** Keys of the section `server` whose values may be secrets. */
const MAY_BE_SECRET: readonly unknown[] = ["users", "userKafka"];

/** One line for a problem: key, value, what is allowed. */
function describe(issue: z.core.$ZodIssue, json: unknown): string {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const allowed = allowedKeys(issue.path).join(", ");
    const unknown = issue.keys.map((key) => `'${path ? `${path}.` : ""}${key}'`).join(", ");
    return `${unknown}: no such key; allowed are ${allowed}`;
  }
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  );
  const mayShow = issue.path[0] === "server" && !MAY_BE_SECRET.includes(issue.path[1]);
  return `'${path || "(top level)"}' is ${shown(value, mayShow)}: ${issue.message}`;
}

function allowedKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return Object.keys(fileSchema.shape);
  if (path.includes("tls")) return tlsKeys.map(({ key }) => key);
  if (path.includes("http")) return httpKeys.map(({ key }) => key);
  if (path.includes("keys")) return keyRuleNames;
  if (path.includes("userLimits")) return userLimitNames;
  const inner = path.slice(1).reduce<object>(
    (outer, key) => Reflect.get(outer, key),
    serverDefaults,
  );
  return Object.keys(inner);
}

/** A value, unless it may hold a password. */
function shown(value: unknown, mayShow: boolean): string {
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  if (typeof value === "string") return mayShow ? JSON.stringify(value) : "a string";
  return String(value);
}
