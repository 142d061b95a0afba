/**
 * The commands as tables: usage, reply, summary.
 *
 * @module
 */
import type { CommandGroup } from "../../src/commands/core/command.ts";
import { commands } from "../../src/commands/registry.ts";
import { TaskError } from "../say.ts";
import { code, table } from "./markdown.ts";
import { replies } from "./replies.ts";

/** Heading of the table for each of Redis' groups. */
const HEADINGS: Readonly<Record<CommandGroup, string>> = {
  list: "Messages",
  stream: "Streams",
  pubsub: "Pub/Sub",
  generic: "Topics, delivery and counters",
  hash: "Topics, delivery and counters",
  string: "Topics, delivery and counters",
  connection: "Connection",
  transactions: "Transactions",
  scripting: "Server",
  server: "Server",
  "sorted-set": "Topics, delivery and counters",
};

/** A table for each heading. */
export function commandTables(): string {
  return [...new Set(Object.values(HEADINGS))].map((heading) => {
    const rows = commands.filter(({ group }) => HEADINGS[group] === heading)
      .map(({ name, usage, summary }) => [code(usage), replyOf(name), summary]);
    return `### ${heading}\n\n${table(["command", "reply", "what it does"], rows)}`;
  }).join("\n");
}

function replyOf(name: string): string {
  const reply = replies[name];
  if (reply !== undefined) return reply;
  throw new TaskError(`tasks/docs/replies.ts does not say what ${name} answers`);
}
