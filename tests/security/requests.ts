/**
 * Requests for every command of the table, made from the description of its arguments.
 *
 * @module
 */
import type { ArgumentSpec } from "../../src/commands/core/arguments.ts";

/** What stands for arguments. */
export interface Values {
  readonly key: string;
  readonly group: string;
  readonly number: string;
  /** Any other argument. */
  readonly text: string;
}

const VALUES: Values = { key: "topics:t", group: "x", number: "1", text: "x" };

/** All places for a number. */
export function numbersIn(specs: readonly ArgumentSpec[]): ArgumentSpec[] {
  return specs.flatMap((spec) => [
    ...(isNumber(spec) ? [spec] : []),
    ...numbersIn(spec.arguments ?? []),
  ]);
}

/** The shortest request that holds the number `target`, which alone is `value`. */
export function requestWith(
  name: string,
  specs: readonly ArgumentSpec[],
  target: ArgumentSpec,
  value: string,
): string[] {
  return [...name.split(" "), ...wordsOf(specs, VALUES, { target, value })];
}

/** The shortest request, or with all that may be left out. */
export function requestOf(
  name: string,
  specs: readonly ArgumentSpec[],
  values: Partial<Values>,
  withOptions: boolean,
): string[] {
  return [...name.split(" "), ...wordsOf(specs, { ...VALUES, ...values }, withOptions)];
}

/** Topics and channels that are no keys in Redis' terms. */
const NAMED_LIKE_KEYS = ["topic", "channel", "shardchannel", "pattern"];

interface Target {
  readonly target: ArgumentSpec;
  readonly value: string;
}

function wordsOf(
  specs: readonly ArgumentSpec[],
  values: Values,
  options: boolean | Target,
): string[] {
  const holds = (spec: ArgumentSpec): boolean =>
    typeof options === "boolean" ? options : numbersIn([spec]).includes(options.target);
  return specs.flatMap((spec): string[] => {
    if (spec.optional && !holds(spec)) return [];
    const token = spec.token === undefined ? [] : [spec.token];
    const { arguments: parts = [] } = spec;
    switch (spec.type) {
      case "pure-token":
        return token;
      case "block":
        return [...token, ...wordsOf(parts, values, options)];
      case "oneof":
        return [...token, ...wordsOf([parts.find(holds) ?? parts[0]!], values, options)];
      default:
        return [...token, valueOf(spec, values, options)];
    }
  });
}

function valueOf(spec: ArgumentSpec, values: Values, options: boolean | Target): string {
  if (typeof options === "object" && spec === options.target) return options.value;
  if (isNumber(spec)) return values.number;
  if (spec.type === "key" || NAMED_LIKE_KEYS.includes(spec.name)) return values.key;
  if (spec.access === "group" || spec.name.includes("group")) return values.group;
  return spec.name.includes("id") && values.text === "x" ? "1-1" : values.text;
}

function isNumber({ type }: ArgumentSpec): boolean {
  return type === "integer" || type === "double";
}
