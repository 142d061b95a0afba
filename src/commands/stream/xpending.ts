/**
 * XPENDING: what consumers of a group have got and not acknowledged.
 *
 * @see https://redis.io/docs/latest/commands/xpending/
 * @module
 */

import { formatId } from "../../streams/stream_id.ts";
import type { PendingEntry, PendingQuery, PendingSummary } from "../../groups/stream_group.ts";
import { array, bulk, integer, NULL, NULL_ARRAY, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { parseInteger } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { syntaxError } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";
import { withGroup } from "./group_lookup.ts";
import { parseConsumerName } from "../core/group_names.ts";
import { parseRangeEnd, parseRangeStart } from "./id_arguments.ts";
import { deliveriesReply, idleReply } from "./pending_reply.ts";

/** Behind key and group; Redis ignores some that are too many. */
const MAX_ARGUMENTS = 6;

const XPENDING: Command = command({
  name: "XPENDING",
  arity: -3,
  arguments: [
    arg.key("topics:<topic>", { access: "read" }),
    arg.group("group"),
    arg.block([
      arg.integer("min-idle-time", { token: "IDLE", optional: true }),
      arg.string("start"),
      arg.string("end"),
      arg.integer("count"),
      arg.string("consumer", { optional: true }),
    ], { optional: true }),
  ],
  summary: "Returns the pending entries of a consumer group, or how many they are",
  since: "0.7.0",
  group: "stream",
  flags: ["readonly"],
  categories: ["consume"],
  run(context, args): Reply | Promise<Reply> {
    const query = args.length > 2 ? parseQuery(args.slice(2)) : undefined;
    return withGroup(
      context,
      args,
      (group) =>
        query
          ? array(group.pending(query).map(pendingReply))
          : summaryReply(group.pendingSummary()),
    );
  },
});

/** XPENDING */
export const pendingCommands: readonly Command[] = [XPENDING];

/**
 * `[IDLE min-idle-time] start end count [consumer]`, with Redis' errors in its order.
 *
 * @throws {CommandError} ERR
 */
function parseQuery(args: Request): PendingQuery {
  if (args.length < 3 || args.length > MAX_ARGUMENTS) throw syntaxError();
  const options = new OptionCursor(args);
  const minIdleMs = options.take("IDLE", 1) ? options.integer() : 0;
  const [start, end, count, consumer] = options.rest();
  if (!count) throw syntaxError();
  return {
    count: Math.max(parseInteger(count), 0),
    start: parseRangeStart(start!),
    end: parseRangeEnd(end!),
    minIdleMs: Math.max(minIdleMs, 0),
    ...(consumer && { consumer: parseConsumerName(consumer) }),
  };
}

/** Counts of consumers are bulk strings, as in Redis. */
function summaryReply({ count, first, last, consumers }: PendingSummary): Reply {
  return array([
    integer(count),
    first ? bulk(formatId(first)) : NULL,
    last ? bulk(formatId(last)) : NULL,
    count === 0
      ? NULL_ARRAY
      : array(consumers.map(([name, pending]) => array([bulk(name), bulk(String(pending))]))),
  ]);
}

function pendingReply({ id, consumer, idleMs, deliveries }: PendingEntry): Reply {
  return array([
    bulk(formatId(id)),
    bulk(consumer),
    idleReply(idleMs),
    deliveriesReply(deliveries),
  ]);
}
