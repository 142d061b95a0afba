/**
 * Consuming many messages with one command: Redis' LMPOP and BLMPOP.
 *
 * @see https://redis.io/docs/latest/commands/lmpop/
 * @module
 */

import { array, bulk, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { parsePositiveInteger, parseTimeoutMs } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Access } from "../core/access.ts";
import type { KeyUse } from "../../auth/selector.ts";
import { consumes, pop, timeoutUnitMs } from "./blpop.ts";
import type { Context } from "../core/context.ts";
import { OptionCursor } from "../core/options.ts";

/** Of LMPOP, and of BLMPOP behind the timeout. */
const batchArguments = [
  arg.integer("1"),
  arg.key("topics:<t1>[,<t2>…][:<JSON consumer settings>]"),
  arg.pureToken("LEFT"),
  arg.integer("count", { token: "COUNT", optional: true }),
];

const LMPOP: Command = command({
  name: "LMPOP",
  arity: -4,
  arguments: batchArguments,
  summary: "Returns up to count fetched messages of these topics; never blocks",
  since: "0.3.0",
  group: "list",
  flags: ["write"],
  categories: ["consume"],
  access: consumesBatch(0),
  run: (context, args) => popBatch(context, "LMPOP", args, () => 0),
});

const BLMPOP: Command = command({
  name: "BLMPOP",
  arity: -5,
  arguments: [arg.double("timeoutSeconds", { display: "<timeoutSeconds>" }), ...batchArguments],
  summary: "Same as LMPOP; blocks until there is a message, 0 for no timeout",
  since: "0.3.0",
  group: "list",
  flags: ["write", "blocking"],
  categories: ["consume"],
  access: consumesBatch(1),
  run(context, [timeout, ...rest]): Reply | Promise<Reply> {
    return popBatch(context, "BLMPOP", rest, () => {
      const timeoutMs = parseTimeoutMs(timeout!, timeoutUnitMs(context));
      return timeoutMs === 0 ? Infinity : timeoutMs;
    });
  },
});

/** LMPOP, BLMPOP */
export const batchCommands: readonly Command[] = [LMPOP, BLMPOP];

/**
 * The key has its place only behind a `1`.
 *
 * @param countAt the index of numkeys
 */
function consumesBatch(countAt: number): Access {
  const access = consumes(countAt + 1);
  return {
    uses(args, context): readonly KeyUse[] {
      parseBatch(args.slice(countAt));
      return access.uses(args, context);
    },
  };
}

/** @param readTimeoutMs called last: Redis checks the timeout after everything else */
function popBatch(
  context: Context,
  commandName: string,
  args: Request,
  readTimeoutMs: () => number,
): Reply | Promise<Reply> {
  const maxCount = parseBatch(args);
  const timeoutMs = readTimeoutMs();
  const key = args[1]!.slice(); // the reply contains it, and may be sent much later
  return pop(context, {
    commandName,
    key,
    maxCount,
    timeoutMs,
    toReply: (messages) => array([bulk(key), array(messages)]),
  });
}

/**
 * Parses `numkeys key [key ...] LEFT|RIGHT [COUNT count]`, with Redis' errors in its order.
 *
 * @returns the count
 * @throws {CommandError} ERR
 */
function parseBatch(args: Request): number {
  const keyCount = parsePositiveInteger(args[0]!, "numkeys");
  const options = new OptionCursor(args.slice(1 + keyCount));
  const where = options.oneOf("LEFT", "RIGHT");
  const count = options.take("COUNT", 1) ? options.value() : undefined;
  options.end();
  const maxCount = count ? parsePositiveInteger(count, "count") : 1;
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
