/**
 * LRANGE and LINDEX: what a list has, without taking it. Of a topic those are the messages that the group has not
 * delivered yet, of a list of this gateway those that were moved to it.
 *
 * @see https://redis.io/docs/latest/commands/lrange/
 * @module
 */

import type { Message } from "../../kafka/client/message.ts";
import { array, NULL, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parseInteger } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import type { Context } from "../core/context.ts";
import { hasPlainLists, listSource, noIdentity, pops } from "./list_source.ts";
import { indexRange, viewMessages } from "./list_view.ts";
import { valueReply } from "./plain_pop.ts";
import { findList } from "../core/own_lists.ts";

const LRANGE: Command = command({
  name: "LRANGE",
  arity: 4,
  arguments: [arg.key("key"), arg.integer("start"), arg.integer("stop")],
  summary: "Returns messages of a topic that its group has not delivered, without consuming them",
  since: "0.9.0",
  group: "list",
  flags: ["readonly"],
  categories: ["consume"],
  access: pops(([key]) => [key!]),
  async run(context, [key, start, stop]): Promise<Reply> {
    const [first, last] = [parseInteger(start!), parseInteger(stop!)];
    return array((await view(context, key!, first, last)).map(valueReply));
  },
});

const LINDEX: Command = command({
  name: "LINDEX",
  arity: 3,
  arguments: [arg.key("key"), arg.integer("index")],
  summary: "Returns one of them, 0 the next one, -1 the last; null if there is none",
  since: "0.9.0",
  group: "list",
  flags: ["readonly"],
  categories: ["consume"],
  access: pops(([key]) => [key!]),
  async run(context, [key, position]): Promise<Reply> {
    const index = parseInteger(position!);
    const [message] = await view(context, key!, index, index);
    return message ? valueReply(message) : NULL;
  },
});

/** LRANGE, LINDEX */
export const viewCommands: readonly Command[] = [LRANGE, LINDEX];

async function view(
  context: Context,
  key: Argument,
  first: number,
  last: number,
): Promise<Message[]> {
  const source = listSource(context, key);
  const messages = source
    ? await viewMessages(context, source, first, last)
    : await viewOwn(context, key, first, last);
  context.kafka.showing(messages.length);
  return messages;
}

/** Of a list of the gateway. */
async function viewOwn(
  context: Context,
  key: Argument,
  first: number,
  last: number,
): Promise<Message[]> {
  if (!hasPlainLists(context)) throw noIdentity(context);
  const list = findList(context, key);
  if (!list) return [];
  const { from, to } = indexRange(list.entries.length, first, last);
  if (from > to) return [];
  return (await list.read(list.entries.slice(from, to + 1))).map(({ message }) => message);
}
