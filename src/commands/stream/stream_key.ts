/**
 * The keys of streams: `topics:<topic>`, `topic:<topic>`, and in XADD with a message key behind it. Anything else is
 * refused with a hint, unless a rule makes a topic of it, since Redis' answer for a key that does not exist would hide the mistake.
 *
 * @module
 */

import type { ServerSettings } from "../../config/schema.ts";
import { isInternalTopic, isTopicName, TOPIC_NAME_RULE } from "../../kafka/client/topic_name.ts";
import { type Argument, shown, shownStart } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { ProduceTarget } from "../core/memo.ts";
import { produceHint } from "../core/topic_hint.ts";
import type { TopicKeys } from "../core/topic_keys.ts";

/** What a key depends on. */
export interface StreamKeyContext {
  /** The gateway. */
  readonly gateway: {
    readonly settings: Pick<ServerSettings, "internalTopics">;
    readonly topicKeys: TopicKeys;
  };
}

/**
 * The topic that a key names.
 *
 * @throws {CommandError} ERR for anything but `topics:<topic>`, and for Kafka's own topics where they are hidden
 */
export function streamTopic(context: StreamKeyContext, argument: Argument): string {
  const { topic, key } = streamTarget(context, argument);
  if (key !== null) throw refused(argument, "only XADD takes a message key behind the topic");
  return topic;
}

/**
 * The topic and the message key that a key of XADD names; a message key may hold any bytes, `:` too.
 *
 * @throws {CommandError} ERR for anything but `topics:<topic>[:<key>]`, and for Kafka's own topics where they are hidden
 */
export function streamTarget({ gateway }: StreamKeyContext, argument: Argument): ProduceTarget {
  const target = gateway.topicKeys.find(argument);
  if (!target) {
    throw refused(argument, produceHint(argument) ?? "a stream is named as 'topics:<topic>'");
  }
  const { topic, rule } = target;
  if (!isTopicName(topic)) {
    const made = rule ? `it becomes '${shown(topic)}', ` : "";
    throw refused(argument, `${made}allowed in a topic are ${TOPIC_NAME_RULE}`);
  }
  if (isInternalTopic(topic) && !gateway.settings.internalTopics) {
    throw refused(argument, `${shown(topic)} is Kafka's own, server.internalTopics is false`);
  }
  return target;
}

function refused(argument: Argument, why: string): CommandError {
  return new CommandError("ERR", `Cannot parse a stream from '${shownStart(argument)}': ${why}`);
}
