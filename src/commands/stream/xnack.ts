/**
 * XNACK of Redis 8.8: a consumer gives entries back that it cannot process.
 *
 * @see https://redis.io/docs/latest/commands/xnack/
 * @module
 */

import { MAX_DELIVERIES } from "../../groups/stream_group.ts";
import type { StreamId } from "../../streams/stream_id.ts";
import { integer, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parseInteger, shownStart, toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";
import { withGroup } from "./group_lookup.ts";
import { parseId } from "./id_arguments.ts";

/** What becomes of the number of deliveries. */
const MODES: Readonly<Record<string, (deliveries: number) => number>> = {
  SILENT: (deliveries) => Math.max(deliveries - 1, 0),
  FAIL: (deliveries) => deliveries,
  FATAL: () => MAX_DELIVERIES,
};

const XNACK: Command = command({
  name: "XNACK",
  arity: -7,
  arguments: [
    arg.key("topics:<topic>", { access: "read" }),
    arg.group("group"),
    arg.oneOf(Object.keys(MODES).map((mode) => arg.pureToken(mode))),
    arg.block([arg.integer("numids"), arg.string("id", { multiple: true })], { token: "IDS" }),
    arg.integer("count", { token: "RETRYCOUNT", optional: true }),
  ],
  summary: "Gives pending entries back, for others to claim at once",
  since: "0.7.0",
  group: "stream",
  flags: ["write", "fast"],
  categories: ["consume"],
  run(context, args): Reply | Promise<Reply> {
    const { ids, countOf } = parseNack(args.slice(2));
    return withGroup(context, args, (group) => integer(group.nack(ids, countOf)));
  },
});

/** XNACK */
export const nackCommands: readonly Command[] = [XNACK];

interface Nack {
  readonly ids: readonly StreamId[];
  readonly countOf: (deliveries: number) => number;
}

/**
 * The mode, then `IDS numids id [id ...]` and options in any order, with the errors of Redis 8.8.
 *
 * @throws {CommandError} ERR
 */
function parseNack([mode, ...rest]: Request): Nack {
  const countOf = Object.entries(MODES).find(([name]) => isWord(mode!, name))?.[1];
  if (!countOf) throw new CommandError("ERR", "mode must be SILENT, FAIL, or FATAL");
  const options = new OptionCursor(rest);
  let ids: Request | undefined;
  let count: number | undefined;
  while (options.more) {
    if (options.take("IDS", 1)) ids = takeIds(options);
    else if (options.take("RETRYCOUNT", 1)) count = parseCount(options.value());
    else throw refused(options.value());
  }
  if (!ids) throw new CommandError("ERR", "syntax error, expected IDS keyword");
  return {
    ids: ids.map((id) => parseId(id)),
    countOf: count === undefined ? countOf : () => count,
  };
}

function takeIds(options: OptionCursor): Request {
  const refusal = "numids must be a positive integer";
  const count = parseInteger(options.value(), refusal);
  if (count < 1) throw new CommandError("ERR", refusal);
  const ids: Request = [];
  while (ids.length < count) {
    if (!options.more) throw new CommandError("ERR", "number of IDs doesn't match numids");
    ids.push(options.value());
  }
  return ids;
}

function parseCount(argument: Argument): number {
  const count = parseInteger(argument);
  if (count < 0) throw new CommandError("ERR", "Invalid RETRYCOUNT value, must be >= 0");
  return count;
}

/** FORCE is for Redis' own log of commands. */
function refused(option: Argument): CommandError {
  return isWord(option, "FORCE")
    ? new CommandError("ERR", "FORCE is not possible: only pending entries can be given back")
    : new CommandError("ERR", `Unrecognized XNACK option '${shownStart(option)}'`);
}

function isWord(argument: Argument, word: string): boolean {
  return argument.byteLength === word.length && toText(argument).toUpperCase() === word;
}
