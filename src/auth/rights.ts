/**
 * What rules can allow: commands, rights that are no command, and categories of both. Rules name them in Redis' form,
 * `client|setname` for a subcommand.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 * @module
 */

/** Redis' categories in its order, then Rafka's own. */
export const CATEGORIES = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
  "produce",
  "consume",
] as const;

/** One of `CATEGORIES`. */
export type Category = (typeof CATEGORIES)[number];

/** A command, or a right that is none, as rules name it. */
export interface Right {
  /** Lower case; of a subcommand with its container, `client|setname`. */
  readonly name: string;
  /** In any order. */
  readonly categories: readonly Category[];
}

/** All rights. */
export class RightCatalog {
  readonly #rights: ReadonlyMap<string, Right>;

  /** A catalog of these rights. */
  constructor(rights: readonly Right[]) {
    this.#rights = new Map(rights.map((right) => [right.name, right]));
  }

  /** The names of all rights. */
  get names(): string[] {
    return [...this.#rights.keys()];
  }

  /** Whether there is such a right. */
  has(name: string): boolean {
    return this.#rights.has(name);
  }

  /** The names of the rights in a category; undefined for an unknown one. */
  inCategory(category: string): string[] | undefined {
    const known = CATEGORIES.find((name) => name === category);
    if (known === undefined) return undefined;
    return [...this.#rights.values()]
      .filter(({ categories }) => categories.includes(known)).map(({ name }) => name);
  }

  /** The name, if there is such a right, and those of its subcommands. */
  withSubcommands(name: string): string[] {
    const prefix = `${name}|`;
    return this.names.filter((one) => one === name || one.startsWith(prefix));
  }
}
