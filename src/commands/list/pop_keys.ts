/**
 * Pops of keys in Redis' shapes, whatever they stand for: the first that has something is popped.
 *
 * @module
 */

import type { ListEnd, ProcessingList } from "../../groups/processing_lists.ts";
import type { Reply } from "../../resp/reply.ts";
import type { Argument } from "../core/args.ts";
import type { Context } from "../core/context.ts";
import type { Answer } from "../core/later_reply.ts";
import { noIdentity } from "./list_source.ts";
import { type PlainPop, popPlain, type Taken, takeValues } from "./plain_pop.ts";
import { findList, listName } from "../core/own_lists.ts";
import { popList } from "./pop_list.ts";

/** What is popped. */
export interface KeysPop extends Omit<PlainPop, "take"> {
  /** How many values at most. */
  readonly maxCount: number;
  /** Of a list of the gateway; a topic is read from one end. */
  readonly end: ListEnd;
  /** The reply, from the key and the values, of which there is at least one. */
  readonly toReply: (key: Argument, values: Reply[]) => Reply;
}

/**
 * Pops what is at hand, at once; waits for topics only.
 *
 * @throws {CommandError} CONS
 */
export function popKeys(context: Context, request: KeysPop): Answer | Promise<Answer> {
  const { keys, maxCount, toReply } = request;
  if (!keys.some((key) => context.gateway.topicKeys.has(key))) {
    const answer = popOwn(context, request);
    if (answer) return answer;
  }
  return popPlain(context, {
    ...request,
    take(group, key): Taken | undefined {
      if (maxCount > 0) {
        return takeValues(context, group, maxCount, (values) => toReply(key, values));
      }
      return group.isReady() ? { count: 0, answer: toReply(key, []) } : undefined;
    },
  });
}

/** Pops a list of the gateway; undefined if none of the keys is one, nor was one that it would not wait for. */
function popOwn(context: Context, request: KeysPop): Reply | Promise<Reply> | undefined {
  const { keys, timeoutMs, empty } = request;
  if (context.client.identity) throw noIdentity(context);
  for (const key of keys) {
    const list = findList(context, key);
    if (list) return popEntries(list, key.slice(), request);
  }
  const { processing } = context.kafka;
  const mayBeEmpty = timeoutMs === undefined && keys.every((key) => processing.was(listName(key)));
  return mayBeEmpty ? empty : undefined;
}

async function popEntries(
  list: ProcessingList,
  key: Argument,
  { end, maxCount, empty, toReply }: KeysPop,
): Promise<Reply> {
  const values = await popList(list, end, maxCount);
  return values.length > 0 || maxCount === 0 ? toReply(key, values) : empty;
}
