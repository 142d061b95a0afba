/**
 * RAFKA GROUP LAG: how far behind a group is, whoever its members are.
 *
 * @module
 */

import { groupLag, type PartitionLag } from "../../groups/group_lag.ts";
import { array, bulk, integer, NULL, record, type Reply } from "../../resp/reply.ts";
import { asksTopic, usesGroup } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import type { Context } from "../core/context.ts";
import { parseGroupName } from "../core/group_names.ts";
import { OptionCursor } from "../core/options.ts";
import { seesTopic, visibleTopics } from "../core/visibility.ts";
import { adminOf, shownTopicName, topicName } from "./admin_arguments.ts";

/** RAFKA GROUP LAG */
export const lagCommand: Command = command({
  name: "RAFKA GROUP LAG",
  arity: -4,
  arguments: [arg.string("group"), arg.string("topic", { optional: true })],
  summary:
    "Returns committed offset, end and lag of a group in each partition that it has committed for",
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
    const lags = await lagsOf(context, group, topic);
    const { user } = context.client;
    return array(lags.filter(({ topic }) => seesTopic(user, topic)).map(lagReply));
  },
});

async function lagsOf(
  context: Context,
  group: string,
  topic: string | undefined,
): Promise<PartitionLag[]> {
  const admin = adminOf(context);
  if (topic !== undefined || !context.kafka.cluster.isEmbedded) {
    return await groupLag(admin, group, topic);
  }
  // the embedded Kafka tells the offsets of one topic at a time
  const topics = await visibleTopics(context);
  return (await Promise.all(topics.map((one) => groupLag(admin, group, one)))).flat();
}

function lagReply({ topic, partition, committed, acked, end, lag }: PartitionLag): Reply {
  return record({
    topic: bulk(topic),
    partition: integer(partition),
    committed: integer(committed),
    acked: integer(acked),
    end: end === undefined ? NULL : integer(end),
    lag: lag === undefined ? NULL : integer(lag),
  });
}
