/**
 * Commands that hold others: CLIENT, COMMAND, CONFIG … Each answers HELP from its table.
 *
 * @module
 */

import { array, type Reply, simple } from "../../resp/reply.ts";
import type { Command, CommandGroup } from "./command.ts";

/** Containers that are older got it then, all together. */
const HELP_SINCE = "0.2.0";

/** A command with these subcommands, and HELP. It runs by itself if `alone` is given. */
export function container(
  name: string,
  group: CommandGroup,
  summary: string,
  subcommands: readonly Command[],
  alone?: Pick<Command, "usage" | "run">,
): Command {
  const since = oldest(subcommands);
  const help: Command = {
    name: `${name} HELP`,
    arity: 2,
    usage: `${name} HELP`,
    summary: "Lists these subcommands",
    since: isOlder(since, HELP_SINCE) ? HELP_SINCE : since,
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
    since,
    group,
    flags: [],
    subcommands: all,
    ...alone,
  };
}

/** A container is as old as the first of its subcommands. */
function oldest(subcommands: readonly Command[]): string {
  return subcommands.map(({ since }) => since)
    .reduce((a, b) => isOlder(b, a) ? b : a);
}

function isOlder(release: string, other: string): boolean {
  return release.localeCompare(other, "en", { numeric: true }) < 0;
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
