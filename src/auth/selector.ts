/**
 * A set of rules of a user: which commands it may run on which keys. Most users have one, Redis allows more in
 * parentheses.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 * @module
 */

import { matchesGlob } from "../resp/glob_match.ts";
import type { RightCatalog } from "./rights.ts";

/** What is done with a key: read, written to, or both; neither for a question that any permission answers. */
export interface KeyUse {
  /** `topics:<topic>`, `groups:<group>`, or the name of another key. */
  readonly key: string;
  /** Its messages are read. */
  readonly read: boolean;
  /** Messages are written to it. */
  readonly write: boolean;
  /** Every key that begins so is meant. */
  readonly isPrefix?: boolean;
  /** It is no key but a channel, or a pattern of channels. */
  readonly channel?: "name" | "pattern";
}

/** What a request was allowed for. */
export interface RequestUses {
  /** Name of its command. */
  readonly right: string;
  /** Its keys. */
  readonly uses: readonly KeyUse[];
}

/** Why a request is refused: what may not be run, or which key or channel may not be used so. */
export interface Refusal {
  /** As ACL LOG calls it. */
  readonly reason: "command" | "key" | "channel";
  /** Name of the command, key or channel. */
  readonly object: string;
}

/** A rule that cannot be applied; the message is Redis' where it has one. */
export class RuleError extends Error {
  /** Shown in stack traces. */
  override name = "RuleError";
}

/** Which keys, for what. */
interface KeyPattern {
  readonly glob: string;
  readonly read: boolean;
  readonly write: boolean;
}

const UNKNOWN = "Unknown command or category name in ACL";
/** Key patterns of a user, and channels: each is compared with each key. */
const MAX_PATTERNS = 1_000;
/** The longest group with each character escaped. */
const MAX_PATTERN_CHARACTERS = 2_100;
/** The longest key is that of a group, `groups:` and a client's name; a longer one is nobody's. */
const MAX_KEY_CHARACTERS = 1_040;

/** Starts without any permission. */
export class Selector {
  readonly #catalog: RightCatalog;
  #allKeys = false;
  #allChannels = false;
  #patterns: KeyPattern[] = [];
  #channels: string[] = [];
  #allowed = new Set<string>();
  /** Rules for commands behind `+@all` or `-@all`, of which none is without an effect. */
  #base: "+@all" | "-@all" = "-@all";
  #rules: string[] = [];

  /** Allows nothing. */
  constructor(catalog: RightCatalog) {
    this.#catalog = catalog;
  }

  /** Whether every command is allowed on every key and channel. */
  get isUnrestricted(): boolean {
    return this.#allKeys && this.#allChannels && this.#base === "+@all" && this.#rules.length === 0;
  }

  /** Whether a command, or another right, is allowed on some key. */
  mayRun(right: string): boolean {
    return this.#allowed.has(right);
  }

  /** Whether a key or a channel may be used so. */
  mayUse({ key, read, write, isPrefix = false, channel }: KeyUse): boolean {
    if (channel) return this.#mayUseChannel(key, channel === "pattern");
    if (this.#allKeys) return true;
    if (key.length > MAX_KEY_CHARACTERS) return false;
    const matches = isPrefix ? coversPrefix : matchesGlob;
    return this.#patterns.some((pattern) =>
      (pattern.read || !read) && (pattern.write || !write) && matches(pattern.glob, key)
    );
  }

  /**
   * Applies a rule in Redis' syntax.
   *
   * @returns false for one that is none of commands, keys or channels
   * @throws {RuleError} when it is wrong
   */
  apply(rule: string): boolean {
    switch (rule.toLowerCase()) {
      case "allkeys":
      case "~*":
        this.#patterns = [];
        this.#allKeys = true;
        return true;
      case "resetkeys":
        this.#patterns = [];
        this.#allKeys = false;
        return true;
      case "allchannels":
      case "&*":
        this.#channels = [];
        this.#allChannels = true;
        return true;
      case "resetchannels":
        this.#channels = [];
        this.#allChannels = false;
        return true;
      case "allcommands":
        this.#setAll("+@all");
        return true;
      case "nocommands":
        this.#setAll("-@all");
        return true;
    }
    if (rule.startsWith("~") || rule.startsWith("%")) this.#addPattern(rule);
    else if (rule.startsWith("&")) this.#addChannel(rule);
    else if (rule.startsWith("+") || rule.startsWith("-")) this.#applyCommands(rule.toLowerCase());
    else return false;
    return true;
  }

