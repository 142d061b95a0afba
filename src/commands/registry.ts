/**
 * All commands, and the lookup of one by a request.
 *
 * @module
 */

import type { Request } from "../resp/request_parser.ts";
import { toText } from "./core/args.ts";
import { aclCommands } from "./auth/acl.ts";
import { categoriesOf } from "./core/categories.ts";
import { RightCatalog } from "../auth/rights.ts";
import { CONSUMER_SETTINGS_RIGHT } from "./list/consumer_settings.ts";
import { clientCommands } from "./connection/client_commands.ts";
import { canonicalName, type Command, type RunnableCommand } from "./core/command.ts";
import { CommandError, wrongArity } from "./core/command_error.ts";
import { CommandIndex } from "./core/command_index.ts";
import { commandCommand } from "./server/command_command.ts";
import { configCommands } from "./server/config_commands.ts";
import { connectionCommands } from "./connection/connection_commands.ts";
import { consumeCommands } from "./list/blpop.ts";
import { addCommands } from "./stream/xadd.ts";
import { entryCommands } from "./stream/xdel.ts";
import { lengthCommands } from "./stream/xlen.ts";
import { rangeCommands } from "./stream/xrange.ts";
import { readCommands } from "./stream/xread.ts";
import { setIdCommands } from "./stream/xsetid.ts";
import { trimCommands } from "./stream/xtrim.ts";
import { listLengthCommands } from "./list/llen.ts";
import { batchCommands } from "./list/lmpop.ts";
import { listPopCommands } from "./list/lpop.ts";
import { moveCommands } from "./list/lmove.ts";
import { removeCommands } from "./list/lrem.ts";
import { viewCommands } from "./list/lrange.ts";
import { deleteCommands } from "./del.ts";
import { infoCommands } from "./server/info.ts";
import { keyspaceCommands } from "./keyspace/keyspace.ts";
import { lockCommands } from "./lock/lock_commands.ts";
import { latencyCommands } from "./server/latency.ts";
import { memoryCommands } from "./keyspace/memory_commands.ts";
import { produceCommands } from "./list/rpushx.ts";
import { pushCommands } from "./list/rpush.ts";
import { publishCommands } from "./pubsub/publish.ts";
import { pubsubCommands } from "./pubsub/pubsub_command.ts";
import { subscribeCommands } from "./pubsub/subscribe.ts";
import { rafkaCommands } from "./rafka/rafka.ts";
import { serverCommands } from "./server/introspection.ts";
import { sortedSetCommands } from "./keyspace/sorted_sets.ts";
import { statsCommands } from "./server/stats.ts";
import { ackCommands } from "./stream/xack.ts";
import { autoClaimCommands } from "./stream/xautoclaim.ts";
import { claimCommands } from "./stream/xclaim.ts";
import { groupCommands } from "./stream/xgroup.ts";
import { nackCommands } from "./stream/xnack.ts";
import { pendingCommands } from "./stream/xpending.ts";
import { readGroupCommands } from "./stream/xreadgroup.ts";
import { streamInfoCommands } from "./stream/xinfo.ts";
import { transactionCommands } from "./transaction/transaction.ts";

/** Every command that Rafka knows; subcommands are in their containers. */
export const topLevel: readonly Command[] = [
  ...produceCommands,
  ...consumeCommands,
  ...batchCommands,
  ...listPopCommands,
  ...moveCommands,
  ...removeCommands,
  ...viewCommands,
  ...pushCommands,
  ...addCommands,
  ...groupCommands,
  ...readGroupCommands,
  ...ackCommands,
  ...nackCommands,
  ...pendingCommands,
  ...claimCommands,
  ...autoClaimCommands,
  ...streamInfoCommands,
  ...lengthCommands,
  ...rangeCommands,
  ...readCommands,
  ...entryCommands,
  ...trimCommands,
  ...setIdCommands,
  ...listLengthCommands,
  ...subscribeCommands,
  ...publishCommands,
  ...pubsubCommands,
  ...keyspaceCommands,
  ...sortedSetCommands,
  ...lockCommands,
  ...statsCommands,
  ...deleteCommands,
  ...rafkaCommands,
  ...connectionCommands,
  ...transactionCommands,
  ...clientCommands,
  ...infoCommands,
  ...serverCommands,
  ...latencyCommands,
  ...memoryCommands,
  ...configCommands,
  ...aclCommands((request) => lookUp(request)),
  commandCommand(() => topLevel),
];

/** Every command and subcommand that can be run. */
export const commands: readonly RunnableCommand[] = topLevel
  .flatMap((command) => [command, ...command.subcommands ?? []]).filter(isRunnable);

