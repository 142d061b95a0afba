/**
 * The arguments of Rafka's commands, parsed into typed values: `topics:topic:key`, `topic:partition:offset`, timeouts.
 * Errors are the texts that clients rely on.
 *
 * @module
 */

import { isTopicName } from "../../kafka/client/topic_name.ts";
import { parseDecimal } from "../../resp/bytes.ts";
import type { Request } from "../../resp/request_parser.ts";
import { CommandError } from "./command_error.ts";

/** Bytes of one argument. */
export type Argument = Request[number];

/** The position of a message to ack. */
export interface Ack {
  /** A valid topic name. */
  readonly topic: string;
  /** From 0. */
  readonly partition: number;
  /** Of the message itself, not of the one behind it. */
  readonly offset: bigint;
}

const COLON = 0x3a;
const DEFAULT_BLPOP_TIMEOUT_MS = 5_000;
/** Unambiguous at each character: backtracking would stall the gateway. */
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
/** A longer argument is rejected unread. */
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

/** Decodes UTF-8; invalid bytes become U+FFFD. */
export function toText(argument: Argument): string {
  return decoder.decode(argument);
}

/**
 * Parses `<topic>:<partition>:<offset>`.
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
 * Parses BLPOP's timeout, with the leniency of the first Rafka.
 *
 * @param unitMs the unit of the argument: 1,000 for seconds
 * @returns milliseconds; `Infinity` for 0, 5,000 for anything that is no number
 * @throws {CommandError} ERR when it is negative
 */
export function parseBlpopTimeoutMs(argument: Argument, unitMs: number): number {
  const whole = parseDecimal(argument); // the common case, much faster than through a string
  if (whole !== undefined && whole > 0) return whole * unitMs;
  const value = parseFraction(argument);
  if (!Number.isFinite(value)) return DEFAULT_BLPOP_TIMEOUT_MS;
  if (value < 0) throw negativeTimeout();
  return value === 0 ? Infinity : value * unitMs;
}

/**
 * Parses a timeout as Redis' blocking commands do.
 *
 * @param unitMs the unit of the argument: 1,000 for seconds
 * @returns milliseconds; `Infinity` for 0
 * @throws {CommandError} ERR, with Redis' texts
 */
export function parseTimeoutMs(argument: Argument, unitMs: number): number {
  const timeoutMs = parseFraction(argument) * unitMs;
  if (!Number.isFinite(timeoutMs)) {
    throw new CommandError("ERR", "timeout is not a float or out of range");
  }
  if (timeoutMs < 0) throw negativeTimeout();
  if (timeoutMs >= 2 ** 63) throw new CommandError("ERR", "timeout is out of range");
  return timeoutMs === 0 ? Infinity : timeoutMs;
}

/**
 * Parses DUMP's timeout.
 *
 * @returns milliseconds
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
 * Parses a whole number of 64 bits as Redis does: no `+`, no leading zeros, no spaces.
 *
 * @param refusal the message of the error
 * @returns the number; beyond the safe integers the nearest one that JavaScript has
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
 * Parses SCAN's cursor as C's `strtoul` does: an unsigned number of 64 bits, with or without a sign and leading zeros;
 * an empty argument is 0.
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

/** A number of 64 bits beyond the safe integers. */
function parseLong(argument: Argument): number | undefined {
  const text = argument.byteLength > MAX_LONG_BYTES ? "" : toText(argument);
  if (!/^-?[1-9]\d{0,18}$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? Number(value) : undefined;
}

/**
 * Parses a whole number from 1 on.
 *
 * @param name what the error calls it
 * @throws {CommandError} ERR, with Redis' text
 */
export function parsePositiveInteger(argument: Argument, name: string): number {
  const refusal = `${name} should be greater than 0`;
  const value = parseInteger(argument, refusal);
  if (value < 1) throw new CommandError("ERR", refusal);
  return value;
}

/**
 * Parses WAIT's timeout.
 *
 * @returns milliseconds; `Infinity` for 0
 * @throws {CommandError} ERR, with Redis' texts
 */
export function parseWaitTimeoutMs(argument: Argument): number {
  const timeoutMs = parseInteger(argument, "timeout is not an integer or out of range");
  if (timeoutMs < 0) throw negativeTimeout();
  return timeoutMs === 0 ? Infinity : timeoutMs;
}

/** Cuts a text to the length that errors repeat. */
export function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** The same without decoding all of a large argument: a character has up to four bytes. */
export function shownStart(argument: Argument): string {
  return shown(toText(argument.subarray(0, 4 * (MAX_SHOWN + 1))));
}

/** A decimal number, maybe with a fraction; NaN for anything else. */
function parseFraction(argument: Argument): number {
  if (argument.byteLength > MAX_NUMBER_BYTES) return NaN;
  const text = toText(argument);
  return DECIMAL.test(text) ? Number(text) : NaN;
}

function negativeTimeout(): CommandError {
  return new CommandError("ERR", "timeout is negative");
}

/** Whether an argument has the prefix of a topic's key. */
export function isTopicsKey(argument: Argument): boolean {
  const [prefix, rest] = splitAtColon(argument);
  return rest !== undefined && isTopicsPrefix(prefix);
}

/** `topics` or `topic`: the first Rafka never checked it, and both are in use. */
export function isTopicsPrefix(prefix: Argument): boolean {
  if (prefix.byteLength > "topics".length) return false; // without decoding it
  const text = toText(prefix);
  return text === "topics" || text === "topic";
}

/** Splits at the first colon; without a colon there is no second part. */
export function splitAtColon(bytes: Argument): [Argument, Argument?] {
  const colon = bytes.indexOf(COLON);
  return colon < 0 ? [bytes] : [bytes.subarray(0, colon), bytes.subarray(colon + 1)];
}
