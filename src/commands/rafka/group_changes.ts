/**
 * RAFKA GROUP SEEK and DELETE: of groups without members, since these would go on as before.
 *
 * @module
 */

import { KafkaError } from "../../kafka/client/error.ts";
import { seekOffsets, type SeekTarget } from "../../groups/group_seek.ts";
import { array, bulk, integer, OK, record, type Reply } from "../../resp/reply.ts";
import { readsTopic, usesGroup } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, shown, shownStart, toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { parseGroupName } from "../core/group_names.ts";
import { OptionCursor } from "../core/options.ts";
import {
  adminOf,
  GROUP_ACCESS,
  noSuchGroup,
  noTopic,
  parseWhole,
  requireAdministration,
  shownTopicName,
  topicName,
} from "./admin_arguments.ts";
import { workersByGroup } from "./rafka_groups.ts";

const MAX_PARTITION = 2 ** 31 - 1;
const MAX_TARGET_BYTES = 64;
/** Members that an error names. */
const MAX_NAMED = 10;
/** Kafka refuses since there are members. */
const HAS_MEMBERS = ["UNKNOWN_MEMBER_ID", "NON_EMPTY_GROUP", "GROUP_SUBSCRIBED_TO_TOPIC"];

const SEEK: Command = command({
  name: "RAFKA GROUP SEEK",
  arity: 6,
  arguments: [
    arg.string("group"),
    arg.string("topic"),
    arg.oneOf([
      arg.pureToken("earliest"),
      arg.pureToken("latest"),
      arg.integer("ms"),
      arg.string("partition:offset"),
    ]),
  ],
  summary: "Moves a group without members to other offsets of a topic, and returns them",
  since: "0.8.0",
  group: "server",
  flags: ["admin", "write"],
  access: {
    uses: ([group, topic]) => [
      usesGroup(parseGroupName(group!)),
      readsTopic(topicName(topic!)),
    ],
  },
  async run(context, [name, topicArgument, to]): Promise<Reply> {
    requireAdministration(context, "RAFKA GROUP SEEK");
    const group = parseGroupName(name!);
    const topic = shownTopicName(context, topicArgument!);
    const target = parseTarget(to!);
    const offsets = await seekOffsets(adminOf(context), topic, target);
    if (!offsets) throw noTopic(topic);
    await withoutMembers(context, group, () => adminOf(context).alterGroupOffsets(group, offsets));
    return array(offsets.map(({ partition, offset }) =>
      record({
        topic: bulk(topic),
        partition: integer(partition),
        offset: integer(offset),
      })
    ));
  },
});

const DELETE: Command = command({
  name: "RAFKA GROUP DELETE",
  arity: 4,
  arguments: [arg.string("group")],
  summary: "Deletes a group without members, with all that it has committed",
  since: "0.8.0",
  group: "server",
  flags: ["admin", "write"],
  access: GROUP_ACCESS,
  async run(context, [name]): Promise<Reply> {
    requireAdministration(context, "RAFKA GROUP DELETE");
    const group = parseGroupName(name!);
    const deleted = await withoutMembers(
      context,
      group,
      () => adminOf(context).deleteGroup(group),
    );
    if (!deleted) throw noSuchGroup(group);
    return OK;
  },
});

/** RAFKA GROUP SEEK, DELETE */
export const groupChangeCommands: readonly Command[] = [SEEK, DELETE];

function parseTarget(argument: Argument): SeekTarget {
  const word = new OptionCursor([argument]);
  if (word.take("EARLIEST")) return "earliest";
  if (word.take("LATEST")) return "latest";
  const timestampMs = parseWhole(argument);
  if (timestampMs !== undefined && timestampMs <= Number.MAX_SAFE_INTEGER) {
    return { timestampMs: Number(timestampMs) };
  }
  const text = argument.byteLength > MAX_TARGET_BYTES ? "" : toText(argument);
  const [, partition, offset] = /^(\d{1,10}):(\d{1,18})$/.exec(text) ?? [];
  if (offset !== undefined && Number(partition) <= MAX_PARTITION) {
    return { partition: Number(partition), offset: BigInt(offset) };
  }
  throw new CommandError(
    "ERR",
    `A group goes to earliest, latest, milliseconds since 1970 or <partition>:<offset>, got '${
      shownStart(argument)
    }'`,
  );
}

/**
 * Changes a group without members.
 *
 * @throws {CommandError} ERR with the members, if there are some
 */
async function withoutMembers<T>(
  context: Context,
  group: string,
  change: () => Promise<T>,
): Promise<T> {
  const { isEmbedded } = context.kafka.cluster;
  const here = isEmbedded ? membersHere(context, group) : [];
  if (here.length > 0) throw hasMembers(group, here); // the embedded Kafka would not refuse it
  try {
    return await change();
  } catch (error) {
    const isLive = error instanceof KafkaError && HAS_MEMBERS.includes(error.codeName);
    if (!isLive) throw error;
    if (isEmbedded) {
      throw error.withMessage("The embedded Kafka cannot move groups that had members");
    }
    throw hasMembers(group, await membersOf(context, group), error);
  }
}

function hasMembers(group: string, members: readonly string[], cause?: unknown): CommandError {
  const named = members.slice(0, MAX_NAMED).join(", ");
  const more = members.length > MAX_NAMED ? ` and ${members.length - MAX_NAMED} more` : "";
  const who = members.length === 0
    ? "the last ones are leaving"
    : `it has ${members.length}: ${named}`;
  const message = `Group '${shown(group)}' must have no members, ${who}${more}`;
  return new CommandError("ERR", message, { cause });
}

async function membersOf(context: Context, group: string): Promise<string[]> {
  const description = await adminOf(context).describeGroup(group);
  return description?.members.map(({ clientId, host }) => `${clientId} (${host})`) ?? [];
}

function membersHere(context: Context, group: string): string[] {
  const isLive = context.gateway.principals.open.some(({ groups }) =>
    groups.live.some(({ name }) => name === group)
  );
  return [
    ...(workersByGroup(context).get(group) ?? []).map(({ id, address }) => `${id} (${address})`),
    ...(isLive ? ["this gateway, for streams"] : []),
  ];
}
