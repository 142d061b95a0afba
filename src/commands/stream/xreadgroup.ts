/**
 * XREADGROUP: a consumer of a group gets new entries, or those again that it has not acknowledged.
 *
 * @see https://redis.io/docs/latest/commands/xreadgroup/
 * @module
 */

import type { StreamGroup } from "../../groups/stream_group.ts";
import type { StreamId } from "../../groups/stream_id.ts";
import { array, bulk, map, NULL_ARRAY, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, Unblocked } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { claimIdle, untilClaimMs } from "./claim_idle.ts";
import { knownGroup, noGroup, openGroup } from "./group_lookup.ts";
import { parseConsumerName } from "./group_names.ts";
import { parseId } from "./id_arguments.ts";
import { parseReadGroup, type ReadGroupRequest } from "./read_group_arguments.ts";
import { entryReply } from "./stream_entry.ts";

const XREADGROUP: Command = command({
  name: "XREADGROUP",
  arity: -7,
  arguments: [
    arg.block([arg.string("group"), arg.string("consumer")], { token: "GROUP" }),
    arg.integer("count", { token: "COUNT", optional: true }),
    arg.integer("milliseconds", { token: "BLOCK", optional: true }),
    arg.integer("min-idle-time", { token: "CLAIM", optional: true }),
    arg.pureToken("NOACK", { optional: true }),
    arg.block([
      arg.key("topics:<topic>", { multiple: true }),
      arg.string("id", { multiple: true }),
    ], { token: "STREAMS" }),
  ],
  summary:
    "Returns new entries of streams to a consumer of a group, or its pending ones; blocks only for new ones",
  since: "0.7.0",
  group: "stream",
  flags: ["write", "blocking", "movablekeys"],
  run(context, args): Reply | Promise<Reply> {
    const request = parseReadGroup(args);
    const consumer = parseConsumerName(request.consumerName);
    const targets = knownTargets(context, request);
    if (targets) return read(context, { ...request, consumer, targets });
    return openAndRead(context, { ...request, consumer });
  },
});

/** XREADGROUP */
export const readGroupCommands: readonly Command[] = [XREADGROUP];

/** A stream, and what is read of it. */
interface ReadTarget {
  /** As it was sent; of its own memory. */
  readonly key: Argument;
  readonly group: StreamGroup;
  /** The consumer's pending entries behind it; undefined for new entries. */
  readonly after: StreamId | undefined;
}

type ReadOptions =
  & Pick<ReadGroupRequest, "count" | "blockMs" | "noAck" | "claimIdleMs">
  & { readonly consumer: string; readonly targets: readonly ReadTarget[] };

/** Entries of a stream, as in the reply. */
type StreamEntries = readonly [key: Argument, entries: Reply[]];

/** The streams, if all of these groups are in use here. */
function knownTargets(context: Context, request: ReadGroupRequest): ReadTarget[] | undefined {
  const targets: ReadTarget[] = [];
  for (const [at, key] of request.keys.entries()) {
    const group = knownGroup(context, key, request.groupName);
    if (!group) return undefined;
    targets.push({ key: key.slice(), group, after: parseReadId(request.ids[at]!) });
  }
  return targets;
}

/** Errors come in the order of the streams, as in Redis. */
async function openAndRead(
  context: Context,
  request: ReadGroupRequest & { readonly consumer: string },
): Promise<Reply> {
  const groupName = request.groupName.slice();
  const keys = request.keys.map((key) => key.slice());
  const ids = request.ids.map((id) => id.slice());
  const targets: ReadTarget[] = [];
  for (const [at, key] of keys.entries()) {
    const group = knownGroup(context, key, groupName) ?? await openGroup(context, key, groupName);
    if (!group) throw noGroup(key, groupName, " in XREADGROUP with GROUP option");
    targets.push({ key, group, after: parseReadId(ids[at]!) });
  }
  context.client.ended.throwIfAborted(); // nothing is taken for a client that has gone
  return await read(context, { ...request, targets });
}

/** @returns undefined for `>` */
function parseReadId(argument: Argument): StreamId | undefined {
  const text = toText(argument.subarray(0, 2));
  if (text === ">") return undefined;
  if (text !== "$") return parseId(argument);
  throw new CommandError(
    "ERR",
    "The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying " +
      "a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
  );
}

/** Entries at hand are answered at once. */
function read(context: Context, options: ReadOptions): Reply | Promise<Reply> {
  const { targets, claimIdleMs } = options;
  const readsNew = targets.some(({ after }) => after === undefined);
  if (readsNew) requireReplies(context);
  const looksBack = claimIdleMs !== undefined || targets.some(({ after }) => after !== undefined);
  if (looksBack) return readAll(context, options);
  const streams = takeNew(options);
  return streams.length > 0 ? reply(context, streams) : nothingNew(context, options);
}

/** An entry that is taken and not shown would be pending without anybody knowing of it. */
function requireReplies({ client }: Context): void {
  if (client.replyMode === "on") return;
  throw new CommandError(
    "CONS",
    "XREADGROUP takes no entries while CLIENT REPLY is OFF or SKIP",
  );
}

function takeNew({ targets, consumer, count, noAck }: ReadOptions): StreamEntries[] {
  const streams: StreamEntries[] = [];
  for (const { key, group } of targets) {
    const entries = group.take(consumer, count, noAck);
    if (entries.length === 0) continue;
    streams.push([key, entries.map(({ id, message }) => entryReply(id, message))]);
  }
  return streams;
}
