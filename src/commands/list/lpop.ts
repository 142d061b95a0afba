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
import type { Answer } from "../core/later_reply.ts";
import { pops } from "./list_source.ts";
import { popKeys } from "./pop_keys.ts";

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
    access: pops((args) => args.slice(0, 1)),
    run: (context, args) => run(context, name, args),
  });
}

function run(context: Context, name: string, args: Request): Answer | Promise<Answer> {
  if (args.length > 2) throw wrongArity(name.toLowerCase());
  const [key, count] = args;
  const pop = {
    commandName: name,
    keys: [key!],
    end: name === "LPOP" ? "LEFT" : "RIGHT",
    timeoutMs: undefined,
  } as const;
  if (!count) {
    return popKeys(context, { ...pop, maxCount: 1, empty: NULL, toReply: (_, [value]) => value! });
  }
  const maxCount = parseCount(count);
  const toReply = (_: Argument, values: Reply[]): Reply => array(values);
  return popKeys(context, { ...pop, maxCount, empty: NULL_ARRAY, toReply });
}

function parseCount(argument: Argument): number {
  const refusal = "value is out of range, must be positive";
  const count = parseInteger(argument, refusal);
  if (count < 0) throw new CommandError("ERR", refusal);
  return count;
}
