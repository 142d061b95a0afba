/**
 * Requests behind one that was just answered, which differ from it in their message only, or not at all: they are run
 * together. One by one, a pipeline of messages takes half as much processor time again, one of BLPOPs twice as much.
 *
 * @module
 */

import type { FollowingRequests } from "../commands/core/command.ts";
import type { Context } from "../commands/core/context.ts";
import { type Answer, LaterReply } from "../commands/core/later_reply.ts";
import { dispatchRepeats, type RepeatedAnswers } from "../commands/dispatch.ts";
import type { Reply } from "../resp/reply.ts";
import type { Request } from "../resp/request_parser.ts";
import type { ClientState } from "./client_state.ts";
import type { Outbox } from "./outbox.ts";
import type { ServerState } from "./server_state.ts";

/** A connection. */
export interface RepeatingSession extends Context {
  /** What it has asked for decides whether requests can be run together. */
  readonly client: ClientState;
  /** Its commands run them. */
  readonly gateway: ServerState;
}

/** A request, and what came of it. */
export interface AnsweredRequest {
  /** Views that are still valid. */
  readonly request: Request;
  /** A promise for one that waits: nothing is run behind it. */
  readonly answer: Answer | Promise<Answer>;
}

/** Runs them, and writes their replies; leaves what has to be run one by one. */
export function runRepeats(
  session: RepeatingSession,
  outbox: Outbox,
  { request, answer }: AnsweredRequest,
  following: FollowingRequests,
): void {
  if (answer instanceof Promise || !mayFollow(answer, outbox) || !isPlain(session)) return;
  const { client, gateway: { commands, timeSlice } } = session;
  const repeated = dispatchRepeats(commands, session, request, following, client);
  client.commanded(repeated.count);
  timeSlice.charge(repeated.count);
  if (repeated.later) outbox.defer(repeated.later, true);
  else if (!(answer instanceof LaterReply)) addReplies(outbox, answer, repeated);
}

/** The request has not failed, as far as is known, and there is room for more replies of its kind. */
function mayFollow(answer: Answer, outbox: Outbox): boolean {
  if (answer instanceof LaterReply) return outbox.hasRoom;
  return answer.kind !== "error" && outbox.isEmpty;
}

/** Nothing but its reply happens at each command of the connection. */
function isPlain({ client, gateway: { monitors } }: RepeatingSession): boolean {
  const isSpecial = client.transaction || client.tracking || client.subscriber || client.reserved;
  return !isSpecial && client.replyMode === "on" && !monitors.listening;
}

function addReplies(outbox: Outbox, reply: Reply, repeated: RepeatedAnswers): void {
  const { count, errors, replies } = repeated;
  if (replies) return outbox.add(replies);
  let written = 0;
  for (const { at, reply: error } of errors) {
    outbox.addTimes(reply, at - written);
    outbox.add(error);
    written = at + 1;
  }
  outbox.addTimes(reply, count - written);
}
