/**
 * XINFO: what is known of a stream's groups and of their consumers. Exactly the fields of Redis 7.0: some clients fail on
 * others.
 *
 * @see https://redis.io/docs/latest/commands/xinfo/
 * @module
 */

import { formatId } from "../../streams/stream_id.ts";
import type { ConsumerInfo, GroupInfo, StreamGroup } from "../../groups/stream_group.ts";
import { array, bulk, integer, NULL, record, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import type { Context } from "../core/context.ts";
import {
  describeEach,
  findGroup,
  knownGroup,
  noGroupOfKey,
  visibleGroups,
} from "./group_lookup.ts";
import { streamTopic } from "./stream_key.ts";
import { infoStreamCommand } from "./xinfo_stream.ts";

const GROUPS: Command = command({
  name: "XINFO GROUPS",
  arity: 3,
  arguments: [arg.key("topics:<topic>", { access: "read" })],
  summary: "Returns the consumer groups of a stream, and how far they are",
  since: "0.7.0",
  group: "stream",
  flags: ["readonly"],
  categories: ["consume"],
  async run(context, [key]): Promise<Reply> {
    const groups = await groupsOf(context, streamTopic(context, key!));
    const infos = await describeEach(context, groups, (group) => group.info());
    return array(infos.map(groupReply));
  },
});

const CONSUMERS: Command = command({
  name: "XINFO CONSUMERS",
  arity: 4,
  arguments: [arg.key("topics:<topic>", { access: "read" }), arg.group("group")],
  summary: "Returns the consumers of a group that this gateway knows",
  since: "0.7.0",
  group: "stream",
  flags: ["readonly"],
  categories: ["consume"],
  async run(context, [key, name]): Promise<Reply> {
    const topic = streamTopic(context, key!);
    const missing = noGroupOfKey(key!, name!);
    const group = knownGroup(context, key!, name!) ?? await findGroup(context, key!, name!);
    if (group) return array(group.consumers().map(consumerReply));
    await groupsOf(context, topic);
    throw missing;
  },
});

/** XINFO */
export const streamInfoCommands: readonly Command[] = [
  container("XINFO", "stream", "A container for commands that inspect streams", [
    infoStreamCommand,
    GROUPS,
    CONSUMERS,
  ]),
];

async function groupsOf(context: Context, topic: string): Promise<StreamGroup[]> {
  const groups = await visibleGroups(context, topic);
  if (!groups) throw new CommandError("ERR", "no such key");
  return groups;
}

function groupReply(info: GroupInfo): Reply {
  return record({
    "name": bulk(info.name),
    "consumers": integer(info.consumers),
    "pending": integer(info.pending),
    "last-delivered-id": bulk(formatId(info.lastDelivered)),
    "entries-read": orNull(info.entriesRead),
    "lag": orNull(info.lag),
  });
}

function orNull(value: number | undefined): Reply {
  return value === undefined ? NULL : integer(value);
}

function consumerReply({ name, pending, idleMs }: ConsumerInfo): Reply {
  return record({
    "name": bulk(name),
    "pending": integer(pending),
    "idle": integer(Math.floor(idleMs)),
  });
}
