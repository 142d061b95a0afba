/**
 * @module
 * Commands that hold others: CLIENT, COMMAND, CONFIG … Each answers HELP from its table.
 */

import { array, type Reply, simple } from "../resp/reply.ts";
import type { Command, CommandGroup } from "./command.ts";

/** All containers got it together. */
const HELP_SINCE = "0.2.0";

/** A command with these subcommands, and HELP. It runs by itself if `alone` is given. */
export function container(
  name: string,
  group: CommandGroup,
  summary: string,
  subcommands: readonly Command[],
  alone?: Pick<Command, "usage" | "run">,
): Command {
  const help: Command = {
    name: `${name} HELP`,
    arity: 2,
    usage: `${name} HELP`,
    summary: "Lists these subcommands",
    since: HELP_SINCE,
    group,
    flags: [],
    run: () => helpReply(name, all),
  };
  const all = [...subcommands, help];
  return {
    name,
    arity: alone ? -1 : -2,
    usage: name,
    summary,
    since: oldest(all),
    group,
    flags: [],
    subcommands: all,
    ...alone,
  };
}

/** A container is as old as the first of its subcommands. */
function oldest(subcommands: readonly Command[]): string {
  return subcommands.map(({ since }) => since)
    .reduce((a, b) => a.localeCompare(b, "en", { numeric: true }) <= 0 ? a : b);
}

/** As Redis prints it: a line each, what it does indented below. */
function helpReply(name: string, subcommands: readonly Command[]): Reply {
  return array([
    simple(`${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`),
    ...subcommands.flatMap(({ usage, summary }) => [
      simple(usage.slice(name.length + 1)),
      simple(`    ${summary}.`),
    ]),
  ]);
}
