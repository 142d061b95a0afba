/**
 * Pipelines of messages for one topic: what follows a message in what has arrived is produced together, without a request,
 * a dispatch and a call of librdkafka for each. A message takes a third less processor time so.
 *
 * @module
 */

import type { RefusedMessage } from "../../kafka/producer/message_run.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type FollowingRequests, NOT_REPEATED, type Repeated } from "../core/command.ts";
import type { Context } from "../core/context.ts";
import { readRun } from "../core/following_run.ts";
import { refusedMessage } from "../core/produce_errors.ts";
import { plainGroup } from "./list_source.ts";
import { produceTarget } from "./produce_target.ts";

/**
 * Produces the messages of the requests behind one that has just produced one message, as long as they are for the same
 * topic: all with one call. What librdkafka does not take now is left in `following`, to be run one by one.
 */
export function produceRepeats(
  context: Context,
  request: Request,
  following: FollowingRequests,
): Repeated {
  const { client: { memo }, kafka, gateway: { messageRun, telemetry } } = context;
  const { topic, rule } = produceTarget(context, request[1]!);
  const isPlainList = plainGroup(context, rule) !== undefined; // whose reply comes later
  if (request.length !== 3 || isPlainList) return NOT_REPEATED;
  let refused: readonly RefusedMessage[] = [];
  const count = readRun(messageRun, following, memo.patternOf(request), (run) => {
    const produced = kafka.openProducer().produceRun(topic, run);
    refused = produced.refused;
    return produced.count;
  });
  if (count === 0) return NOT_REPEATED;
  telemetry.messages.produced.of(topic).total += count - refused.length;
  return {
    count,
    failed: refused.map(({ at, bytes, error }) => ({
      at,
      error: refusedMessage(context, error, { bytes }),
    })),
  };
}
