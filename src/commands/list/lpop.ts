/**
 * LPOP and RPOP: pops that do not block, for connections without a name `<group>:<name>`.
 *
 * @see https://redis.io/docs/latest/commands/lpop/
 * @module
 */

import { array, NULL, NULL_ARRAY, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parseInteger } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, wrongArity } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { popPlain, popsPlain } from "./plain_pop.ts";

const LPOP: Command = popCommand(
  "LPOP",
  "Returns the next messages of a topic, up to count; null if there are none",
);

const RPOP: Command = popCommand("RPOP", "Same as LPOP: a topic is read from one end");

/** LPOP, RPOP */
export const listPopCommands: readonly Command[] = [LPOP, RPOP];

function popCommand(name: string, summary: string): Command {
  return command({
    name,
    arity: -2,
    arguments: [arg.key("topics:<topic>"), arg.integer("count", { optional: true })],
    summary,
    since: "0.9.0",
    group: "list",
    flags: ["write", "fast"],
    categories: ["consume"],
    access: popsPlain((args) => args.slice(0, 1)),
    run: (context, args) => run(context, name, args),
  });
}

function run(context: Context, name: string, args: Request): Reply | Promise<Reply> {
  const [key, count] = args;
  if (args.length > 2) throw wrongArity(name.toLowerCase());
  if (!count) {
    return popPlain(context, {
      commandName: name,
      keys: [key!],
      maxCount: 1,
      timeoutMs: undefined,
      empty: NULL,
      toReply: (_, [value]) => value!,
    });
  }
  return popPlain(context, {
    commandName: name,
    keys: [key!],
    maxCount: parseCount(count),
    timeoutMs: undefined,
    empty: NULL_ARRAY,
    toReply: (_, values) => array(values),
  });
}

function parseCount(argument: Argument): number {
  const refusal = "value is out of range, must be positive";
  const count = parseInteger(argument, refusal);
  if (count < 0) throw new CommandError("ERR", refusal);
  return count;
}
