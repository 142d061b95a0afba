/**
 * The group that a command names by a key and a name: at once where it is in use here, else when Kafka has told.
 *
 * @module
 */

import type { StreamGroup } from "../../groups/stream_group.ts";
import type { Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type Argument, shownStart } from "../core/args.ts";
import { CommandError, ServerShutdown } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { seesGroup } from "../core/visibility.ts";
import { parseGroupName } from "../core/group_names.ts";
import { streamTopic } from "./stream_key.ts";

/**
 * The group, if it is in use here.
 *
 * @throws {CommandError} ERR for what is no key of a stream, or no name of a group
 */
export function knownGroup(
  context: Context,
  key: Argument,
  name: Argument,
): StreamGroup | undefined {
  const { kafka: { groups }, client: { memo } } = context;
  const topic = memo.streamTopic.text(key, (argument) => streamTopic(context, argument));
  return groups.known(memo.groupName.text(name, parseGroupName), topic);
}

/**
 * The group, which the gateway does not join for it: one that only looks at a group must not take partitions from those
 * that read them. undefined where there is no such topic, or the group has no offsets of it.
 *
 * @throws {CommandError} ERR for what is no key of a stream, or no name of a group
 * @throws {KafkaError} when Kafka does not answer
 */
export async function findGroup(
  context: Context,
  key: Argument,
  name: Argument,
): Promise<StreamGroup | undefined> {
  return await context.kafka.groups.find(parseGroupName(name), streamTopic(context, key));
}

/**
 * The group, which the gateway joins for it; undefined where there is no such topic, or the group has no offsets of it.
 *
 * @throws {CommandError} ERR for what is no key of a stream, or no name of a group
 * @throws {ServerShutdown} when the gateway shuts down
 * @throws {KafkaError} when Kafka does not answer
 */
export async function openGroup(
  context: Context,
  key: Argument,
  name: Argument,
): Promise<StreamGroup | undefined> {
  const { gateway: { shuttingDown, settings }, kafka: { groups } } = context;
  const [groupName, topic] = [parseGroupName(name), streamTopic(context, key)];
  if (shuttingDown) throw new ServerShutdown(settings.flushTimeoutMs);
  return await groups.open(groupName, topic);
}

/** The groups of a topic that the asking connection is shown, in the order of their names; undefined without a topic. */
export async function visibleGroups(
  { client: { user }, kafka }: Context,
  topic: string,
): Promise<StreamGroup[] | undefined> {
  const groups = await kafka.groups.ofTopic(topic);
  return groups?.filter(({ name }) => seesGroup(user, name));
}

/**
 * What is said of each group. One that has ended here while Kafka was asked is looked for again: it is left out if it was
 * destroyed.
 */
export async function describeEach<T>(
  context: Context,
  groups: readonly StreamGroup[],
  describe: (group: StreamGroup) => Promise<T>,
): Promise<T[]> {
  const described = await Promise.all(groups.map((group) => describeOne(context, group, describe)));
  return described.filter((one) => one !== undefined);
}

async function describeOne<T>(
  context: Context,
  group: StreamGroup,
  describe: (group: StreamGroup) => Promise<T>,
): Promise<T | undefined> {
  const described = await describe(group).catch((error) => {
    if (!group.ended) throw error;
  });
  if (!group.ended) return described as T;
  const other = await context.kafka.groups.find(group.name, group.topic);
  return other && describeOne(context, other, describe);
}

/**
 * Runs a command whose first two arguments are the key and the group, which is not joined for it.
 *
 * @param run gets the arguments anew: they are views that an `await` ends
 * @throws {CommandError} NOGROUP where there is no such topic or group
 */
export function withGroup(
  context: Context,
  args: Request,
  run: (group: StreamGroup, args: Request) => Reply | Promise<Reply>,
): Reply | Promise<Reply> {
  const known = knownGroup(context, args[0]!, args[1]!);
  if (known) return run(known, args);
  return findAndRun(context, args.map((argument) => argument.slice()), run);
}

async function findAndRun(
  context: Context,
  args: Request,
  run: (group: StreamGroup, args: Request) => Reply | Promise<Reply>,
): Promise<Reply> {
  const [key, name] = args;
  const group = await findGroup(context, key!, name!);
  if (!group) throw noGroup(key!, name!);
  return await run(group, args);
}

/**
 * Redis' error for a missing group or topic.
 *
 * @param where what it has at its end
 */
export function noGroup(key: Argument, name: Argument, where: string = ""): CommandError {
  return new CommandError(
    "NOGROUP",
    `No such key '${shownStart(key)}' or consumer group '${shownStart(name)}'${where}`,
  );
}

/** Redis' error for a missing group of a topic that there is. */
export function noGroupOfKey(key: Argument, name: Argument): CommandError {
  return new CommandError(
    "NOGROUP",
    `No such consumer group '${shownStart(name)}' for key name '${shownStart(key)}'`,
  );
}
