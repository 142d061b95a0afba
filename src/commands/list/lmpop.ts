/**
 * Consuming many messages with one command: Redis' LMPOP and BLMPOP.
 *
 * @see https://redis.io/docs/latest/commands/lmpop/
 * @module
 */

import { array, bulk, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { parsePositiveInteger, parseTimeoutMs, toText } from "../core/args.ts";
import type { Command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { pop, timeoutUnitMs } from "./blpop.ts";
import type { Context } from "../core/context.ts";

const LMPOP: Command = {
  name: "LMPOP",
  arity: -4,
  usage: "LMPOP 1 topics:<t1>[,<t2>…][:<JSON consumer settings>] LEFT [COUNT count]",
  summary: "The messages of these topics that are at hand, at most so many; never waits",
  since: "0.3.0",
  group: "list",
  flags: ["write"],
  keys: { first: 2, last: 2 },
  run: (context, args) => popBatch(context, "LMPOP", args, () => 0),
};

const BLMPOP: Command = {
  name: "BLMPOP",
  arity: -5,
  usage:
    "BLMPOP <timeoutSeconds> 1 topics:<t1>[,<t2>…][:<JSON consumer settings>] LEFT [COUNT count]",
  summary: "The same; waits until there is one, 0 for ever",
  since: "0.3.0",
  group: "list",
  flags: ["write", "blocking"],
  keys: { first: 3, last: 3 },
  run(context, [timeout, ...rest]): Reply | Promise<Reply> {
    return popBatch(context, "BLMPOP", rest, () => {
      const timeoutMs = parseTimeoutMs(timeout!, timeoutUnitMs(context));
      return timeoutMs === 0 ? Infinity : timeoutMs;
    });
  },
};

/** LMPOP, BLMPOP */
export const batchCommands: readonly Command[] = [LMPOP, BLMPOP];

/** @param readTimeoutMs is called last: Redis looks at the timeout when all else is right */
function popBatch(
  context: Context,
  commandName: string,
  args: Request,
  readTimeoutMs: () => number,
): Reply | Promise<Reply> {
  const maxCount = parseBatch(args);
  const timeoutMs = readTimeoutMs();
  const key = args[1]!.slice(); // part of a reply that may be long in coming
  return pop(context, {
    commandName,
    key,
    maxCount,
    timeoutMs,
    toReply: (entries) => array([bulk(key), array(entries)]),
  });
}

/**
 * `numkeys key [key ...] LEFT|RIGHT [COUNT count]`, with the errors of Redis in its order.
 *
 * @returns the count
 * @throws {CommandError} ERR
 */
function parseBatch(args: Request): number {
  const keyCount = parsePositiveInteger(args[0]!, "numkeys");
  const [where, ...options] = args.slice(1 + keyCount).map((word) => toText(word).toUpperCase());
  if (where !== "LEFT" && where !== "RIGHT") throw syntaxError();
  if (options.length > 0 && (options.length !== 2 || options[0] !== "COUNT")) throw syntaxError();
  const maxCount = options.length > 0 ? parsePositiveInteger(args.at(-1)!, "count") : 1;
  if (keyCount !== 1) {
    throw new CommandError(
      "ERR",
      `numkeys must be 1, got ${keyCount}: one key names all topics, as topics:<t1>,<t2>`,
    );
  }
  if (where === "RIGHT") {
    throw new CommandError("ERR", "RIGHT is not possible: a topic is read from its LEFT end");
  }
  return maxCount;
}
