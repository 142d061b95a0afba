/**
 * The arguments of XADD.
 *
 * @module
 */

import { parseStreamId } from "../../streams/stream_id.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type Argument, toText } from "../core/args.ts";
import { CommandError, wrongArity } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";
import { invalidId, parseId } from "./id_arguments.ts";
import { type Trim, TrimOptions } from "./trim_options.ts";

/** What XADD is to do. */
export interface AddArguments {
  /** Position of the first field; from there on name, value, name, value …, at least one pair. */
  readonly fieldsAt: number;
  /** NOMKSTREAM: a topic that does not exist is not to be made. */
  readonly noMakeStream?: boolean;
  /** What is to be kept of the stream; undefined for all. */
  readonly trim?: Trim | undefined;
  /** Milliseconds since 1970, at least 1; undefined for now. */
  readonly timestampMs?: number | undefined;
}

const STAR = 0x2a;
/** Of the longest number of 64 bits, and `-*`. */
const MAX_AUTO_BYTES = 22;
const AUTO = /^(\d+)-\*$/;

/**
 * Parses them.
 *
 * @throws {CommandError} ERR, with Redis' texts; one of its own for an id that is neither `*` nor `<ms>-*`
 */
export function parseAddArguments(args: Request): AddArguments {
  if (isStar(args[1])) return { fieldsAt: requirePairs(args, 2) };
  const cursor = new OptionCursor(args);
  cursor.value(); // the key
  const options = new TrimOptions();
  let noMakeStream = false;
  for (;;) {
    if (cursor.take("NOMKSTREAM")) noMakeStream = true;
    else if (!options.take(cursor)) break;
  }
  const id = cursor.more ? parseNewId(cursor.value()) : undefined;
  options.end();
  const fieldsAt = requirePairs(args, args.length - cursor.rest().length);
  if (id?.seq !== undefined) throw explicitId(id.ms, id.seq);
  return { fieldsAt, noMakeStream, trim: options.trim, timestampMs: id && Math.max(id.ms, 1) };
}

/** undefined for `*`; `seq` is undefined for `<ms>-*`. */
function parseNewId(argument: Argument): { ms: number; seq?: bigint } | undefined {
  if (isStar(argument)) return undefined;
  const [, ms] = argument.byteLength <= MAX_AUTO_BYTES && AUTO.exec(toText(argument)) || [];
  if (ms === undefined) return parseId(argument);
  const id = parseStreamId(ms, 0n);
  if (!id) throw invalidId();
  return { ms: id.ms };
}

function explicitId(ms: number, seq: bigint): CommandError {
  return new CommandError(
    "ERR",
    ms === 0 && seq === 0n
      ? "The ID specified in XADD must be greater than 0-0"
      : "The ID specified in XADD must be * or <milliseconds>-*: Kafka gives the IDs of entries",
  );
}

function requirePairs(args: Request, fieldsAt: number): number {
  const words = args.length - fieldsAt;
  if (words < 2 || words % 2 === 1) throw wrongArity("xadd");
  return fieldsAt;
}

/** Whether it stands for an id that Kafka gives. */
export function isStar(argument: Argument | undefined): boolean {
  return argument?.byteLength === 1 && argument[0] === STAR;
}
