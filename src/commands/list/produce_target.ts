/**
 * The topic and the key that a message is produced to: `topics:<topic>[:<key>]`, or a key that a rule makes a topic.
 * Parsed for each message, and mostly the topic is that of the message before.
 *
 * @module
 */

import type { ServerSettings } from "../../config/schema.ts";
import { isInternalTopic, isTopicName, TOPIC_NAME_RULE } from "../../kafka/client/topic_name.ts";
import { type Argument, isTopicsKey, shown } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { OwnClient } from "../core/context.ts";
import type { ProduceTarget } from "../core/memo.ts";
import { produceHint } from "../core/topic_hint.ts";
import type { TopicKeys } from "../core/topic_keys.ts";

/** What a target depends on. */
export interface ProduceContext {
  /** The connection. */
  readonly client: Pick<OwnClient, "memo">;
  /** The gateway. */
  readonly gateway: {
    readonly settings: Pick<ServerSettings, "internalTopics">;
    readonly topicKeys: TopicKeys;
  };
}

/**
 * Parses `topics:<topic>[:<key>]`; the key may hold anything, `:` too.
 *
 * @throws {CommandError} PROD
 */
export function produceTarget(
  { client, gateway }: ProduceContext,
  argument: Argument,
): ProduceTarget {
  const known = client.memo.target(argument);
  if (known) return known;
  const target = parseTarget(gateway.topicKeys, argument);
  if (isInternalTopic(target.topic) && !gateway.settings.internalTopics) {
    throw internal(target.topic);
  }
  client.memo.keepTarget(argument, target);
  return target;
}

function parseTarget(keys: TopicKeys, argument: Argument): ProduceTarget {
  const target = keys.find(argument);
  if (!target || target.topic === "" && !target.rule) {
    const hint = isTopicsKey(argument) ? undefined : produceHint(argument);
    throw new CommandError(
      "PROD",
      "First argument must be in the form of 'topics:<topic>' or 'topics:<topic>:<key>'" +
        (hint === undefined ? "" : `: ${hint}`),
    );
  }
  if (isTopicName(target.topic)) return target;
  throw new CommandError(
    "PROD",
    `Invalid topic '${shown(target.topic)}': allowed are ${TOPIC_NAME_RULE}`,
  );
}

function internal(topic: string): CommandError {
  return new CommandError(
    "PROD",
    `Not to ${topic}: topics that begin with __ are Kafka's own, server.internalTopics is false`,
  );
}
