/**
 * The arguments of Rafka's commands, parsed into typed values: `topics:topic:key`, `topic:partition:offset`, timeouts.
 * Errors are the texts that clients rely on.
 *
 * @module
 */

import { isTopicName, TOPIC_NAME_RULE } from "../../kafka/client/topic_name.ts";
import { parseDecimal } from "../../resp/bytes.ts";
import type { Request } from "../../resp/request_parser.ts";
import { CommandError } from "./command_error.ts";
import type { Identity, ProduceTarget } from "./context.ts";

/** Bytes of one argument. */
export type Argument = Request[number];

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
/** At each place only one way to go on: a search that goes back would stall the gateway. */
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
/** What is longer is taken for no number, unread. */
const MAX_NUMBER_BYTES = 400;
/** Characters of an argument that an error repeats. */
const MAX_SHOWN = 1_024;
/** Of the longest topic, partition and offset. */
const MAX_ACK_BYTES = 249 + 1 + 10 + 1 + 20;
const MAX_PARTITION = 2 ** 31 - 1;
const MAX_OFFSET = 2n ** 63n - 2n;
const MAX_UNSIGNED = 2n ** 64n - 1n;
const MAX_LONG_BYTES = "-9223372036854775808".length;
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
 * @param hintOf what the error says of a word without `topics:`
 * @throws {CommandError} PROD
 */
export function parseProduceTarget(
  argument: Argument,
  hintOf: (argument: Argument) => string | undefined = () => undefined,
): ProduceTarget {
  const [prefix, rest] = splitAtColon(argument);
  const [name, key] = splitAtColon(rest ?? new Uint8Array(0));
  const topic = toText(name);
  if (!isTopicsPrefix(prefix) || topic === "") {
    const hint = isTopicsPrefix(prefix) ? undefined : hintOf(argument);
    throw new CommandError(
      "PROD",
      "First argument must be in the form of 'topics:<topic>' or 'topics:<topic>:<key>'" +
        (hint === undefined ? "" : `: ${hint}`),
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
 * `<topic>:<partition>:<offset>`
 *
 * @throws {CommandError} CONS
 */
export function parseAck(argument: Argument): Ack {
  const text = argument.byteLength > MAX_ACK_BYTES ? "" : toText(argument);
  const match = /^([^:]+):(\d{1,10}):(-?\d{1,19})$/.exec(text);
  const topic = match?.[1] ?? "";
  const partition = Number(match?.[2]);
  const offset = BigInt(match?.[3] ?? 0);
  if (!match || !isTopicName(topic) || partition > MAX_PARTITION || offset > MAX_OFFSET) {
    throw new CommandError("CONS", `Cannot parse ack: '${shownStart(argument)}'`);
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
  const value = parseFraction(argument);
  if (!Number.isFinite(value)) return DEFAULT_BLPOP_TIMEOUT_MS;
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
  const timeoutMs = parseFraction(argument) * unitMs;
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
  const text = argument.byteLength > MAX_NUMBER_BYTES ? "" : toText(argument);
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
  const value = parseDecimal(argument) ?? parseLong(argument);
  if (value === undefined) throw new CommandError("ERR", refusal);
  return value;
}

/**
 * SCAN's cursor: an unsigned number of 64 bits, with a sign and with zeros before it, and nothing for 0, as C reads it.
 *
 * @throws {CommandError} ERR, with Redis' text
 */
export function parseCursor(argument: Argument): bigint {
  const text = argument.byteLength > MAX_NUMBER_BYTES ? "-" : toText(argument);
  const match = /^([+-]?)(\d+)$/.exec(text || "0");
  const value = match ? BigInt(match[2]!) : MAX_UNSIGNED + 1n;
  if (value > MAX_UNSIGNED) throw new CommandError("ERR", "invalid cursor");
  return match![1] === "-" ? BigInt.asUintN(64, -value) : value;
}

/** A number of 64 bits that is larger than those that are read exactly. */
function parseLong(argument: Argument): number | undefined {
  const text = argument.byteLength > MAX_LONG_BYTES ? "" : toText(argument);
  if (!/^-?[1-9]\d{0,18}$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? Number(value) : undefined;
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

/** The same of an argument that may be too large to be read as a whole: no character has more bytes than four. */
export function shownStart(argument: Argument): string {
  return shown(toText(argument.subarray(0, 4 * (MAX_SHOWN + 1))));
}

/** A decimal number, maybe with a fraction; NaN for anything else. */
function parseFraction(argument: Argument): number {
  if (argument.byteLength > MAX_NUMBER_BYTES) return NaN;
  const text = toText(argument);
  return DECIMAL.test(text) ? Number(text) : NaN;
}

/** Redis' text. */
function negativeTimeout(): CommandError {
  return new CommandError("ERR", "timeout is negative");
}

/** Whether it is the key of a topic, or means to be. */
export function isTopicsKey(argument: Argument): boolean {
  const [prefix, rest] = splitAtColon(argument);
  return rest !== undefined && isTopicsPrefix(prefix);
}

/** Never checked by the first Rafka, and both forms are in use. */
export function isTopicsPrefix(prefix: Argument): boolean {
  if (prefix.byteLength > "topics".length) return false; // not worth a text
  const text = toText(prefix);
  return text === "topics" || text === "topic";
}

/** What is before the first colon, and what is behind it if there is one. */
export function splitAtColon(bytes: Argument): [Argument, Argument?] {
  const colon = bytes.indexOf(COLON);
  return colon < 0 ? [bytes] : [bytes.subarray(0, colon), bytes.subarray(colon + 1)];
}
