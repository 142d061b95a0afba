/**
 * The users of a gateway, from lines of the configuration or of an ACL file. Without any there is `default` alone, which
 * may do everything without a password, as in Redis.
 *
 * @module
 */

import { MAX_NAME_BYTES } from "./passwords.ts";
import type { RightCatalog } from "./rights.ts";
import { RuleError } from "./selector.ts";
import { User } from "./user.ts";

/** The user of connections that have not logged in. */
export const DEFAULT_USER = "default";
const EVERYTHING = ["on", "nopass", "allkeys", "allchannels", "allcommands"];

/** Where users are defined. */
export interface UserLines {
  /** Names the place in errors: a path, or `server.users`. */
  readonly source: string;
  /** `user <name> <rule> …` */
  readonly lines: readonly string[];
}

/** Users that cannot be used; the message says why, a line for each problem. */
export class UserError extends Error {
  /** Shown in stack traces. */
  override name = "UserError";
  /** One for each line that is wrong. */
  readonly problems: readonly string[];

  /** Joins the problems. */
  constructor(problems: readonly string[]) {
    super(problems.join(" "));
    this.problems = problems;
  }
}

/** What is wrong with users that are right each for itself, a line for each problem. */
export type UserCheck = (users: ReadonlyMap<string, User>) => string[];

/** Users by name. */
export class UserRegistry {
  readonly #catalog: RightCatalog;
  readonly #check: UserCheck;
  #users: ReadonlyMap<string, User>;
  #areDefined = false;
  /** Compared where there is no such user. */
  readonly #nobody: User;

  /**
   * The default user alone.
   *
   * @param check is asked before users are replaced
   */
  constructor(catalog: RightCatalog, check: UserCheck = () => []) {
    this.#catalog = catalog;
    this.#check = check;
    this.#nobody = new User("", [], catalog);
    this.#users = new Map([[DEFAULT_USER, new User(DEFAULT_USER, EVERYTHING, catalog)]]);
  }

  /** All commands and categories that rules can name. */
  get catalog(): RightCatalog {
    return this.#catalog;
  }

  /** Whether users are configured: else everybody may do everything. */
  get areDefined(): boolean {
    return this.#areDefined;
  }

  /** The user of connections that have not logged in. */
  get default(): User {
    return this.#users.get(DEFAULT_USER)!;
  }

  /** All users, in the order of their names. */
  get all(): User[] {
    return [...this.#users.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** The user of this name. */
  get(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** Whether a connection that has not logged in may run commands as the default user. */
  get isOpen(): boolean {
    return this.default.needsNoLogin;
  }

  /**
   * Replaces all users. A default user that no line defines is off: nobody gets in without a name.
   *
   * @throws {UserError} for any line that is wrong; the users stay as they are
   */
  replace(places: readonly UserLines[]): void {
    const users = new Map<string, User>();
    const problems: string[] = [];
    for (const { source, lines } of places) {
      for (const [at, line] of lines.entries()) {
        const words = wordsOf(line);
        if (words.length === 0) continue;
        const problem = this.#add(users, words, `${source}:${at + 1}`);
        if (problem !== undefined) problems.push(problem);
      }
    }
    if (problems.length > 0) throw new UserError(problems);
    if (!users.has(DEFAULT_USER)) {
      users.set(DEFAULT_USER, new User(DEFAULT_USER, [], this.#catalog));
    }
    problems.push(...this.#check(users));
    if (problems.length > 0) throw new UserError(problems);
    this.#users = users;
    this.#areDefined = true;
  }

  /** Finds the user of a name and password; takes as long where there is no such user. */
  logIn(name: string, password: Uint8Array): User | undefined {
    const user = this.#users.get(name);
    return (user ?? this.#nobody).accepts(password) ? user : undefined;
  }

  /** The enabled user that a certificate names; the first of its names that is a user's. */
  ofCertificate(names: readonly string[]): User | undefined {
    return names.map((name) => this.#users.get(name)).find((user) => user?.enabled);
  }

  #add(users: Map<string, User>, words: readonly string[], place: string): string | undefined {
    const [keyword, name, ...rules] = words;
    if (keyword !== "user" || name === undefined) {
      return `${place} should start with user keyword followed by the username.`;
    }
    if (new TextEncoder().encode(name).byteLength > MAX_NAME_BYTES) {
      return `${place}: The name of a user has at most ${MAX_NAME_BYTES} bytes.`;
    }
    if (users.has(name)) return `${place}: Duplicate user '${name}'.`;
    try {
      users.set(name, new User(name, rules, this.#catalog));
      return undefined;
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      return `${place}: ${error.message.replace(/\.$/, "")}.`;
    }
  }
}

/** Blank lines and comments have none. */
function wordsOf(line: string): string[] {
  const text = line.trim();
  return text === "" || text.startsWith("#") ? [] : text.split(/\s+/);
}
