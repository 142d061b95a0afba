/**
 * The messages of requests that follow one for the same topic, as one run for librdkafka.
 *
 * @module
 */

import type { MessageRun } from "../../kafka/producer/message_run.ts";
import type { RequestPattern } from "../../resp/request_pattern.ts";
import type { FollowingRequests } from "./command.ts";

/**
 * Reads requests that fit a pattern, as many as a run may have, and produces their messages.
 *
 * @param produce hands over a run, which is not empty; returns how many of its messages are settled, from the first on:
 *   the requests of the others are left in `following`
 * @returns how many are settled
 */
export function readRun(
  run: MessageRun,
  following: FollowingRequests,
  pattern: RequestPattern,
  produce: (run: MessageRun) => number,
): number {
  const start = following.position;
  read(run, following, pattern, run.maxMessages);
  if (run.count === 0) return 0;
  const count = produce(run);
  if (count < run.count) {
    following.backTo(start);
    read(run, following, pattern, count);
  }
  return count;
}

function read(
  run: MessageRun,
  following: FollowingRequests,
  pattern: RequestPattern,
  maxMessages: number,
): void {
  run.begin(following.chunk);
  while (run.count < maxMessages && following.readLike(pattern, run));
}
