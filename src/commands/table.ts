/**
 * @module
 * The list of every command, and how one is found.
 */

import type { Request } from "../resp/request_parser.ts";
import { toText } from "./args.ts";
import { type Command, CommandError } from "./command.ts";
import { connectionCommands } from "./connection.ts";
import { consumeCommands } from "./consume.ts";
import { inspectCommands } from "./inspect.ts";
import { produceCommands } from "./produce.ts";

/** Every command that Rafka knows. */
export const commands: readonly Command[] = [
  ...connectionCommands,
  ...produceCommands,
  ...consumeCommands,
  ...inspectCommands,
];

const byName = indexByName(commands);
/** Commands that have subcommands: "CLIENT". */
const containers = new Set(
  commands.filter(({ name }) => name.includes(" ")).map(({ name }) => name.split(" ")[0]),
);

/** Redis shows at most so much of what it doesn't understand. */
const SHOWN_CHARACTERS = 128;

/** A command, and what of the request are its arguments. */
export interface FoundCommand {
  /** The entry of the table. */
  readonly command: Command;
  /** What follows the words of the command's name. */
  readonly args: Request;
}

/**
 * The command that a request names; names are case-insensitive.
 *
 * @throws {CommandError} with Redis' texts, for an unknown command or subcommand or a wrong number of arguments
 */
export function findCommand(request: Request): FoundCommand {
  const name = toText(request[0]!).toUpperCase();
  if (containers.has(name)) return findSubcommand(request, name);
  const command = byName.get(name);
  if (!command) throw unknownCommand(request);
  return checkArity(command, request, request.slice(1));
}

function findSubcommand(request: Request, container: string): FoundCommand {
  if (request.length < 2) throw wrongArity(container);
  const subcommand = toText(request[1]!);
  const command = byName.get(`${container} ${subcommand.toUpperCase()}`);
  if (!command) {
    const shown = subcommand.slice(0, SHOWN_CHARACTERS);
    throw new CommandError("ERR", `unknown subcommand '${shown}'. Try ${container} HELP.`);
  }
  return checkArity(command, request, request.slice(2));
}

function checkArity(command: Command, request: Request, args: Request): FoundCommand {
  const { arity } = command;
  if (arity < 0 ? request.length >= -arity : request.length === arity) return { command, args };
  throw command.wrongArity?.(args.length) ?? wrongArity(command.name.replace(" ", "|"));
}

function wrongArity(name: string): CommandError {
  return new CommandError("ERR", `wrong number of arguments for '${name}' command`);
}

function unknownCommand(request: Request): CommandError {
  const name = toText(request[0]!).slice(0, SHOWN_CHARACTERS);
  let shown = "";
  for (const argument of request.slice(1)) {
    if (shown.length >= SHOWN_CHARACTERS) break;
    shown += `'${toText(argument.subarray(0, SHOWN_CHARACTERS - shown.length))}' `;
  }
  return new CommandError("ERR", `unknown command '${name}', with args beginning with: ${shown}`);
}

function indexByName(list: readonly Command[]): Map<string, Command> {
  const index = new Map<string, Command>();
  for (const command of list) {
    if (index.has(command.name)) throw new Error(`Command ${command.name} is in the table twice`);
    index.set(command.name, command);
  }
  return index;
}
