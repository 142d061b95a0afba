/**
 * RAFKA GROUP LAG: how far behind a group is, whoever its members are.
 *
 * @module
 */

import type { GroupMember } from "../../kafka/client/group_descriptions.ts";
import { partitionName, type TopicPartition } from "../../kafka/client/topic_partitions.ts";
import { groupLag, type LagQuery, type PartitionLag } from "../../groups/group_lag.ts";
import { array, bulk, integer, NULL, record, type Reply } from "../../resp/reply.ts";
import { asksTopic, usesGroup } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import type { Context } from "../core/context.ts";
import { parseGroupName } from "../core/group_names.ts";
import { OptionCursor } from "../core/options.ts";
import { seesTopic, visibleTopics } from "../core/visibility.ts";
import { adminOf, bulkOrNull, noSuchGroup, shownTopicName, topicName } from "./admin_arguments.ts";

/** RAFKA GROUP LAG */
export const lagCommand: Command = command({
  name: "RAFKA GROUP LAG",
  arity: -4,
  arguments: [arg.string("group"), arg.string("topic", { optional: true })],
  summary:
    "Returns committed offset, end and lag of a group in each partition, whoever its members are",
  since: "0.8.0",
  group: "server",
  flags: ["readonly"],
  access: {
    uses: ([group, topic]) => [
      usesGroup(parseGroupName(group!)),
      ...(topic ? [asksTopic(topicName(topic))] : []),
    ],
  },
  async run(context, [name, ...rest]): Promise<Reply> {
    const group = parseGroupName(name!);
    const options = new OptionCursor(rest);
    const topic = options.more ? shownTopicName(context, options.value()) : undefined;
    options.end();
    const members = context.kafka.cluster.isEmbedded
      ? undefined
      : (await membersOf(context, group)).flatMap(assignedTo);
    const lags = await lagsOf(context, group, { topic, assigned: members ?? [] });
    const { user } = context.client;
    const clients = new Map(members?.map((member) => [partitionName(member), member.client]));
    return array(
      lags.filter(({ topic }) => seesTopic(user, topic))
        .map((lag) => lagReply(lag, clients.get(partitionName(lag)))),
    );
  },
});

/** A partition, and the `client.id` of the member that has it. */
interface AssignedPartition extends TopicPartition {
  readonly client: string;
}

async function membersOf(context: Context, group: string): Promise<readonly GroupMember[]> {
  const description = await adminOf(context).describeGroup(group);
  if (!description) throw noSuchGroup(group);
  return description.members;
}

function assignedTo({ clientId, partitions }: GroupMember): AssignedPartition[] {
  return partitions.map((partition) => ({ ...partition, client: clientId }));
}

async function lagsOf(
  context: Context,
  group: string,
  query: LagQuery,
): Promise<PartitionLag[]> {
  const admin = adminOf(context);
  if (query.topic !== undefined || !context.kafka.cluster.isEmbedded) {
    return await groupLag(admin, group, query);
  }
  // the embedded Kafka tells the offsets of one topic at a time
  const topics = await visibleTopics(context);
  return (await Promise.all(topics.map((topic) => groupLag(admin, group, { topic })))).flat();
}

function lagReply(
  { topic, partition, committed, acked, end, lag }: PartitionLag,
  client: string | undefined,
): Reply {
  return record({
    topic: bulk(topic),
    partition: integer(partition),
    committed: orNull(committed),
    acked: integer(acked),
    end: orNull(end),
    lag: orNull(lag),
    client: bulkOrNull(client),
  });
}

function orNull(value: bigint | undefined): Reply {
  return value === undefined ? NULL : integer(value);
}
