/**
 * ZCOUNT and ZCARD: there are no sorted sets, and some clients of streams look for messages to send later in one.
 *
 * @see https://redis.io/docs/latest/commands/zcount/
 * @module
 */

import { integer, type Reply } from "../../resp/reply.ts";
import { type Argument, toText } from "../core/args.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { isTopic } from "./keyspace.ts";

/** As `strtod` takes it, to which nothing is 0. */
const BOUND = /^\(?([+-]?(\d+(\.\d*)?(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|inf|infinity))?$/i;
/** A longer argument is no number that anybody means. */
const MAX_BOUND_BYTES = 400;

const ZCOUNT: Command = command({
  name: "ZCOUNT",
  arity: 4,
  arguments: [arg.key("key", { access: "ask" }), arg.double("min"), arg.double("max")],
  summary: "Returns 0: no key holds a sorted set; for a topic Redis' error",
  since: "0.7.0",
  group: "sorted-set",
  flags: ["readonly", "fast"],
  run(context, [key, min, max]): Promise<Reply> {
    if (!isBound(min!) || !isBound(max!)) {
      throw new CommandError("ERR", "min or max is not a float");
    }
    return none(context, key!);
  },
});

const ZCARD: Command = command({
  name: "ZCARD",
  arity: 2,
  arguments: [arg.key("key", { access: "ask" })],
  summary: "Returns 0: no key holds a sorted set; for a topic Redis' error",
  since: "0.7.0",
  group: "sorted-set",
  flags: ["readonly", "fast"],
  run: (context, [key]) => none(context, key!),
});

/** ZCOUNT, ZCARD */
export const sortedSetCommands: readonly Command[] = [ZCOUNT, ZCARD];

/** A topic is no sorted set. */
async function none(context: Context, key: Argument): Promise<Reply> {
  if (!await isTopic(context, key)) return integer(0);
  throw new CommandError(
    "WRONGTYPE",
    "Operation against a key holding the wrong kind of value",
  );
}

function isBound(argument: Argument): boolean {
  return argument.byteLength <= MAX_BOUND_BYTES && BOUND.test(toText(argument));
}
