/**
 * LREM: acks messages that were moved to a list of this gateway.
 *
 * @see https://redis.io/docs/latest/commands/lrem/
 * @module
 */

import type { ProcessingList } from "../../groups/processing_lists.ts";
import { NO_BYTES } from "../../resp/bytes.ts";
import { integer, type Reply } from "../../resp/reply.ts";
import { useOf } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parseInteger, shownStart } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import { sameBytes } from "../core/memo.ts";
import { findList } from "../core/own_lists.ts";

const LREM: Command = command({
  name: "LREM",
  arity: 4,
  arguments: [arg.key("key"), arg.integer("count"), arg.string("element")],
  summary: "Acks messages of a list that LMOVE has moved them to, and removes them from it",
  since: "0.9.0",
  group: "list",
  flags: ["write"],
  categories: ["consume"],
  access: { uses: ([key], { gateway }) => [useOf(key!, "read", gateway.topicKeys)] },
  run(context, [key, count, element]): Reply | Promise<Reply> {
    const limit = parseInteger(count!);
    if (context.gateway.topicKeys.has(key!)) {
      throw new CommandError(
        "ERR",
        `'${shownStart(key!)}' is a topic: LREM acks what LMOVE has moved to another list`,
      );
    }
    const list = findList(context, key!);
    return list ? remove(list, limit, element!.slice()) : integer(0);
  },
});

/** LREM */
export const removeCommands: readonly Command[] = [LREM];

/** @param limit the first so many, or for a negative one the last; 0 for all */
async function remove(list: ProcessingList, limit: number, element: Argument): Promise<Reply> {
  const read = await list.read(list.entries);
  const same = read.filter(({ message }) => sameBytes(message.value ?? NO_BYTES, element));
  const count = limit === 0 ? same.length : Math.abs(limit);
  const chosen = limit < 0 ? same.reverse().slice(0, count) : same.slice(0, count);
  return integer(list.ack(chosen.map(({ entry }) => entry)));
}
