/**
 * What the value of a setting may be: checked whole, where librdkafka reads `5s` as 5 and ` ` as nothing.
 *
 * @module
 */

import type { ConsumerLimits } from "../../kafka/consumer/consumer_limits.ts";

/** What a value may be. */
export interface SettingRule {
  /** Whether this value of JSON may be used. */
  takes(value: unknown, limits: ConsumerLimits): boolean;
  /** The value as librdkafka and Kafka write it, where that may differ. */
  normal?(value: unknown): string;
  /** What stands after "must be"; without limits in general, for a page that explains it. */
  words(limits?: ConsumerLimits): string;
}

/** A number, or what the gateway's own consumers have. */
export type Bound = number | keyof ConsumerLimits;

/** No sign, no leading zero: librdkafka reads `010` as 8. */
const WHOLE_NUMBER = /^(0|[1-9]\d{0,15})$/;
const TRUE = ["true", "t", "1"];
const FALSE = ["false", "f", "0"];

const NAMES: Readonly<Record<keyof ConsumerLimits, string>> = {
  queuedMessages: "queued.min.messages",
  queuedKbytes: "queued.max.messages.kbytes",
  fetchBytes: "fetch.max.bytes",
  messageBytes: "message.max.bytes",
};

/** A whole number in these bounds. */
export function wholeNumber(least: Bound, most: Bound): SettingRule {
  const inWords = (bound: Bound, limits?: ConsumerLimits): string =>
    typeof bound === "number" || limits
      ? String(valueOf(bound, limits))
      : `the gateway's own \`${NAMES[bound]}\``;
  return {
    takes(value, limits): boolean {
      if (typeof value !== "number" && typeof value !== "string") return false;
      if (!WHOLE_NUMBER.test(String(value))) return false;
      return Number(value) >= valueOf(least, limits)! && Number(value) <= valueOf(most, limits)!;
    },
    words: (limits) => `a whole number from ${inWords(least, limits)} to ${inWords(most, limits)}`,
  };
}

function valueOf(bound: Bound, limits?: ConsumerLimits): number | undefined {
  return typeof bound === "number" ? bound : limits?.[bound];
}

/** One of these words, in upper or lower case. */
export function oneOf(...allowed: readonly string[]): SettingRule {
  return {
    takes: (value) => typeof value === "string" && allowed.includes(value.toLowerCase()),
    normal: (value) => String(value).toLowerCase(),
    words: () => `one of ${allowed.join(", ")}`,
  };
}

/** Some of these words with commas between them, each once. */
export function listOf(...allowed: readonly string[]): SettingRule {
  return {
    takes(value): boolean {
      if (typeof value !== "string") return false;
      const words = value.split(",");
      return new Set(words).size === words.length && words.every((word) => allowed.includes(word));
    },
    words: () => `one or more of ${allowed.join(", ")}, with commas between them`,
  };
}

/** true or false, as librdkafka reads them. */
export const flag: SettingRule = {
  takes: (value) => readFlag(value) !== undefined,
  words: () => "true or false",
};

/** Text with so many bytes at most. */
export function textOf(mostBytes: number): SettingRule {
  return {
    takes: (value) =>
      typeof value === "string" && value.trim() !== "" && !value.includes("\0") &&
      new TextEncoder().encode(value).byteLength <= mostBytes,
    words: () => `text of 1 to ${mostBytes} bytes`,
  };
}

/** A name that fits a rule. */
export function nameThat(fits: (text: string) => boolean, words: string): SettingRule {
  return {
    takes: (value) => typeof value === "string" && fits(value),
    words: () => words,
  };
}

/** Exactly what Rafka has decided. */
export function always(decided: boolean): SettingRule {
  return {
    takes: (value) => readFlag(value) === decided,
    words: () => `${decided}, Rafka decides it`,
  };
}

function readFlag(value: unknown): boolean | undefined {
  if (!["string", "number", "boolean"].includes(typeof value)) return undefined;
  const text = String(value).toLowerCase();
  if (TRUE.includes(text)) return true;
  return FALSE.includes(text) ? false : undefined;
}
