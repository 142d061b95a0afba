/**
 * XAUTOCLAIM: a consumer takes over pending entries that have been idle for long.
 *
 * @see https://redis.io/docs/latest/commands/xautoclaim/
 * @module
 */

import type { AutoClaimOptions } from "../../groups/claims.ts";
import { formatId, type StreamId } from "../../streams/stream_id.ts";
import { array, bulk, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parseInteger } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";
import { claimedReply, idsReply, parseMinIdleMs } from "./pending_reply.ts";
import { withGroup } from "./group_lookup.ts";
import { autoClaim } from "./pending_reads.ts";
import { parseConsumerName } from "../core/group_names.ts";
import { parseRangeStart } from "./id_arguments.ts";

/** As in Redis. */
const DEFAULT_COUNT = 100;
/** A larger one is refused, as in Redis. */
const MAX_COUNT = 2 ** 59;
const BAD_COUNT = "COUNT must be > 0";

const XAUTOCLAIM: Command = command({
  name: "XAUTOCLAIM",
  arity: -6,
  arguments: [
    arg.key("topics:<topic>", { access: "read" }),
    arg.group("group"),
    arg.string("consumer"),
    arg.string("min-idle-time"),
    arg.string("start"),
    arg.integer("count", { token: "COUNT", optional: true }),
    arg.pureToken("JUSTID", { optional: true }),
  ],
  summary: "Gives pending entries that have been idle for long to a consumer",
  since: "0.7.0",
  group: "stream",
  flags: ["write"], // not "fast" as in Redis: it sorts what is pending in all partitions
  categories: ["consume"],
  run(context, args): Reply | Promise<Reply> {
    const { consumer, start, options } = parseAutoClaim(args.slice(2));
    return withGroup(context, args, async (group) => {
      const { cursor, entries, deleted } = await autoClaim(group, consumer, start, options);
      return array([
        bulk(formatId(cursor)),
        claimedReply(entries, options.justId),
        idsReply(deleted),
      ]);
    });
  },
});

/** XAUTOCLAIM */
export const autoClaimCommands: readonly Command[] = [XAUTOCLAIM];

interface AutoClaim {
  readonly consumer: string;
  readonly start: StreamId;
  readonly options: AutoClaimOptions;
}

/**
 * `consumer min-idle-time start` and options.
 *
 * @throws {CommandError} ERR
 */
function parseAutoClaim([consumerName, minIdle, first, ...rest]: Request): AutoClaim {
  const consumer = parseConsumerName(consumerName!);
  const minIdleMs = parseMinIdleMs(minIdle!, "XAUTOCLAIM");
  const start = parseRangeStart(first!);
  const options = new OptionCursor(rest);
  let [count, justId] = [DEFAULT_COUNT, false];
  while (options.more) {
    if (options.take("COUNT", 1)) count = parseCount(options.value());
    else if (options.take("JUSTID")) justId = true;
    else options.end();
  }
  return { consumer, start, options: { minIdleMs, count, justId } };
}

function parseCount(argument: Argument): number {
  const count = parseInteger(argument, BAD_COUNT);
  if (count < 1 || count >= MAX_COUNT) throw new CommandError("ERR", BAD_COUNT);
  return count;
}
