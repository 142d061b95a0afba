/**
 * Pipelines of entries for one stream: those behind an XADD that differ from it only in the key of the stream and in
 * their last value are added together. One by one, most of the time of an XADD goes into objects: views of each
 * argument, and what is kept until its delivery report.
 *
 * @module
 */

import type { Request } from "../../resp/request_parser.ts";
import { type FollowingRequests, NOT_REPEATED, type Repeated } from "../core/command.ts";
import type { Context } from "../core/context.ts";
import { readRun } from "../core/following_run.ts";
import { isStar } from "./add_arguments.ts";
import { toRecord } from "./entry_mapping.ts";
import { PendingAdds } from "./pending_adds.ts";
import { boundOf } from "./stream_bound.ts";

/** Behind the key: with an id or an option the general way is taken. */
const FIELDS_AT = 2;

/**
 * Adds the entries of the requests behind one that has just added one. What librdkafka does not take now is left in
 * `following`, to be run one by one.
 */
export function addRepeats(
  context: Context,
  request: Request,
  following: FollowingRequests,
): Repeated {
  const { client: { memo }, kafka, gateway } = context;
  const { messageRun, settings, telemetry } = gateway;
  const args = request.slice(1);
  const target = memo.target(args[0]!);
  if (!target || !isStar(args[1])) return NOT_REPEATED;
  const { topic, rule } = target;
  const { valueFields } = settings.streams;
  const record = toRecord(args, target.key, valueFields, FIELDS_AT, rule?.valueField);
  // all but the key of the stream and the value is the same for all
  if (record.value !== args.at(-1) || record.key !== target.key) return NOT_REPEATED;
  const timestampMs = Date.now();
  const pending = new PendingAdds(timestampMs);
  const count = readRun(
    messageRun,
    following,
    memo.patternOf(request),
    (run) =>
      kafka.openDurableProducer().produceRunWith(topic, run, {
        headers: record.headers,
        timestampMs,
        listener: pending,
      }),
  );
  if (count === 0) return NOT_REPEATED;
  const bound = boundOf(undefined, settings);
  if (bound) kafka.streams.trims.soon(topic, bound);
  telemetry.messages.produced.of(topic).total += count;
  return { count, failed: [], later: pending.begin(count, gateway.addDeadlines) };
}
