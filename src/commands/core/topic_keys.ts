/**
 * Which topic a key stands for: the one place that decides it, for every command and for the rights of users.
 * `topics:<topic>[:<key>]` names its topic, any other key is compared with the rules of `server.keys`.
 *
 * @module
 */

import type { KeyRule } from "../../config/keys_section.ts";
import { type Argument, isTopicsPrefix, shownStart, splitAtColon, toText } from "./args.ts";
import type { ProduceTarget } from "./memo.ts";

/** A longer key matches no rule; it would be compared with all of them. */
const MAX_KEY_BYTES = 1_024;

/** The rules of `server.keys`. */
export class TopicKeys {
  readonly #rules: readonly CompiledRule[];

  /** Keys with these rules. */
  constructor(rules: readonly KeyRule[] = []) {
    this.#rules = rules.map((rule) => new CompiledRule(rule));
  }

  /**
   * What a key stands for; undefined for one that neither the prefix nor a rule makes a topic. The topic is as it was
   * sent, or as the rule makes it: it may be no name that Kafka allows.
   */
  find(argument: Argument): ProduceTarget | undefined {
    const [prefix, rest] = splitAtColon(argument);
    if (rest === undefined || !isTopicsPrefix(prefix)) return this.#byRule(argument);
    const [name, key] = splitAtColon(rest);
    return { topic: shownStart(name), key: key ?? null }; // what is cut is no topic in any case
  }

  /** Whether a rule names a group. */
  get hasGroups(): boolean {
    return this.#rules.some(({ rule }) => rule.group !== undefined);
  }

  /** Whether a key stands for a topic. */
  has(argument: Argument): boolean {
    return this.find(argument) !== undefined;
  }

  /** The keys beside `topics:<topic>` that stand for a topic, as far as its name tells them. */
  aliasesOf(topic: string): { readonly key: string; readonly rule: KeyRule }[] {
    return this.#rules.flatMap((compiled) => {
      const key = compiled.keyOf(topic);
      // an earlier rule may have the key
      const first = key === undefined ? undefined : this.#first(key);
      if (key === undefined || first?.topic !== topic || first.rule !== compiled.rule) return [];
      return [{ key, rule: compiled.rule }];
    });
  }

  #byRule(argument: Argument): ProduceTarget | undefined {
    if (this.#rules.length === 0 || argument.byteLength > MAX_KEY_BYTES) return undefined;
    const found = this.#first(toText(argument));
    return found && { topic: found.topic, key: null, rule: found.rule };
  }

  #first(key: string): { readonly topic: string; readonly rule: KeyRule } | undefined {
    for (const compiled of this.#rules) {
      const topic = compiled.topicOf(key);
      if (topic !== undefined) return { topic, rule: compiled.rule };
    }
    return undefined;
  }
}

/** Keys without rules. */
export const ONLY_TOPICS: TopicKeys = new TopicKeys();

/** A rule, split into what it is compared with. */
class CompiledRule {
  readonly rule: KeyRule;
  /** The texts between the stars of `match`. */
  readonly #parts: readonly string[];
  /** The texts between the numbers in `topic`. */
  readonly #topicParts: readonly string[];
  /** The numbers in `topic`, from 0 on. */
  readonly #places: readonly number[];

  constructor(rule: KeyRule) {
    this.rule = rule;
    this.#parts = rule.match.split("*");
    this.#topicParts = rule.topic.split(/\$\d/);
    this.#places = Array.from(rule.topic.matchAll(/\$(\d)/g), ([, digit]) => Number(digit) - 1);
  }

  topicOf(key: string): string | undefined {
    const matched = matchStars(this.#parts, key);
    return matched && fill(this.#topicParts, this.#places.map((at) => matched[at]!));
  }

  /** undefined where a topic does not tell its key. */
  keyOf(topic: string): string | undefined {
    const matched = matchStars(this.#topicParts, topic);
    if (!matched) return undefined;
    const stars: string[] = [];
    for (const [at, text] of matched.entries()) stars[this.#places[at]!] = text;
    for (let at = 0; at < this.#parts.length - 1; at++) {
      if (stars[at] === undefined) return undefined;
    }
    return fill(this.#parts, stars);
  }
}

/**
 * What the stars between some texts stand for, each as little as possible; undefined where a text does not match. The
 * first place of each text will do, so that none is looked for twice.
 */
function matchStars(parts: readonly string[], text: string): string[] | undefined {
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (!text.startsWith(first)) return undefined;
  if (parts.length === 1) return text.length === first.length ? [] : undefined;
  const end = text.length - last.length;
  let at = first.length;
  if (end < at || !text.endsWith(last)) return undefined;
  const matched: string[] = [];
  for (const part of parts.slice(1, -1)) {
    const next = text.indexOf(part, at);
    if (next < 0 || next + part.length > end) return undefined;
    matched.push(text.slice(at, next));
    at = next + part.length;
  }
  matched.push(text.slice(at, end));
  return matched;
}

function fill(parts: readonly string[], between: readonly string[]): string {
  return parts.map((part, at) => part + (between[at] ?? "")).join("");
}
