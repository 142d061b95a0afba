/**
 * The arguments of a command as data, in the model of COMMAND DOCS: the source of the usage line for people, of the reply
 * that clients complete and hint with, and of the positions of the keys.
 *
 * @see https://redis.io/docs/latest/commands/command-docs/
 * @module
 */

import type { Request } from "../../resp/request_parser.ts";
import { array, bulk, record, type Reply, set, simple } from "../../resp/reply.ts";

/** Redis' types of arguments. The last three have a structure of their own, the others stand for a value. */
export type ArgumentType =
  | "string"
  | "key"
  | "integer"
  | "double"
  | "pattern"
  | "pure-token"
  | "oneof"
  | "block";

/**
 * What a command does with a key: messages are read from a topic or written to it, or it is only asked about; or the
 * argument is a group to consume as.
 */
export type KeyAccess = "read" | "write" | "ask" | "group";

/** One argument, or several that belong together. */
export interface ArgumentSpec {
  /** Of a choice its usage, of a block the beginning of its usage. */
  readonly name: string;
  /** What is sent for it. */
  readonly type: ArgumentType;
  /** Sent before it; for a pure token all that is sent. */
  readonly token?: string;
  /** What is done with the key, or that the argument names a group to consume as: see `access.ts`. */
  readonly access?: KeyAccess;
  /** It may be left out. */
  readonly optional?: boolean;
  /** It may be sent several times in a row. */
  readonly multiple?: boolean;
  /** The choices of a `oneof`, the parts of a block in order. */
  readonly arguments?: readonly ArgumentSpec[];
  /** How the usage writes it, where that is not its name or its parts. */
  readonly display?: string;
  /** How the usage writes the repetition, where that is not `[x ...]`. */
  readonly repetition?: string;
}

/** The properties of an argument that is not sent exactly once, alone and under its name. */
export type ArgumentOptions = Omit<ArgumentSpec, "name" | "type" | "arguments">;

/** The part of a command that its syntax is made of. */
export interface CommandSyntax {
  /** Of several words for a subcommand. */
  readonly name: string;
  /** In the order in which they are sent. */
  readonly arguments?: readonly ArgumentSpec[];
}

/** Any bytes. */
export function string(name: string, options: ArgumentOptions = {}): ArgumentSpec {
  return { name, type: "string", ...options };
}

/** The name of a key. */
export function key(name: string, options: ArgumentOptions = {}): ArgumentSpec {
  return { name, type: "key", ...options };
}

/** The name of a consumer group: who sends it must have the right to consume as that group. */
export function group(name: string, options: ArgumentOptions = {}): ArgumentSpec {
  return { name, type: "string", access: "group", ...options };
}

/** A whole number. */
export function integer(name: string, options: ArgumentOptions = {}): ArgumentSpec {
  return { name, type: "integer", ...options };
}

/** A number that may have a fraction. */
export function double(name: string, options: ArgumentOptions = {}): ArgumentSpec {
  return { name, type: "double", ...options };
}

/** A glob pattern. */
export function pattern(name: string, options: ArgumentOptions = {}): ArgumentSpec {
  return { name, type: "pattern", ...options };
}

/** A token without a value. */
export function pureToken(token: string, options: ArgumentOptions = {}): ArgumentSpec {
  return { name: token, type: "pure-token", token, ...options };
}

/** Exactly one of several arguments. */
export function oneOf(
  choices: readonly ArgumentSpec[],
  options: ArgumentOptions = {},
): ArgumentSpec {
  const name = choices.map(written).join(" | ");
  return { name, type: "oneof", ...options, arguments: choices };
}

/** Several arguments, one behind the other. */
export function block(
  parts: readonly ArgumentSpec[],
  options: ArgumentOptions = {},
): ArgumentSpec {
  const name = (options.token ?? written(parts[0]!)).toLowerCase();
  return { name, type: "block", ...options, arguments: parts };
}

/**
 * The usage line of a command: `[…]` is optional, `<a | b>` is a choice, `x [x ...]` can be repeated, a token in capitals
 * is sent as it is, anything else stands for a value.
 */
export function usageOf({ name, arguments: args = [] }: CommandSyntax): string {
  return [name, ...args.map(written)].join(" ");
}

/** The arguments of a command as COMMAND DOCS shows them; undefined for a command without any. */
export function argumentsReply({ arguments: args = [] }: CommandSyntax): Reply | undefined {
  return args.length > 0 ? array(args.map(describe)) : undefined;
}

/** Where keys are, the command's name being 0. */
export interface KeyPositions {
  /** Of the first key. */
  readonly first: number;
  /** Of the last; a negative one counts from the last argument, -1. */
  readonly last: number;
}

