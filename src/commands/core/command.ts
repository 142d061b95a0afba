/**
 * A command as data: an entry of the registry. Its context is what it sees of the connection that sent it.
 *
 * @module
 */

import type { Category } from "../../auth/rights.ts";
import type { Reply } from "../../resp/reply.ts";
import type { Request, RequestParser } from "../../resp/request_parser.ts";
import { type Access, accessOf } from "./access.ts";
import {
  type ArgumentSpec,
  type KeyBlock,
  keyBlock,
  keyCountAt,
  type KeyPositions,
  keyPositions,
  usageOf,
} from "./arguments.ts";
import type { CommandError } from "./command_error.ts";
import type { Context } from "./context.ts";
import type { Answer, LaterReply } from "./later_reply.ts";

/** Redis' groups of commands. */
export type CommandGroup =
  | "connection"
  | "generic"
  | "hash"
  | "list"
  | "pubsub"
  | "scripting"
  | "server"
  | "sorted-set"
  | "stream"
  | "string"
  | "transactions";

/** Those of Redis' command flags that apply. */
export type CommandFlag =
  | "admin"
  | "blocking"
  | "fast"
  | "movablekeys"
  | "no_multi"
  | "pubsub"
  | "readonly"
  | "write";

/** One command, or one subcommand ("CLIENT SETNAME", "RAFKA TOPIC CREATE"). */
export interface Command {
  /** Upper case; a subcommand's holds a space, or two. */
  readonly name: string;
  /** As in Redis' COMMAND: the number of arguments, its name's words included; negative for a minimum. */
  readonly arity: number;
  /** None for a command that is sent alone. */
  readonly arguments?: readonly ArgumentSpec[];
  /** How it is written, for people. */
  readonly usage: string;
  /** One line, for documentation. */
  readonly summary: string;
  /** The first release of Rafka with the command. */
  readonly since: string;
  /** Its group in Redis' documentation. */
  readonly group: CommandGroup;
  /** In no particular order. */
  readonly flags: readonly CommandFlag[];
  /** Its name in the rules of users: `client|setname`. */
  readonly right: string;
  /** ACL categories beside those that follow from flags, group and access, see `categoriesOf`. */
  readonly categories?: readonly Category[];
  /**
   * What it does with which keys. Derived where all arguments that are keys have a fixed place and say so; undefined
   * for a command that does not say it, which only users without restrictions may run.
   */
  readonly access?: Access;
  /** Runs before the client has logged in, and whatever its user may do. */
  readonly beforeLogin?: boolean;
  /** Where its keys are. */
  readonly keys?: KeyPositions;
  /** Where the keys are that have no fixed positions. */
  readonly keyBlock?: KeyBlock;
  /** Where the number of keys is that come behind it. */
  readonly keyCountAt?: number;
  /** The error for a wrong number of arguments, where it differs from Redis'. */
  readonly wrongArity?: (argumentCount: number, args: Request) => CommandError | undefined;
  /** Runs immediately between MULTI and EXEC, too. */
  readonly endsTransaction?: boolean;
  /** Whether the next argument of an incomplete request, of which the name has arrived, is a message. */
  readonly takesMessages?: (begun: Request) => boolean;
  /** The request without its secrets, for MONITOR. */
  readonly redact?: (request: Request) => Request;
  /** A command with subcommands need not run by itself. */
  readonly subcommands?: readonly Command[];
  /**
   * Runs the command. Errors are thrown; the dispatcher turns them into replies. The requests behind it wait as long as
   * its promise is pending; behind a `LaterReply` they run, and the replies are written in order.
   *
   * @param args without the command's name; views that are valid until the next await
   */
  readonly run?: (context: Context, args: Request) => Answer | Promise<Answer>;
  /**
   * Runs together what follows a request that it has just run and answered, as far as it can, with the same outcome as
   * one by one: pipelines of small commands. It is not called where anything else happens at each request (a
   * transaction, MONITOR, a pending reply …).
   */
  readonly repeat?: (context: Context, request: Request, following: FollowingRequests) => Repeated;
}

/** What follows a request in what has arrived. */
export type FollowingRequests = Pick<
  RequestParser,
  "chunk" | "position" | "lastAt" | "readLike" | "moveTo"
>;

/** What came of requests that were run together. */
export interface Repeated {
  /** How many. */
  readonly count: number;
  /** Those that have failed, by their number. */
  readonly failed: readonly { readonly at: number; readonly error: unknown }[];
  /** The replies of the others, one behind the other; without, each has the reply of the request before them. */
  readonly replies?: Reply;
  /** The replies of all, where they come later, too. */
  readonly later?: LaterReply;
}

/** None were run. */
export const NOT_REPEATED: Repeated = { count: 0, failed: [] };

/** A command that can be run: not a mere container. */
export type RunnableCommand = Command & Required<Pick<Command, "run">>;

/** A command without what is derived from its arguments. */
export type CommandDefinition = Omit<
  Command,
  "usage" | "keys" | "keyBlock" | "keyCountAt" | "right"
>;

/**
 * Adds to a command what its arguments say: its usage, and the positions of its keys. Every command gets the same fields
 * in the same order, so that lookup and dispatch read one shape of object: with spread literals both took a third longer.
 */
export function command(definition: CommandDefinition): Command {
  return {
    name: definition.name,
    arity: definition.arity,
    flags: definition.flags,
    run: definition.run,
    repeat: definition.repeat,
    right: canonicalName(definition),
    access: definition.access ?? accessOf(definition),
    beforeLogin: definition.beforeLogin,
    keys: keyPositions(definition),
    keyBlock: keyBlock(definition),
    keyCountAt: keyCountAt(definition),
    categories: definition.categories,
    endsTransaction: definition.endsTransaction,
    subcommands: definition.subcommands,
    wrongArity: definition.wrongArity,
    takesMessages: definition.takesMessages,
    redact: definition.redact,
    arguments: definition.arguments,
    usage: usageOf(definition),
    summary: definition.summary,
    since: definition.since,
    group: definition.group,
  } satisfies Record<keyof Command, unknown> as Command; // an absent field is undefined
}

/** Whether it blocks for messages and takes them: BLPOP, BLMPOP, XREADGROUP. */
export function waitsForMessages({ flags }: Pick<Command, "flags">): boolean {
  return flags.includes("blocking") && flags.includes("write");
}

/** The name as Redis writes it for machines: `client|setname`. */
export function canonicalName({ name }: Pick<Command, "name">): string {
  return name.toLowerCase().replaceAll(" ", "|");
}

/** Replaces a secret in MONITOR, as in Redis. */
export const REDACTED: Uint8Array<ArrayBuffer> = new TextEncoder().encode("(redacted)");