  /** The rules for commands, as in `ACL GETUSER`. */
  get commands(): string {
    return [this.#base, ...this.#rules].join(" ");
  }

  /** The patterns of keys, as in `ACL GETUSER`. */
  get keys(): string {
    return this.#allKeys ? "~*" : this.#patterns.map(describePattern).join(" ");
  }

  /** The patterns of channels, as in `ACL GETUSER`. */
  get channels(): string {
    return this.#allChannels ? "&*" : this.#channels.map((glob) => `&${glob}`).join(" ");
  }

  /** All of it, as in `ACL LIST`. */
  describe(): string {
    const channels = this.#allChannels ? "&*" : `resetchannels ${this.channels}`.trimEnd();
    return [this.keys, channels, this.commands].filter((part) => part !== "").join(" ");
  }

  /** As in Redis: a pattern must be one of the rules', to the letter. */
  #mayUseChannel(name: string, isPattern: boolean): boolean {
    if (this.#allChannels) return true;
    if (isPattern) return this.#channels.includes(name);
    if (name.length > MAX_KEY_CHARACTERS) return false;
    return this.#channels.some((glob) => matchesGlob(glob, name));
  }

  #setAll(base: "+@all" | "-@all"): void {
    this.#base = base;
    this.#rules = [];
    this.#allowed = new Set(base === "+@all" ? this.#catalog.names : []);
  }

  #applyCommands(rule: string): void {
    const name = rule.slice(1);
    if (name === "@all") return this.#setAll(rule as "+@all" | "-@all");
    const names = this.#named(name);
    const wanted = withRule(this.#allowed, rule, names);
    const kept = this.#rules.filter((one) => {
      const other = one.slice(1);
      return other !== name && !other.startsWith(`${name}|`);
    });
    if (!sameSet(this.#replay(kept), wanted)) kept.push(rule);
    // where a rule between depends on one that was dropped
    this.#rules = sameSet(this.#replay(kept), wanted) ? kept : [...this.#rules, rule];
    this.#allowed = wanted;
  }

  #replay(rules: readonly string[]): Set<string> {
    const allowed = new Set(this.#base === "+@all" ? this.#catalog.names : []);
    return rules.reduce((set, rule) => withRule(set, rule, this.#named(rule.slice(1))), allowed);
  }

  #named(name: string): readonly string[] {
    if (name.startsWith("@")) {
      const names = this.#catalog.inCategory(name.slice(1));
      if (!names) throw new RuleError(UNKNOWN);
      return names;
    }
    const names = this.#catalog.withSubcommands(name); // `rafka|topic` has subcommands only
    if (names.length === 0) throw new RuleError(UNKNOWN);
    return names;
  }

  #addPattern(rule: string): void {
    const match = /^(?:~|%([RWrw]{1,2})~)(\S*)$/.exec(rule);
    if (!match) throw new RuleError("Syntax error");
    if (this.#allKeys) {
      throw new RuleError(
        "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. " +
          "Try 'resetkeys' to start with an empty list of patterns",
      );
    }
    const [, use = "RW", glob] = match;
    const uses = use.toUpperCase();
    const pattern = { glob: glob!, read: uses.includes("R"), write: uses.includes("W") };
    requireBounded(pattern.glob, this.#patterns.length);
    const same = this.#patterns.findIndex((one) => one.glob === pattern.glob);
    if (same < 0) this.#patterns.push(pattern);
    else {
      const { read, write } = this.#patterns[same]!;
      this.#patterns[same] = {
        glob: pattern.glob,
        read: read || pattern.read,
        write: write || pattern.write,
      };
    }
  }

  #addChannel(rule: string): void {
    const glob = rule.slice(1);
    if (/\s/.test(glob)) throw new RuleError("Syntax error");
    if (this.#allChannels) {
      throw new RuleError(
        "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. " +
          "Try 'resetchannels' to start with an empty list of channels",
      );
    }
    requireBounded(glob, this.#channels.length);
    if (!this.#channels.includes(glob)) this.#channels.push(glob);
  }
}

/** Whether a pattern matches every key that begins so; false where that is not obvious. */
function coversPrefix(glob: string, prefix: string): boolean {
  const literal = glob.slice(0, -1);
  return glob.endsWith("*") && prefix.startsWith(literal) && !/[*?[\\]/.test(literal);
}

function withRule(
  allowed: ReadonlySet<string>,
  rule: string,
  names: readonly string[],
): Set<string> {
  const changed = new Set(allowed);
  for (const name of names) {
    if (rule.startsWith("+")) changed.add(name);
    else changed.delete(name);
  }
  return changed;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name));
}

function describePattern({ glob, read, write }: KeyPattern): string {
  const prefix = read && write ? "" : read ? "%R" : "%W";
  return `${prefix}~${glob}`;
}

/** Each request compares its keys with each pattern. */
function requireBounded(glob: string, count: number): void {
  if (glob.length > MAX_PATTERN_CHARACTERS) {
    throw new RuleError(`A pattern has at most ${MAX_PATTERN_CHARACTERS} characters`);
  }
  if (count >= MAX_PATTERNS) throw new RuleError(`A user has at most ${MAX_PATTERNS} patterns`);
}
