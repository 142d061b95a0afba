/**
 * Pipelines of BLPOPs: those behind one that has just got a message get theirs together, as many as are at hand. Their
 * timeouts do not matter: none of them waits.
 *
 * @module
 */

import type { TakenMessages } from "../../kafka/client/taken_messages.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type FollowingRequests, NOT_REPEATED, type Repeated } from "../core/command.ts";
import type { Context } from "../core/context.ts";
import { runSame } from "../core/following_run.ts";
import { poppedReplies } from "./message_reply.ts";
import { pollError } from "./poll_errors.ts";

/** Replies of so many are in memory together, in place of one. */
const MAX_RUN = 64;
/** The same in bytes: a client that may have few of them unread is not cut off for what it would read one by one. */
const MAX_RUN_BYTES = 64 * 1024;

/**
 * Answers requests that are the same as one that was just answered, with a message each. Those for which none is at hand
 * are left in `following`; and so are all where messages can be given back, which are in memory whatever their size.
 */
export function popRepeats(
  context: Context,
  _request: Request,
  following: FollowingRequests,
): Repeated {
  const { consumer } = context.kafka;
  if (!consumer || consumer.singleAcks) return NOT_REPEATED;
  let repeated = NOT_REPEATED;
  runSame(following, MAX_RUN, (asked) => {
    repeated = answered(context, () => consumer.pollReplies(asked, MAX_RUN_BYTES));
    return repeated.count;
  });
  return repeated;
}

/** No message is taken where there is an error: that is the answer of the first request. */
function answered(context: Context, poll: () => TakenMessages): Repeated {
  try {
    const taken = poll();
    return { count: taken.count, failed: [], replies: poppedReplies(context, taken) };
  } catch (cause) {
    return { count: 1, failed: [{ at: 0, error: pollError(cause) }] };
  }
}
