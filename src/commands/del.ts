/**
 * DEL: resets the counters, produces a tombstone, frees a lock, or acks what a list of this gateway has. It is here since it belongs to several groups.
 *
 * @module
 */

import { integer, type Reply } from "../resp/reply.ts";
import { type Argument, isTopicsKey, splitAtColon } from "./core/args.ts";
import { useOf } from "./core/access.ts";
import * as arg from "./core/arguments.ts";
import { type Command, command } from "./core/command.ts";
import type { Context } from "./core/context.ts";
import { findList } from "./core/own_lists.ts";
import type { TopicKeys } from "./core/topic_keys.ts";
import { hasPlainLists } from "./list/list_source.ts";
import { produceTombstones } from "./list/rpushx.ts";
import { isStatsKey, notStats } from "./server/stats.ts";

const DEL = command({
  name: "DEL",
  arity: -2,
  summary: "`stats`: resets the counters of this gateway. A key: produces a tombstone for it, " +
    "a message whose value is null. A lock: frees it. A list of this gateway: acks what it has",
  since: "0.1.0",
  group: "generic",
  flags: ["write"],
  categories: ["produce"],
  access: {
    uses: (args, { gateway: { topicKeys } }) =>
      args.map((argument) => useOf(argument, "write", topicKeys)),
    rights: (args) => args.some(isStatsKey) ? ["config|resetstat"] : [],
  },
  arguments: [
    arg.oneOf(
      [arg.key("stats"), arg.key("topics:<topic>:<key>"), arg.key("lock"), arg.key("list")],
      {
        multiple: true,
        repetition: "[topics:<topic>:<key> ...]",
      },
    ),
  ],
  run(context, args): Reply | Promise<Reply> {
    const [first] = args;
    if (args.length === 1 && isStatsKey(first!)) {
      context.gateway.telemetry.messages.reset();
      return integer(1);
    }
    if (isOfThisGateway(context, args)) {
      return integer(args.filter((one) => removeOwn(context, one)).length);
    }
    const wrong = args.find((argument) => !isMessageKey(argument));
    if (wrong) throw notStats(wrong, hint(wrong, context.gateway.topicKeys));
    return produceTombstones(context, args);
  },
});

/** DEL */
export const deleteCommands: readonly Command[] = [DEL];

/**
 * Locks and lists of this gateway alone. Where lists are plain, one that is empty is nothing, as in Redis; without any
 * the error says what DEL is for.
 */
function isOfThisGateway(context: Context, keys: readonly Argument[]): boolean {
  const { topicKeys } = context.gateway;
  if (keys.some((key) => isStatsKey(key) || topicKeys.has(key))) return false;
  return hasPlainLists(context) || keys.some((key) => isOwn(context, key));
}

/** A lock, or a list of this gateway. */
function isOwn(context: Context, argument: Argument): boolean {
  return (context.gateway.locks.tokenOf(argument) ?? findList(context, argument)) !== undefined;
}

/** What a list has is acked. */
function removeOwn(context: Context, argument: Argument): boolean {
  const list = findList(context, argument);
  return context.gateway.locks.delete(argument) || (list?.ack(list.entries) ?? 0) > 0;
}

/** `topics:<topic>:<key>` */
function isMessageKey(argument: Argument): boolean {
  return isTopicsKey(argument) && splitAtColon(splitAtColon(argument)[1]!)[1] !== undefined;
}

function hint(argument: Argument, keys: TopicKeys): string | undefined {
  if (isStatsKey(argument)) return "it is reset alone";
  if (!keys.has(argument)) return undefined;
  return "topics are not deleted here; 'topics:<topic>:<key>' produces a tombstone for a key";
}
