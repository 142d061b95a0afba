/**
 * Requests that follow one in what has arrived, and are run with it: those for the same topic, whose messages are one run
 * for librdkafka, and those that are the same.
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
    following.moveTo(start);
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

/**
 * Runs requests that are the same as the one before them, byte for byte.
 *
 * @param max the most that are run
 * @param run runs so many requests, at least one; returns how many it has run: the others are left in `following`
 * @returns how many were run
 */
export function runSame(
  following: FollowingRequests,
  max: number,
  run: (count: number) => number,
): number {
  const { chunk, position, lastAt } = following;
  if (lastAt === undefined) return 0;
  const size = position - lastAt;
  const end = Math.min(chunk.length, position + max * size);
  let at = position;
  while (at < end && chunk[at] === chunk[at - size]) at++; // each byte is that of the request before
  const count = Math.floor((at - position) / size);
  if (count === 0) return 0;
  const ran = run(count);
  following.moveTo(position + ran * size);
  return ran;
}
