/**
 * What a command is: an entry of a table. What it may see of the connection that sent it is its context.
 *
 * @module
 */

import type { Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import type { CommandError } from "./command_error.ts";
import type { Context } from "./context.ts";

/** Redis' groups of commands. */
export type CommandGroup =
  | "connection"
  | "generic"
  | "hash"
  | "list"
  | "server"
  | "string"
  | "transactions";

/** Those of Redis' command flags that say something about ours. */
export type CommandFlag = "admin" | "blocking" | "fast" | "no_multi" | "readonly" | "write";

/** One command, or one subcommand ("CLIENT SETNAME"). */
export interface Command {
  /** Upper case; a subcommand's holds a space. */
  readonly name: string;
  /** As in Redis' COMMAND: how many words with the name itself; negative: at least so many. */
  readonly arity: number;
  /** How it is written, for people and for COMMAND DOCS, see usage.ts. */
  readonly usage: string;
  /** One line, for documentation. */
  readonly summary: string;
  /** The release of Rafka that had it first. */
  readonly since: string;
  /** Where Redis' documentation would have it. */
  readonly group: CommandGroup;
  /** What it is like. */
  readonly flags: readonly CommandFlag[];
  /** Which of its words are keys, the command's name being word 0; a last one of -1 is the last word. */
  readonly keys?: { readonly first: number; readonly last: number };
  /** The error for a wrong number of arguments, where it isn't Redis' own. */
  readonly wrongArity?: (argumentCount: number, args: Request) => CommandError | undefined;
  /** It is run at once between MULTI and EXEC, too. */
  readonly endsTransaction?: boolean;
  /**
   * Its promise does not hold up the requests behind it: they run, and the replies are written in order. A command
   * without waits as long as its promise is pending.
   */
  readonly answersLater?: boolean;
  /** Whether what follows these words, the first being its name, is a message. */
  readonly takesMessages?: (words: Request) => boolean;
  /** The request without its secrets, for MONITOR. */
  readonly redact?: (request: Request) => Request;
  /** Its subcommands; one that has them need not run by itself. */
  readonly subcommands?: readonly Command[];
  /**
   * Does what the command is for. Errors are thrown; who has called this answers them.
   *
   * @param args without the command's own words; views that are valid until the next await
   */
  readonly run?: (context: Context, args: Request) => Reply | Promise<Reply>;
}

/** A command that runs by itself, or one of the subcommands. */
export type RunnableCommand = Command & Required<Pick<Command, "run">>;

/** Whether it takes no longer than its arguments and its messages demand. */
export function isQuick({ flags }: Pick<Command, "flags">): boolean {
  return flags.includes("fast") || flags.includes("blocking");
}

/** Whether it waits for what it then takes away from others: BLPOP, BLMPOP. */
export function waitsForMessages({ flags }: Pick<Command, "flags">): boolean {
  return flags.includes("blocking") && flags.includes("write");
}

/** As Redis writes a command's name where machines read it: `client|setname`. */
export function canonicalName({ name }: Pick<Command, "name">): string {
  return name.toLowerCase().replace(" ", "|");
}

/** What stands for a secret in MONITOR, as in Redis. */
export const REDACTED: Uint8Array<ArrayBuffer> = new TextEncoder().encode("(redacted)");
