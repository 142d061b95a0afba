/**
 * @module
 * The arguments of Rafka's commands, parsed into typed values: `topics:a,b:{json}`, `topic:partition:offset`,
 * timeouts. Errors are the texts that clients rely on.
 */

import type { KafkaSettings } from "../kafka/conf.ts";
import { isTopicName, TOPIC_NAME_RULE } from "../kafka/topic_name.ts";
import { parseDecimal } from "../resp/bytes.ts";
import type { Request } from "../resp/request_parser.ts";
import { CommandError } from "./command_error.ts";
import type { Identity, ProduceTarget } from "./context.ts";
import { whyRefused } from "./topic_pattern.ts";

/** Bytes of one argument. */
export type Argument = Request[number];

/** What is consumed, and how. */
export interface ConsumeTarget {
  /** In the order given, each once. */
  readonly topics: readonly string[];
  /** The JSON behind the topics, as it came; "" for none. */
  readonly settingsJson: string;
}

/** A message that is done. */
export interface Ack {
  /** Name of the topic. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** Of the message itself. */
  readonly offset: bigint;
}

const COLON = 0x3a;
const DEFAULT_BLPOP_TIMEOUT_MS = 5_000;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Topics of one consumer. */
const MAX_TOPICS = 1_000;
/** Characters of an argument that an error repeats. */
const MAX_SHOWN = 1_024;
const MAX_PARTITION = 2 ** 31 - 1;
const MAX_OFFSET = 2n ** 63n - 2n;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** An argument as text. */
export function toText(argument: Argument): string {
  return decoder.decode(argument);
}

/** `<group.id>:<name>`; undefined when it isn't both. */
export function parseIdentity(name: string): Identity | undefined {
  const colon = name.indexOf(":");
  if (colon <= 0) return undefined;
  return { groupId: name.slice(0, colon), clientId: name.slice(colon + 1) };
}

/**
 * `topics:<topic>[:<key>]`; the key may hold anything, `:` too.
 *
 * @throws {CommandError} PROD
 */
export function parseProduceTarget(argument: Argument): ProduceTarget {
  const [prefix, rest] = splitAtColon(argument);
  const [name, key] = splitAtColon(rest ?? new Uint8Array(0));
  const topic = toText(name);
  if (!isTopicsPrefix(toText(prefix)) || topic === "") {
    throw new CommandError(
      "PROD",
      "First argument must be in the form of 'topics:<topic>' or 'topics:<topic>:<key>'",
    );
  }
  if (!isTopicName(topic)) {
    throw new CommandError(
      "PROD",
      `Invalid topic '${shown(topic)}': allowed are ${TOPIC_NAME_RULE}`,
    );
  }
  return { topic, key: key ?? null };
}

/**
 * `topics:<t1>[,<t2>…][:<JSON>]`. A topic that begins with `^` is a regular expression of librdkafka.
 *
 * @throws {CommandError} CONS
 */
export function parseConsumeTarget(argument: Argument): ConsumeTarget {
  const text = toText(argument);
  const refuse = (why?: string): CommandError => {
    const reason = why === undefined ? "" : `: ${why}`;
    return new CommandError("CONS", `Cannot parse topics from \`${shown(text)}\`${reason}`);
  };
  const match = /^topics?:([^:]+)(?::(.*))?$/s.exec(text);
  const topics = [...new Set(match?.[1]?.split(","))];
  const [patterns, names] = [topics.filter(isPattern), topics.filter((topic) => !isPattern(topic))];
  if (topics.length === 0 || topics.length > MAX_TOPICS || !names.every(isTopicName)) {
    throw refuse();
  }
  const why = whyRefused(patterns);
  if (why !== undefined) throw refuse(why);
  return { topics, settingsJson: match?.[2] ?? "" };
}

/**
 * librdkafka settings from the JSON of BLPOP.
 *
 * @throws {CommandError} CONS
 */
export function parseConsumerSettings(json: string): KafkaSettings {
  if (json === "") return {};
  const refuse = (why: string, cause?: unknown): CommandError =>
    new CommandError("CONS", `Error parsing configuration from '${shown(json)}'; ${why}`, {
      cause,
    });
  let settings: unknown;
  try {
    settings = JSON.parse(json);
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw refuse("it must be a JSON object");
  }
  for (const [name, value] of Object.entries(settings)) {
    if (!["string", "number", "boolean"].includes(typeof value)) {
      throw refuse(`'${name}' must be a string, a number or a boolean`);
    }
    if (FILE_ONLY.test(name)) throw refuse(`'${name}' can be set in the configuration file only`);
    if (DECIDED_BY_RAFKA.has(name)) throw refuse(`'${name}' is decided by Rafka`);
  }
  return settings as KafkaSettings;
}

/**
 * A client must not choose whom the gateway talks to and how (it would be handed the operator's credentials), nor
 * make it load code, run a program (sasl.kerberos.*), end, or fill the log.
 */
const FILE_ONLY =
  /^(bootstrap\.servers|metadata\.broker\.list|debug|log[._].*|(enable\.)?(sasl|ssl)\..*|(security|https|plugin|internal|test)\..*)$/;

