/**
 * Rules for the values of settings. They are strict where librdkafka reads `5s` as 5 and ` ` as nothing.
 *
 * @module
 */

import type { ConsumerLimits } from "../../kafka/consumer/consumer_limits.ts";

/** A rule for the value of a setting. */
export interface SettingRule {
  /** Whether a value of JSON is valid. */
  takes(value: unknown, limits: ConsumerLimits): boolean;
  /** The canonical form of a valid value, where that may differ. */
  normal?(value: unknown): string;
  /** The text after "must be"; without limits in general terms, for the documentation. */
  words(limits?: ConsumerLimits): string;
}

/** A number, or the setting of the gateway's own consumers. */
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

/** A whole number within bounds, both included. */
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

/** One of several values, in upper or lower case. */
export function oneOf(...allowed: readonly string[]): SettingRule {
  return {
    takes: (value) => typeof value === "string" && allowed.includes(value.toLowerCase()),
    normal: (value) => String(value).toLowerCase(),
    words: () => `one of ${allowed.join(", ")}`,
  };
}

/** A comma-separated list of some of these values, each once. */
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

/** An array of one or more of these names, each once. */
export function namesOf(...allowed: readonly string[]): SettingRule {
  return {
    takes: (value) =>
      Array.isArray(value) && value.length > 0 && new Set(value).size === value.length &&
      value.every((name) => allowed.includes(name)),
    normal: (value) => (value as readonly string[]).join(","),
    words: () => `an array of one or more of ${allowed.join(", ")}`,
  };
}

/** A boolean in any form that librdkafka reads. */
export const flag: SettingRule = {
  takes: (value) => readFlag(value) !== undefined,
  words: () => "true or false",
};

/** Text that is not blank, up to a number of bytes. */
export function textOf(mostBytes: number): SettingRule {
  return {
    takes: (value) =>
      typeof value === "string" && value.trim() !== "" && !value.includes("\0") &&
      new TextEncoder().encode(value).byteLength <= mostBytes,
    words: () => `text of 1 to ${mostBytes} bytes`,
  };
}

/** A name that passes a check. */
export function nameThat(fits: (text: string) => boolean, words: string): SettingRule {
  return {
    takes: (value) => typeof value === "string" && fits(value),
    words: () => words,
  };
}

/** The only value that Rafka allows. */
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
