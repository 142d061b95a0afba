/**
 * COMMAND: the commands as data, for client libraries and redis-cli's completion.
 *
 * @see https://redis.io/docs/latest/commands/command/
 * @module
 */

import { array, bulk, integer, map, NULL, type Reply } from "../../resp/reply.ts";
import { parseDecimal } from "../../resp/bytes.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type KeyBlock, keysAt } from "../core/arguments.ts";
import * as arg from "../core/arguments.ts";
import { toText } from "../core/args.ts";
import { categoriesOf } from "../core/categories.ts";
import { canonicalName, type Command, command } from "../core/command.ts";
import { CommandEntries, nameOf } from "./command_entries.ts";
import { CommandError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import { matchesGlob, parseGlob } from "../core/glob.ts";
import { OptionCursor } from "../core/options.ts";

/**
 * COMMAND, for a table of commands.
 *
 * @param table all top-level commands, COMMAND too; called only when a subcommand runs
 */
export function commandCommand(table: () => readonly Command[]): Command {
  const entries = new CommandEntries(table);
  const named = (names: Request): (Command | undefined)[] =>
    names.map((name) => entries.find(toText(name)));
  return container("COMMAND", "server", "Returns the arity, flags and keys of all commands", [
    command({
      name: "COMMAND COUNT",
      arity: 2,
      summary: "Returns the number of commands",
      since: "0.2.0",
      group: "server",
      flags: [],
      categories: ["connection"],
      run: () => integer(table().length),
    }),
    command({
      name: "COMMAND INFO",
      arity: -2,
      arguments: [arg.string("command-name", { optional: true, multiple: true })],
      summary: "Returns the arity, flags and keys of commands",
      since: "0.2.0",
      group: "server",
      flags: [],
      categories: ["connection"],
      run({ client: { protocol } }, args): Reply {
        const chosen = args.length > 0 ? named(args) : table();
        return array(chosen.map((one) => one ? entries.info(one, protocol) : NULL));
      },
    }),
    command({
      name: "COMMAND DOCS",
      arity: -2,
      arguments: [arg.string("command-name", { optional: true, multiple: true })],
      summary: "Returns the summary and arguments of commands",
      since: "0.2.0",
      group: "server",
      flags: [],
      categories: ["connection"],
      run({ client: { protocol } }, args): Reply {
        const chosen = new Set(args.length > 0 ? named(args) : table()); // keys of a map: each once
        chosen.delete(undefined);
        return map(Array.from(chosen, (one) => [nameOf(one!), entries.docs(one!, protocol)]));
      },
    }),
    command({
      name: "COMMAND LIST",
      arity: -2,
      arguments: [
        arg.oneOf([
          arg.string("module-name", { token: "MODULE" }),
          arg.string("category", { token: "ACLCAT" }),
          arg.pattern("pattern", { token: "PATTERN" }),
        ], { token: "FILTERBY", optional: true }),
      ],
      summary: "Returns the names of all commands",
      since: "0.2.0",
      group: "server",
      flags: [],
      categories: ["connection"],
      run: (_context, args) => array(table().filter(listFilter(args)).map(nameOf)),
    }),
    command({
      name: "COMMAND GETKEYS",
      arity: -3,
      arguments: [arg.string("command"), arg.string("arg", { optional: true, multiple: true })],
      summary: "Returns the keys of a command",
      since: "0.2.0",
      group: "server",
      flags: [],
      categories: ["connection"],
      run(_context, args): Reply {
        const [name, subcommand] = args.slice(0, 2).map(toText);
        const found = entries.find(`${name}|${subcommand}`) ?? entries.find(name!);
        return array(keysOf(found, args).map(bulk));
      },
    }),
  ], {
    categories: ["connection"],
    run: ({ client: { protocol } }) => array(table().map((one) => entries.info(one, protocol))),
  });
}

function listFilter(args: Request): (command: Command) => boolean {
  const options = new OptionCursor(args);
  if (!options.more) return () => true;
  options.oneOf("FILTERBY");
  const kind = options.oneOf("MODULE", "ACLCAT", "PATTERN");
  const value = options.value();
  options.end();
  if (kind === "MODULE") return () => false;
  if (kind === "ACLCAT") {
    const category = toText(value);
    return (command) => categoriesOf(command).some((name) => name === category);
  }
  const pattern = parseGlob(value).toLowerCase();
  return (command) => matchesGlob(pattern, canonicalName(command));
}

function keysOf(command: Command | undefined, request: Request): Request {
  if (!command) throw new CommandError("ERR", "Invalid command specified");
  const { keys, keyBlock, keyCountAt, arity } = command;
  if (!keys && !keyBlock && !keyCountAt) {
    throw new CommandError("ERR", "The command has no key arguments");
  }
  if (arity < 0 ? request.length < -arity : request.length !== arity) {
    throw new CommandError("ERR", "Invalid number of arguments specified for command");
  }
  if (keys) return keysAt(keys, request);
  return keyCountAt ? countedKeys(keyCountAt, request) : keysOfBlock(keyBlock!, request);
}

/** As many as the request says. */
function countedKeys(countAt: number, request: Request): Request {
  const count = parseDecimal(request[countAt]!) ?? 0;
  const keys = request.slice(countAt + 1, countAt + 1 + count);
  if (count > 0 && keys.length === count) return keys;
  throw new CommandError("ERR", "Invalid arguments specified for command");
}

/** The first half of what is behind the token. */
function keysOfBlock({ token, from }: KeyBlock, request: Request): Request {
  const at = request.findIndex((word, index) =>
    index >= from && word.byteLength === token.length && toText(word).toUpperCase() === token
  );
  const behind = at < 0 ? [] : request.slice(at + 1);
  if (behind.length === 0) throw new CommandError("ERR", "Invalid arguments specified for command");
  return behind.slice(0, behind.length >> 1);
}
