/**
 * Commands with subcommands: CLIENT, COMMAND, CONFIG … HELP is generated from these.
 *
 * @module
 */

import { array, type Reply, simple } from "../../resp/reply.ts";
import { type Command, command, type CommandGroup } from "./command.ts";

/** The release that added HELP to the containers of then. */
const HELP_SINCE = "0.2.0";

/**
 * A command with these subcommands, and HELP.
 *
 * @param alone how it runs without a subcommand, if it does
 */
export function container(
  name: string,
  group: CommandGroup,
  summary: string,
  subcommands: readonly Command[],
  alone?: Pick<Command, "run" | "categories">,
): Command {
  const since = oldest(subcommands);
  const help = command({
    name: `${name} HELP`,
    arity: 2,
    summary: "Lists these subcommands",
    since: isOlder(since, HELP_SINCE) ? HELP_SINCE : since,
    group,
    flags: [],
    ...(alone?.categories && { categories: alone.categories }),
    run: () => helpReply(name, all),
  });
  const all = [...subcommands, help];
  return command({
    name,
    arity: alone ? -1 : -2,
    summary,
    since,
    group,
    flags: [],
    subcommands: all,
    ...alone,
  });
}

/** A container is as old as the first of its subcommands. */
function oldest(subcommands: readonly Command[]): string {
  return subcommands.map(({ since }) => since)
    .reduce((a, b) => isOlder(b, a) ? b : a);
}

function isOlder(release: string, other: string): boolean {
  return release.localeCompare(other, "en", { numeric: true }) < 0;
}

/** As Redis prints it: two lines for each, the second with the summary. */
function helpReply(name: string, subcommands: readonly Command[]): Reply {
  return array([
    simple(`${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`),
    ...subcommands.flatMap(({ usage, summary }) => [
      simple(usage.slice(name.length + 1)),
      simple(`    ${summary}.`),
    ]),
  ]);
}
