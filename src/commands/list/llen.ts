/**
 * LLEN: how many messages a list has.
 *
 * @see https://redis.io/docs/latest/commands/llen/
 * @module
 */

import type { KeyUse } from "../../auth/selector.ts";
import { integer, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { useOf, usesGroup } from "../core/access.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { plainGroup } from "./list_source.ts";
import { findList } from "../core/own_lists.ts";
import { isInternalTopic, isTopicName } from "../../kafka/client/topic_name.ts";

const LLEN: Command = command({
  name: "LLEN",
  arity: 2,
  arguments: [arg.key("key")],
  summary:
    "Returns the lag of the group of a list, messages that are not acked; without a group the number of messages of " +
    "a topic, as XLEN. 0 for any other key",
  since: "0.7.0",
  group: "list",
  flags: ["readonly"],
  categories: ["consume"],
  access: {
    uses([key], context): readonly KeyUse[] {
      const { topicKeys } = context.gateway;
      const group = plainGroup(context, topicKeys.find(key!)?.rule);
      return [useOf(key!, "read", topicKeys), ...(group === undefined ? [] : [usesGroup(group)])];
    },
    dependsOn: 0,
  },
  async run(context, [argument]): Promise<Reply> {
    const { gateway, kafka } = context;
    const found = gateway.topicKeys.find(argument!);
    if (!found) return integer(findList(context, argument!)?.entries.length ?? 0);
    const { topic, key, rule } = found;
    const isHidden = isInternalTopic(topic) && !gateway.settings.internalTopics;
    if (key !== null || !isTopicName(topic) || isHidden) return integer(0);
    const group = plainGroup(context, rule);
    const lag = group === undefined ? undefined : await lagOf(context, group, topic);
    return integer(lag ?? (await kafka.streams.extent(topic))?.length ?? 0);
  },
});

/** LLEN */
export const listLengthCommands: readonly Command[] = [LLEN];

/** Messages that are not acked; undefined for a group that has popped nothing of the topic. */
async function lagOf(context: Context, name: string, topic: string): Promise<number | undefined> {
  const group = await context.kafka.groups.find(name, topic);
  if (!group) return undefined;
  const { lag } = await group.info();
  if (lag === undefined) throw new CommandError("ERR", `Kafka does not say the lag of ${name}`);
  return lag;
}
