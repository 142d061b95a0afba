/**
 * Replies with what the consumer of a connection has taken. Its messages are noted: they count as consumed when the
 * replies are written, and as unread where they can't be.
 *
 * @module
 */

import type { Message } from "../../kafka/client/message.ts";
import type { Reply } from "../../resp/reply.ts";
import type { Context } from "../core/context.ts";
import { messageList, messageReply } from "./message_reply.ts";

/**
 * The reply of one command.
 *
 * @param messages at least one
 * @param listReply makes it of the list of the messages; without, it is the one message
 */
export function poppedReply(
  context: Context,
  messages: readonly Message[],
  listReply?: (messages: Reply) => Reply,
): Reply {
  if (!listReply) return poppedReplies(context, messages)[0]!;
  noteReplying(context, messages);
  const { memo: { replyHeads, replyFields }, protocol } = context.client;
  return listReply(messageList(replyHeads, messages, replyFields, protocol));
}

/** The replies of commands that get a message each. */
export function poppedReplies(context: Context, messages: readonly Message[]): Reply[] {
  noteReplying(context, messages);
  const { replyHeads, replyFields } = context.client.memo;
  return messages.map((message) => messageReply(replyHeads, message, replyFields));
}

/** Messages of a topic that follow each other are noted together. */
function noteReplying({ kafka }: Context, messages: readonly Message[]): void {
  const { groupId } = kafka.consumer!;
  let from = 0;
  for (let at = 1; at <= messages.length; at++) {
    const { topic } = messages[from]!;
    if (messages[at]?.topic === topic) continue;
    kafka.replying(groupId, topic, at - from);
    from = at;
  }
}