/** What CLIENT SETNAME and RPUSH acks decide. */
const DECIDED_BY_RAFKA = new Set([
  "group.id",
  "client.id",
  "enable.auto.offset.store",
  "enable.auto.commit",
]);

/**
 * `<topic>:<partition>:<offset>`
 *
 * @throws {CommandError} CONS
 */
export function parseAck(argument: Argument): Ack {
  const text = toText(argument);
  const match = /^([^:]+):(\d{1,10}):(-?\d{1,19})$/.exec(text);
  const topic = match?.[1] ?? "";
  const partition = Number(match?.[2]);
  const offset = BigInt(match?.[3] ?? 0);
  if (!match || !isTopicName(topic) || partition > MAX_PARTITION || offset > MAX_OFFSET) {
    throw new CommandError("CONS", `Cannot parse ack: '${shown(text)}'`);
  }
  if (offset < 0n) {
    throw new CommandError("CONS", `offset cannot be negative, got ${offset}`);
  }
  return { topic, partition, offset };
}

/**
 * BLPOP's timeout in milliseconds, `Infinity` for 0: for ever. What is no number counts as 5 s.
 *
 * @param unitMs what the number counts: 1,000 for seconds
 * @throws {CommandError} ERR when it is negative
 */
export function parseBlpopTimeoutMs(argument: Argument, unitMs: number): number {
  const whole = parseDecimal(argument); // nearly always, and much faster than by way of a text
  if (whole !== undefined && whole > 0) return whole * unitMs;
  const text = toText(argument);
  const value = Number(text);
  if (!DECIMAL.test(text) || !Number.isFinite(value)) return DEFAULT_BLPOP_TIMEOUT_MS;
  if (value < 0) throw negativeTimeout();
  return value === 0 ? Infinity : value * unitMs;
}

/**
 * A timeout in milliseconds, as Redis' blocking commands read it.
 *
 * @param unitMs what the number counts: 1,000 for seconds
 * @throws {CommandError} ERR, with Redis' texts
 */
export function parseTimeoutMs(argument: Argument, unitMs: number): number {
  const text = toText(argument);
  const timeoutMs = DECIMAL.test(text) ? Number(text) * unitMs : NaN;
  if (!Number.isFinite(timeoutMs)) {
    throw new CommandError("ERR", "timeout is not a float or out of range");
  }
  if (timeoutMs < 0) throw negativeTimeout();
  return timeoutMs;
}

/**
 * DUMP's timeout in milliseconds.
 *
 * @throws {CommandError} PROD when it is no integer, ERR when it is negative
 */
export function parseDumpTimeoutMs(argument: Argument): number {
  const text = toText(argument);
  if (!/^[+-]?\d{1,300}$/.test(text)) throw new CommandError("PROD", "NaN");
  const timeoutMs = Number(text);
  if (timeoutMs < 0) throw negativeTimeout();
  return timeoutMs;
}

/**
 * A whole number, as Redis reads them: no `+`, no leading zeros, nothing else.
 *
 * @throws {CommandError} ERR with `refusal`
 */
export function parseInteger(
  argument: Argument,
  refusal: string = "value is not an integer or out of range",
): number {
  const value = parseDecimal(argument);
  if (value === undefined) throw new CommandError("ERR", refusal);
  return value;
}

/**
 * A whole number from 1 on.
 *
 * @param name what it is, for the error
 * @throws {CommandError} ERR, with Redis' text
 */
export function parsePositiveInteger(argument: Argument, name: string): number {
  const refusal = `${name} should be greater than 0`;
  const value = parseInteger(argument, refusal);
  if (value < 1) throw new CommandError("ERR", refusal);
  return value;
}

/**
 * WAIT's timeout in milliseconds, `Infinity` for 0: for ever.
 *
 * @throws {CommandError} ERR, with Redis' texts
 */
export function parseWaitTimeoutMs(argument: Argument): number {
  const timeoutMs = parseInteger(argument, "timeout is not an integer or out of range");
  if (timeoutMs < 0) throw negativeTimeout();
  return timeoutMs === 0 ? Infinity : timeoutMs;
}

/** An argument as an error repeats it: a large one is cut. */
export function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function isPattern(topic: string): boolean {
  return topic.startsWith("^");
}

/** Redis' text. */
function negativeTimeout(): CommandError {
  return new CommandError("ERR", "timeout is negative");
}

/** Whether it is the key of a topic, or means to be. */
export function isTopicsKey(argument: Argument): boolean {
  const [prefix, rest] = splitAtColon(argument);
  return rest !== undefined && isTopicsPrefix(toText(prefix));
}

/** Never checked by the first Rafka, and both forms are in use. */
function isTopicsPrefix(prefix: string): boolean {
  return prefix === "topics" || prefix === "topic";
}

function splitAtColon(bytes: Argument): [Argument, Argument?] {
  const colon = bytes.indexOf(COLON);
  return colon < 0 ? [bytes] : [bytes.subarray(0, colon), bytes.subarray(colon + 1)];
}
