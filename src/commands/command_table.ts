/**
 * @module
 * COMMAND: the table of commands, as machines and redis-cli's completion read it.
 *
 * @see https://redis.io/docs/latest/commands/command/
 */

import { array, bulk, integer, map, NULL, record, type Reply, set, simple } from "../resp/reply.ts";
import type { Request } from "../resp/request_parser.ts";
import { toText } from "./args.ts";
import { canonicalName, type Command } from "./command.ts";
import { CommandError, syntaxError } from "./command_error.ts";
import { container } from "./container.ts";
import { matchesGlob, parseGlob } from "./glob.ts";
import { usageArguments } from "./usage.ts";

/**
 * COMMAND, for this table.
 *
 * @param table all top-level commands, COMMAND too; called only when a command runs
 */
export function commandCommand(table: () => readonly Command[]): Command {
  const named = (words: Request): (Command | undefined)[] =>
    words.map((word) => find(table(), toText(word)));
  return container("COMMAND", "server", "Arity, flags and keys of all commands", [
    {
      name: "COMMAND COUNT",
      arity: 2,
      usage: "COMMAND COUNT",
      summary: "How many commands there are",
      since: "0.2.0",
      group: "server",
      flags: [],
      run: () => integer(table().length),
    },
    {
      name: "COMMAND INFO",
      arity: -2,
      usage: "COMMAND INFO [command-name [command-name ...]]",
      summary: "Arity, flags and keys of commands",
      since: "0.2.0",
      group: "server",
      flags: [],
      run: (_context, args) => array((args.length > 0 ? named(args) : table()).map(infoOrNull)),
    },
    {
      name: "COMMAND DOCS",
      arity: -2,
      usage: "COMMAND DOCS [command-name [command-name ...]]",
      summary: "Summary and arguments of commands",
      since: "0.2.0",
      group: "server",
      flags: [],
      run(_context, args): Reply {
        const chosen = args.length > 0 ? named(args) : table();
        return map(chosen.flatMap((one) => one ? [[bulk(canonicalName(one)), docs(one)]] : []));
      },
    },
    {
      name: "COMMAND LIST",
      arity: -2,
      usage: "COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
      summary: "The names of all commands",
      since: "0.2.0",
      group: "server",
      flags: [],
      run: (_context, args) => array(table().filter(listFilter(args)).map((one) => nameOf(one))),
    },
    {
      name: "COMMAND GETKEYS",
      arity: -3,
      usage: "COMMAND GETKEYS command [arg [arg ...]]",
      summary: "Which words of a command are keys",
      since: "0.2.0",
      group: "server",
      flags: [],
      run: (_context, args) => array(keysOf(named(args.slice(0, 1))[0], args).map(bulk)),
    },
  ], {
    usage: "COMMAND",
    run: () => array(table().map(info)),
  });
}

/** By `client` or `client|setname`. */
function find(table: readonly Command[], name: string): Command | undefined {
  const canonical = name.toLowerCase();
  return table.flatMap((one) => [one, ...one.subcommands ?? []])
    .find((one) => canonicalName(one) === canonical);
}

function nameOf(command: Command): Reply {
  return bulk(canonicalName(command));
}

function infoOrNull(command: Command | undefined): Reply {
  return command ? info(command) : NULL;
}

/** Redis' ten fields; tips and key specifications are empty. */
function info(command: Command): Reply {
  const { arity, flags, keys, subcommands = [] } = command;
  return array([
    nameOf(command),
    integer(arity),
    set(flags.map(simple)),
    integer(keys?.first ?? 0),
    integer(keys?.last ?? 0),
    integer(keys ? 1 : 0),
    set(aclCategories(command).map(simple)),
    set([]),
    set([]),
    subcommands.length > 0 ? array(subcommands.map(info)) : set([]), // as Redis has it
  ]);
}

function docs(command: Command): Reply {
  const args = usageArguments(command);
  const subcommands = command.subcommands?.map((one): [Reply, Reply] => [nameOf(one), docs(one)]);
  return record({
    summary: bulk(command.summary),
    since: bulk(command.since),
    group: bulk(command.group),
    ...(args && { arguments: args }),
    ...(subcommands && { subcommands: map(subcommands) }),
  });
}

/** As Redis derives them from flags and group. */
function aclCategories({ flags, group }: Command): string[] {
  const has = (flag: Command["flags"][number]): boolean => flags.includes(flag);
  return [
    ...(has("write") ? ["@write"] : []),
    ...(has("readonly") ? ["@read"] : []),
    ...(group === "server" ? [] : [`@${group === "generic" ? "keyspace" : group}`]),
    ...(has("admin") ? ["@admin", "@dangerous"] : []),
    ...(has("blocking") ? ["@blocking"] : []),
    has("fast") ? "@fast" : "@slow",
  ];
}

function listFilter(args: Request): (command: Command) => boolean {
  if (args.length === 0) return () => true;
  if (args.length !== 3) throw syntaxError();
  const [filterBy, kind, value] = args.map(toText);
  if (filterBy!.toUpperCase() !== "FILTERBY") throw syntaxError();
  switch (kind!.toUpperCase()) {
    case "MODULE":
      return () => false;
    case "ACLCAT":
      return (command) => aclCategories(command).includes(`@${value}`);
    case "PATTERN": {
      const pattern = parseGlob(args[2]!).toLowerCase();
      return (command) => matchesGlob(pattern, canonicalName(command));
    }
    default:
      throw syntaxError();
  }
}

function keysOf(command: Command | undefined, request: Request): Request {
  if (!command) throw new CommandError("ERR", "Invalid command specified");
  const { keys, arity } = command;
  if (!keys) throw new CommandError("ERR", "The command has no key arguments");
  if (arity < 0 ? request.length < -arity : request.length !== arity) {
    throw new CommandError("ERR", "Invalid number of arguments specified for command");
  }
  return request.slice(keys.first, keys.last < 0 ? undefined : keys.last + 1);
}
