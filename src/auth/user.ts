/**
 * A user: its passwords and its rules, in Redis' ACL syntax. Never changed once it is in use; new rules are a new user.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 * @module
 */

import { hashOf, isHash, isOneOf, MAX_PASSWORD_BYTES } from "./passwords.ts";
import type { RightCatalog } from "./rights.ts";
import { type KeyUse, type Refusal, RuleError, Selector } from "./selector.ts";

const BAD_HASH =
  "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters";
const NO_SUCH_PASSWORD = "The password you are trying to remove from the user does not exist";
/** Each login compares all of them. */
const MAX_PASSWORDS = 100;

/** One user. */
export class User {
  /** As in AUTH. */
  readonly name: string;
  readonly #catalog: RightCatalog;
  readonly #hashes = new Set<string>();
  readonly #root: Selector;
  #selectors: Selector[] = [];
  #enabled = false;
  #nopass = false;
  #unrestricted = false;

  /**
   * A user with these rules; without any it is off and may do nothing.
   *
   * @param rules words of a line of an ACL file behind the name
   * @throws {RuleError} that names the rule
   */
  constructor(name: string, rules: readonly string[], catalog: RightCatalog) {
    this.name = name;
    this.#catalog = catalog;
    this.#root = new Selector(catalog);
    for (const rule of mergeSelectors(rules)) {
      try {
        this.#apply(rule);
      } catch (cause) {
        if (!(cause instanceof RuleError)) throw cause;
        throw new RuleError(
          `Error in applying operation '${withoutSecret(rule)}': ${cause.message}`,
          {
            cause,
          },
        );
      }
    }
    this.#unrestricted = this.#root.isUnrestricted;
  }

  /** It can log in. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** Any password is right. */
  get nopass(): boolean {
    return this.#nopass;
  }

  /** As the default user it is everybody who has not logged in. */
  get needsNoLogin(): boolean {
    return this.#enabled && this.#nopass;
  }

  /** It may run everything on every key and channel: nothing need be checked. */
  get isUnrestricted(): boolean {
    return this.#unrestricted;
  }

  /** Whether the password is right; takes as long when it is wrong. */
  accepts(password: Uint8Array): boolean {
    const isRight = isOneOf(this.#hashes, password);
    return this.#enabled && (isRight || this.#nopass);
  }

  /** Why a command may not run with these keys; undefined if it may. One selector has to allow all of it. */
  refusal(
    right: string,
    uses: readonly KeyUse[],
    otherRights: readonly string[] = [],
  ): Refusal | undefined {
    let refusal: Refusal = { reason: "command", object: right };
    let furthest = -1;
    for (const selector of this.#all) {
      if (!selector.mayRun(right)) continue;
      const other = otherRights.find((one) => !selector.mayRun(one));
      if (other !== undefined) {
        if (furthest < 0) refusal = { reason: "command", object: other };
        continue;
      }
      const at = uses.findIndex((use) => !selector.mayUse(use));
      if (at < 0) return undefined;
      if (at > furthest) refusal = keyRefusal(uses[at]!);
      furthest = Math.max(at, furthest);
    }
    return refusal;
  }

  /** Whether a command, or another right, is allowed on some key. */
  mayRun(right: string): boolean {
    return this.#all.some((selector) => selector.mayRun(right));
  }

  /** Whether a key may be used so, by some command. */
  mayUse(use: KeyUse): boolean {
    return this.#all.some((selector) => selector.mayUse(use));
  }

  /** The flags of `ACL GETUSER`. */
  get flags(): string[] {
    return [this.#enabled ? "on" : "off", ...(this.#nopass ? ["nopass"] : [])];
  }

  /** The hashes of its passwords. */
  get hashes(): readonly string[] {
    return [...this.#hashes];
  }

  /** Its rules outside of parentheses. */
  get root(): Selector {
    return this.#root;
  }

  /** Its rules in parentheses. */
  get selectors(): readonly Selector[] {
    return this.#selectors;
  }

  /** A line of `ACL LIST`. */
  describe(): string {
    return [
      "user",
      this.name,
      ...this.flags,
      ...this.hashes.map((hash) => `#${hash}`),
      this.#root.describe(),
      ...this.#selectors.map((selector) => `(${selector.describe()})`),
    ].join(" ");
  }

  get #all(): readonly Selector[] {
    return this.#selectors.length === 0 ? [this.#root] : [this.#root, ...this.#selectors];
  }

  #apply(rule: string): void {
    switch (rule.toLowerCase()) {
      case "":
      case "sanitize-payload": // there is no RESTORE
      case "skip-sanitize-payload":
        return;
      case "on":
        this.#enabled = true;
        return;
      case "off":
        this.#enabled = false;
        return;
      case "nopass":
        this.#nopass = true;
        this.#hashes.clear();
        return;
      case "resetpass":
        this.#nopass = false;
        this.#hashes.clear();
        return;
      case "clearselectors":
        this.#selectors = [];
        return;
      case "reset":
        for (const one of ["resetpass", "off", "clearselectors"]) this.#apply(one);
        for (const one of ["resetkeys", "resetchannels", "-@all"]) this.#root.apply(one);
        return;
    }
    if (rule.startsWith("(")) this.#addSelector(rule);
    else if (/^[>#<!]/.test(rule)) this.#applyPassword(rule);
    else if (!this.#root.apply(rule)) throw new RuleError("Syntax error");
  }

  #applyPassword(rule: string): void {
    const value = rule.slice(1);
    const isPlain = rule.startsWith(">") || rule.startsWith("<");
    if (!isPlain && !isHash(value)) throw new RuleError(BAD_HASH);
    const hash = isPlain ? hashOf(requirePassword(value)) : value;
    if (rule.startsWith(">") || rule.startsWith("#")) {
      if (this.#hashes.size >= MAX_PASSWORDS) {
        throw new RuleError(`A user has at most ${MAX_PASSWORDS} passwords`);
      }
      this.#hashes.add(hash);
      this.#nopass = false;
    } else if (!this.#hashes.delete(hash)) throw new RuleError(NO_SUCH_PASSWORD);
  }

  #addSelector(rule: string): void {
    const selector = new Selector(this.#catalog);
    for (const inner of rule.slice(1, -1).split(" ").filter((word) => word !== "")) {
      if (!selector.apply(inner)) throw new RuleError("Syntax error");
    }
    this.#selectors.push(selector);
  }
}

/** The refusal of what may not be used so. */
export function keyRefusal({ key, channel }: KeyUse): Refusal {
  return { reason: channel ? "channel" : "key", object: key };
}

/** Words of one selector, from `(` to `)`, become one rule. */
function mergeSelectors(words: readonly string[]): string[] {
  const rules: string[] = [];
  let open: string | undefined;
  for (const word of words) {
    if (open !== undefined) open += ` ${word}`;
    else if (word.startsWith("(")) open = word;
    else {
      rules.push(word);
      continue;
    }
    if (!open.endsWith(")")) continue;
    rules.push(open);
    open = undefined;
  }
  if (open === undefined) return rules;
  throw new RuleError(`Unmatched parenthesis in acl selector starting at '${open.split(" ")[0]}'.`);
}

function requirePassword(password: string): Uint8Array {
  const bytes = new TextEncoder().encode(password);
  if (bytes.byteLength <= MAX_PASSWORD_BYTES) return bytes;
  throw new RuleError(`A password has at most ${MAX_PASSWORD_BYTES} bytes`);
}

/** A rule as errors show it. */
function withoutSecret(rule: string): string {
  return /^[>#<!]/.test(rule) ? `${rule[0]}(redacted)` : rule;
}
