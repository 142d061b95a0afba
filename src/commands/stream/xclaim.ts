/**
 * XCLAIM: a consumer takes pending entries over from another.
 *
 * @see https://redis.io/docs/latest/commands/xclaim/
 * @module
 */

import type { StreamId } from "../../streams/stream_id.ts";
import type { ClaimOptions, StreamGroup } from "../../groups/stream_group.ts";
import type { Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, shownStart } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";
import { claimedReply, parseMinIdleMs } from "./pending_reply.ts";
import { claimAll } from "./pending_reads.ts";
import { withGroup } from "./group_lookup.ts";
import { parseConsumerName } from "../core/group_names.ts";
import { parseId, tryParseId } from "./id_arguments.ts";

const XCLAIM: Command = command({
  name: "XCLAIM",
  arity: -6,
  arguments: [
    arg.key("topics:<topic>", { access: "read" }),
    arg.group("group"),
    arg.string("consumer"),
    arg.integer("min-idle-time"),
    arg.string("id", { multiple: true }),
    arg.integer("ms", { token: "IDLE", optional: true }),
    arg.integer("unix-time-milliseconds", { token: "TIME", optional: true }),
    arg.integer("count", { token: "RETRYCOUNT", optional: true }),
    arg.pureToken("FORCE", { optional: true }),
    arg.pureToken("JUSTID", { optional: true }),
    arg.string("lastid", { token: "LASTID", optional: true }),
  ],
  summary: "Gives pending entries of a consumer group to a consumer; LASTID has no effect",
  since: "0.7.0",
  group: "stream",
  flags: ["write", "fast"],
  categories: ["consume"],
  run: (context, args) => withGroup(context, args, claim),
});

/** XCLAIM */
export const claimCommands: readonly Command[] = [XCLAIM];

async function claim(group: StreamGroup, args: Request): Promise<Reply> {
  const { consumer, ids, options } = parseClaim(args.slice(2));
  return claimedReply(await claimAll(group, consumer, ids, options), options.justId);
}

interface Claim {
  readonly consumer: string;
  readonly ids: readonly StreamId[];
  readonly options: ClaimOptions & { readonly justId: boolean };
}

/**
 * `consumer min-idle-time id [id ...]` and options. As in Redis, what is no id is an option, the first one at least.
 *
 * @throws {CommandError} ERR
 */
function parseClaim(args: Request): Claim {
  const consumer = parseConsumerName(args[0]!);
  const minIdleMs = parseMinIdleMs(args[1]!, "XCLAIM");
  const ids = leadingIds(args.slice(2));
  const options = new OptionCursor(args.slice(2 + ids.length));
  const nowMs = Date.now();
  let [deliveredAtMs, deliveries, force, justId] = [nowMs, -1, false, false];
  while (options.more) {
    if (options.take("FORCE")) force = true;
    else if (options.take("JUSTID")) justId = true;
    else if (options.take("IDLE", 1)) deliveredAtMs = nowMs - options.integer(invalid("IDLE"));
    else if (options.take("TIME", 1)) deliveredAtMs = options.integer(invalid("TIME"));
    else if (options.take("RETRYCOUNT", 1)) deliveries = options.integer(invalid("RETRYCOUNT"));
    else if (options.take("LASTID", 1)) parseId(options.value());
    else throw unrecognized(options.value());
  }
  // as in Redis: clocks differ, and a time that cannot be is no reason to fail
  const idleMs = deliveredAtMs < 0 || deliveredAtMs > nowMs ? 0 : nowMs - deliveredAtMs;
  return {
    consumer,
    ids,
    options: { minIdleMs, idleMs, force, justId, ...(deliveries >= 0 && { deliveries }) },
  };
}

function leadingIds(args: Request): StreamId[] {
  const ids: StreamId[] = [];
  for (const argument of args) {
    const id = tryParseId(argument);
    if (!id) break;
    ids.push(id);
  }
  return ids;
}

function invalid(option: string): string {
  return `Invalid ${option} option argument for XCLAIM`;
}

function unrecognized(option: Argument): CommandError {
  return new CommandError("ERR", `Unrecognized XCLAIM option '${shownStart(option)}'`);
}
