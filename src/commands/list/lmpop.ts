/**
 * Consuming many messages with one command: Redis' LMPOP and BLMPOP.
 *
 * @see https://redis.io/docs/latest/commands/lmpop/
 * @module
 */

import { array, bulk, NULL_ARRAY } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parsePositiveInteger, parseTimeoutMs } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Access } from "../core/access.ts";
import type { KeyUse } from "../../auth/selector.ts";
import { consumes, pop, timeoutUnitMs } from "./blpop.ts";
import type { Context } from "../core/context.ts";
import type { Answer } from "../core/later_reply.ts";
import { popsPlainly, popUses } from "./list_source.ts";
import { popKeys } from "./pop_keys.ts";
import { OptionCursor } from "../core/options.ts";

/** Of LMPOP, and of BLMPOP behind the timeout. */
const batchArguments = [
  arg.integer("numkeys"),
  arg.key("topics:<t1>[,<t2>…][:<JSON consumer settings>]", { multiple: true }),
  arg.oneOf([arg.pureToken("LEFT"), arg.pureToken("RIGHT")]),
  arg.integer("count", { token: "COUNT", optional: true }),
];

const LMPOP: Command = command({
  name: "LMPOP",
  arity: -4,
  arguments: batchArguments,
  summary: "Returns up to count fetched messages of these topics; never blocks",
  since: "0.3.0",
  group: "list",
  flags: ["write", "movablekeys"],
  categories: ["consume"],
  access: consumesBatch(0),
  run: (context, args) => popBatch(context, "LMPOP", args),
});

const BLMPOP: Command = command({
  name: "BLMPOP",
  arity: -5,
  arguments: [arg.double("timeoutSeconds", { display: "<timeoutSeconds>" }), ...batchArguments],
  summary: "Same as LMPOP; blocks until there is a message, 0 for no timeout",
  since: "0.3.0",
  group: "list",
  flags: ["write", "blocking", "movablekeys"],
  categories: ["consume"],
  access: consumesBatch(1),
  run(context, [timeout, ...rest]): Answer | Promise<Answer> {
    return popBatch(context, "BLMPOP", rest, (unitMs) => parseTimeoutMs(timeout!, unitMs));
  },
});

/** LMPOP, BLMPOP */
export const batchCommands: readonly Command[] = [LMPOP, BLMPOP];

/**
 * Of one key as `<group>:<name>`, of any number without.
 *
 * @param countAt the index of numkeys
 */
function consumesBatch(countAt: number): Access {
  return {
    uses(args, context): readonly KeyUse[] {
      const batch = parseBatch(args.slice(countAt));
      if (popsPlainly(context, batch.keys)) return popUses(context, batch.keys);
      requireLeftOfOne(batch);
      return consumes(countAt + 1).uses(args, context);
    },
  };
}

/** @param readTimeoutMs called last: Redis checks the timeout after everything else; undefined for not at all */
function popBatch(
  context: Context,
  commandName: string,
  args: Request,
  readTimeoutMs?: (unitMs: number) => number,
): Answer | Promise<Answer> {
  const batch = parseBatch(args);
  const { keys, maxCount } = batch;
  if (popsPlainly(context, keys)) {
    return popKeys(context, {
      commandName,
      keys,
      maxCount,
      end: batch.where,
      timeoutMs: readTimeoutMs?.(1_000),
      empty: NULL_ARRAY,
      toReply: (key, values) => array([bulk(key), array(values)]),
    });
  }
  requireLeftOfOne(batch);
  const timeoutMs = readTimeoutMs?.(timeoutUnitMs(context)) ?? 0;
  const key = keys[0]!.slice(); // the reply contains it, and may be sent much later
  return pop(context, {
    commandName,
    key,
    maxCount,
    timeoutMs,
    listReply: (messages) => array([bulk(key), messages]),
  });
}

/** What a batch is popped of. */
interface Batch {
  readonly keys: readonly Argument[];
  readonly where: "LEFT" | "RIGHT";
  readonly maxCount: number;
}

/**
 * Parses `numkeys key [key ...] LEFT|RIGHT [COUNT count]`, with Redis' errors in its order.
 *
 * @throws {CommandError} ERR
 */
function parseBatch(args: Request): Batch {
  const keyCount = parsePositiveInteger(args[0]!, "numkeys");
  const options = new OptionCursor(args.slice(1 + keyCount));
  const where = options.oneOf("LEFT", "RIGHT");
  const count = options.take("COUNT", 1) ? options.value() : undefined;
  options.end();
  const maxCount = count ? parsePositiveInteger(count, "count") : 1;
  return { keys: args.slice(1, 1 + keyCount), where, maxCount };
}

/** What a consumer of one connection can do. */
function requireLeftOfOne({ keys, where }: Batch): void {
  if (keys.length !== 1) {
    throw new CommandError(
      "ERR",
      `numkeys must be 1, got ${keys.length}: one key names all topics, as topics:<t1>,<t2>`,
    );
  }
  if (where === "RIGHT") {
    throw new CommandError("ERR", "RIGHT is not possible: a topic is read from its LEFT end");
  }
}
