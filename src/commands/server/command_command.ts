/**
 * COMMAND: the table of commands, as machines and redis-cli's completion read it.
 *
 * @see https://redis.io/docs/latest/commands/command/
 * @module
 */

import { array, bulk, integer, map, NULL, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { toText } from "../core/args.ts";
import { canonicalName, type Command } from "../core/command.ts";
import { aclCategories, CommandEntries, nameOf } from "./command_entries.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import { matchesGlob, parseGlob } from "../core/glob.ts";

/**
 * COMMAND, for this table.
 *
 * @param table all top-level commands, COMMAND too; called only when a command runs
 */
export function commandCommand(table: () => readonly Command[]): Command {
  const entries = new CommandEntries(table);
  const named = (words: Request): (Command | undefined)[] =>
    words.map((word) => entries.find(toText(word)));
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
      run({ client: { protocol } }, args): Reply {
        const chosen = args.length > 0 ? named(args) : table();
        return array(chosen.map((one) => one ? entries.info(one, protocol) : NULL));
      },
    },
    {
      name: "COMMAND DOCS",
      arity: -2,
      usage: "COMMAND DOCS [command-name [command-name ...]]",
      summary: "Summary and arguments of commands",
      since: "0.2.0",
      group: "server",
      flags: [],
      run({ client: { protocol } }, args): Reply {
        const chosen = new Set(args.length > 0 ? named(args) : table()); // keys of a map: each once
        chosen.delete(undefined);
        return map(Array.from(chosen, (one) => [nameOf(one!), entries.docs(one!, protocol)]));
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
      run: (_context, args) => array(table().filter(listFilter(args)).map(nameOf)),
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
    run: ({ client: { protocol } }) => array(table().map((one) => entries.info(one, protocol))),
  });
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
