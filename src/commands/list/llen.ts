/**
 * LLEN: the number of messages of a topic.
 *
 * @see https://redis.io/docs/latest/commands/llen/
 * @module
 */

import { integer, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { isInternalTopic, isTopicName } from "../../kafka/client/topic_name.ts";

const LLEN: Command = command({
  name: "LLEN",
  arity: 2,
  arguments: [arg.key("key", { access: "read" })],
  summary: "Returns the number of messages of a topic, as XLEN, 0 for any other key",
  since: "0.7.0",
  group: "list",
  flags: ["readonly"],
  categories: ["consume"],
  async run({ gateway, kafka }, [argument]): Promise<Reply> {
    const { topic, key } = gateway.topicKeys.find(argument!) ?? { topic: "", key: null };
    const isHidden = isInternalTopic(topic) && !gateway.settings.internalTopics;
    if (key !== null || !isTopicName(topic) || isHidden) return integer(0);
    const extent = await kafka.streams.extent(topic);
    return integer(extent?.length ?? 0);
  },
});

/** LLEN */
export const listLengthCommands: readonly Command[] = [LLEN];
