/**
 * The ACL categories of commands: Redis' own, derived as there from flags and group, and `produce` and `consume`.
 *
 * @module
 */

import { CATEGORIES, type Category } from "../../auth/rights.ts";
import type { Command, CommandGroup } from "./command.ts";

const BY_GROUP: Readonly<Record<CommandGroup, Category | undefined>> = {
  connection: "connection",
  generic: "keyspace",
  hash: "hash",
  list: "list",
  pubsub: "pubsub",
  scripting: "scripting",
  server: undefined,
  "sorted-set": "sortedset",
  stream: "stream",
  string: "string",
  transactions: "transaction",
};

/** The categories of a command, in the order of `ACL CAT`. */
export function categoriesOf(
  { flags, group, categories = [] }: Pick<Command, "flags" | "group" | "categories">,
): Category[] {
  const has = (flag: Command["flags"][number]): boolean => flags.includes(flag);
  const all = new Set<Category | undefined>([
    BY_GROUP[group],
    has("write") ? "write" : undefined,
    has("readonly") ? "read" : undefined,
    has("blocking") ? "blocking" : undefined,
    has("fast") ? "fast" : "slow",
    ...(has("admin") ? ["admin", "dangerous"] as const : []),
    ...categories,
  ]);
  return CATEGORIES.filter((name) => all.has(name));
}