/** What rules of users can allow: each command, and what commands allow beside themselves. */
export const rightCatalog: RightCatalog = new RightCatalog([
  ...topLevel.flatMap((command) => [command, ...command.subcommands ?? []])
    .map((command) => ({ name: command.right, categories: categoriesOf(command) })),
  CONSUMER_SETTINGS_RIGHT,
]);

/** At most this much of an unknown command is repeated in its error, as in Redis. */
const SHOWN_CHARACTERS = 128;

/** A command, and its arguments in the request. */
export interface FoundCommand {
  /** The subcommand, if the request names one. */
  readonly command: RunnableCommand;
  /** The request without the name. */
  readonly args: Request;
}

/** The commands of a server, found by what a client has sent. */
export class CommandTable {
  readonly #index: CommandIndex;

  /**
   * A table of these; their subcommands are found, too.
   *
   * @throws {Error} when two have the same name
   */
  constructor(commands: readonly Command[]) {
    this.#index = new CommandIndex(commands);
  }

  /**
   * The command that a request names; names are case-insensitive.
   *
   * @throws {CommandError} with Redis' texts, for an unknown command or subcommand, or a container without one
   */
  find(request: Request): FoundCommand {
    const command = this.#index.find(request[0]!);
    if (!command) throw unknownCommand(request);
    if (command.subcommands && request.length > 1) return findSubcommand(command, request);
    if (isRunnable(command)) return { command, args: request.slice(1) };
    throw wrongArity(canonicalName(command));
  }

  /** The command of this name. */
  named(name: Request[number]): Command | undefined {
    return this.#index.find(name);
  }

  /** Whether there is the command that a request names, and the subcommand if it names one. */
  has(request: Request): boolean {
    const command = this.#index.find(request[0]!);
    if (!command?.subcommands || request.length === 1) return command !== undefined;
    return subcommandOf(command, request) !== undefined;
  }

  /** Whether what follows the first arguments of a request is a message. */
  takesMessages(request: Request): boolean {
    const command = request[0] && this.#index.find(request[0]);
    return command?.takesMessages?.(request) ?? false;
  }
}

/** All of Rafka's commands. */
export const commandTable: CommandTable = new CommandTable(topLevel);

/**
 * Checks the number of arguments.
 *
 * @throws {CommandError} when the command takes another number
 */
export function requireArity({ command, args }: FoundCommand, request: Request): void {
  const { arity } = command;
  const fits = arity < 0 ? request.length >= -arity : request.length === arity;
  if (!fits) throw command.wrongArity?.(args.length, args) ?? wrongArity(canonicalName(command));
}

function findSubcommand(command: Command, request: Request): FoundCommand {
  const subcommand = subcommandOf(command, request);
  if (subcommand) {
    return { command: subcommand, args: request.slice(subcommand.name.split(" ").length) };
  }
  throw new CommandError(
    "ERR",
    `unknown subcommand '${unknownWords(command, request)}'. Try ${command.name} HELP.`,
  );
}

/** Subcommands have a word, or two: RAFKA GROUPS, RAFKA GROUP LAG. */
function subcommandOf(
  { name, subcommands }: Command,
  request: Request,
): RunnableCommand | undefined {
  const runnable = subcommands!.filter(isRunnable);
  const find = (wanted: string): RunnableCommand | undefined =>
    runnable.find((one) => one.name === wanted);
  const first = `${name} ${beginning(request[1]!).toUpperCase()}`;
  const second = request[2];
  return find(first) ?? (second && find(`${first} ${beginning(second).toUpperCase()}`));
}

/** The second word, too, where the first one is right. */
function unknownWords({ name, subcommands }: Command, request: Request): string {
  const first = beginning(request[1]!);
  const isGroup = subcommands!.some((one) =>
    one.name.startsWith(`${name} ${first.toUpperCase()} `)
  );
  return isGroup && request[2] ? `${first} ${beginning(request[2])}` : first;
}

/** For ACL DRYRUN; throws for a wrong number of arguments. */
function lookUp(request: Request): FoundCommand | undefined {
  if (!commandTable.has(request)) return undefined;
  const found = commandTable.find(request);
  requireArity(found, request);
  return found;
}

/** The part of an argument that errors show; every existing name fits in. A character has up to four bytes. */
function beginning(argument: Request[number]): string {
  return toText(argument.subarray(0, 4 * SHOWN_CHARACTERS)).slice(0, SHOWN_CHARACTERS);
}

function isRunnable(command: Command): command is RunnableCommand {
  return command.run !== undefined;
}

function unknownCommand(request: Request): CommandError {
  const name = beginning(request[0]!);
  let shown = "";
  for (const argument of request.slice(1)) {
    if (shown.length >= SHOWN_CHARACTERS) break;
    shown += `'${toText(argument.subarray(0, SHOWN_CHARACTERS - shown.length))}' `;
  }
  return new CommandError("ERR", `unknown command '${name}', with args beginning with: ${shown}`);
}