/** The keys of a request. */
export function keysAt({ first, last }: KeyPositions, request: Request): Request {
  return request.slice(first, last === -1 ? undefined : last + 1);
}

/**
 * The positions of a command's keys, its name being 0; a negative last one counts from the last argument, -1. As in Redis,
 * a key behind an optional or repeated argument, or behind a number of keys, has no position.
 *
 * @returns undefined for a command without keys, or without positions for them
 */
export function keyPositions(
  { name, arguments: args = [] }: CommandSyntax,
): KeyPositions | undefined {
  let first = name.split(" ").length;
  for (const [at, argument] of args.entries()) {
    const behind = args.slice(at + 1);
    if (isKey(argument)) return { first, last: lastKey(argument, first, behind) };
    const words = fixedWords(argument);
    if (words === undefined || argument.name === NUMKEYS) return undefined;
    first += words;
  }
  return undefined;
}

/** Of repeated keys what is behind them is counted, of single ones those that follow. */
function lastKey(key: ArgumentSpec, first: number, behind: readonly ArgumentSpec[]): number {
  if (key.multiple) return -1 - behind.reduce((sum, one) => sum + (fixedWords(one) ?? 0), 0);
  const others = behind.findIndex((one) => !isKey(one));
  return first + (others < 0 ? behind.length : others);
}

/** The number of keys behind it. */
const NUMKEYS = "numkeys";

/** Where the number of keys is that come behind it, the command's name being 0; undefined for a command without. */
export function keyCountAt({ name, arguments: args = [] }: CommandSyntax): number | undefined {
  const at = args.findIndex((argument) => argument.name === NUMKEYS);
  return at < 0 ? undefined : name.split(" ").length + at;
}

/** Keys behind a token, with as many other words behind them: `STREAMS key [key ...] id [id ...]`. */
export interface KeyBlock {
  /** In capitals. */
  readonly token: string;
  /** The first word that can be the token, the command's name being 0. */
  readonly from: number;
}

/** The keys behind a token, if a command has such; behind optional arguments, too. */
export function keyBlock({ name, arguments: args = [] }: CommandSyntax): KeyBlock | undefined {
  let from = name.split(" ").length;
  for (const argument of args) {
    const { token, arguments: parts = [] } = argument;
    const isBlock = parts.length > 1 && isKey(parts[0]!) && parts[0]!.multiple;
    if (token !== undefined && isBlock) return { token, from };
    from += argument.optional ? 0 : fixedWords(argument) ?? 0;
  }
  return undefined;
}

function written(argument: ArgumentSpec): string {
  const { type, token, optional, multiple } = argument;
  const content = argument.display ?? contentOf(argument);
  const once = token === undefined || type === "pure-token" ? content : `${token} ${content}`;
  const text = multiple ? `${once} ${argument.repetition ?? `[${content} ...]`}` : once;
  return optional ? `[${text}]` : text;
}

function contentOf({ name, type, token, optional, arguments: parts = [] }: ArgumentSpec): string {
  if (type === "block") return parts.map(written).join(" ");
  const bare = type !== "oneof" || optional && token === undefined; // in brackets of its own
  return bare ? name : `<${name}>`;
}

/** Every value is a `string` there: a `key` needs key specifications, of which COMMAND has none. */
function describe(argument: ArgumentSpec): Reply {
  const { name, type, token, optional, multiple, arguments: parts } = argument;
  const isValue = !parts && type !== "pure-token";
  const flags = [...(optional ? ["optional"] : []), ...(multiple ? ["multiple"] : [])];
  return record({
    name: bulk(name),
    type: bulk(isValue ? "string" : type),
    ...(isValue && { display_text: bulk(name) }),
    ...(token !== undefined && { token: bulk(token) }),
    ...(flags.length > 0 && { flags: set(flags.map(simple)) }),
    ...(parts && { arguments: array(parts.map(describe)) }),
  });
}

function isKey({ type, arguments: choices }: ArgumentSpec): boolean {
  return type === "key" || type === "oneof" && choices!.every(isKey);
}

/** How many words an argument takes; undefined when that varies. */
export function fixedWords(argument: ArgumentSpec): number | undefined {
  const { type, token, optional, multiple, arguments: parts } = argument;
  if (optional || multiple) return undefined;
  if (!parts) return token === undefined || type === "pure-token" ? 1 : 2;
  const counts = parts.map(fixedWords);
  const own = token === undefined ? 0 : 1;
  if (counts.includes(undefined)) return undefined;
  if (type === "block") return counts.reduce<number>((sum, count) => sum + count!, own);
  return new Set(counts).size === 1 ? own + counts[0]! : undefined;
}
