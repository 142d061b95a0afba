/**
 * What a channel is: a topic, or a channel in the memory of this gateway; and the rights that it takes. A user needs its
 * channel by the rules of Redis, `&<pattern>`, and the topic beside that if it is one.
 *
 * @module
 */

import type { KeyUse } from "../../auth/selector.ts";
import type { ServerSettings } from "../../config/schema.ts";
import { isInternalTopic, isTopicName, TOPIC_NAME_RULE } from "../../kafka/client/topic_name.ts";
import type { ChannelKind } from "../../pubsub/channel.ts";
import type { FeedTopics } from "../../pubsub/topic_feeds.ts";
import { readsTopic, topicKey, writesTopic } from "./access.ts";
import { type Argument, shown, shownStart, splitAtColon, toText } from "./args.ts";
import { CommandError } from "./command_error.ts";
import type { ProduceTarget } from "./memo.ts";
import type { TopicKeys } from "./topic_keys.ts";

/** What channels depend on. */
export interface ChannelContext {
  /** The gateway. */
  readonly gateway: {
    readonly settings: Pick<ServerSettings, "internalTopics">;
    readonly topicKeys: TopicKeys;
  };
}

/** The command that subscribes to each kind, as rules of users name it. */
export const SUBSCRIBE_RIGHTS: Readonly<Record<ChannelKind, string>> = {
  channel: "subscribe",
  pattern: "psubscribe",
  shard: "ssubscribe",
};

/** What begins a part of a pattern that is not literal. */
const WILDCARD = /[*?[\\]/;
/** The keys of all topics, `topics:`. */
const ALL_TOPICS = topicKey("");

/**
 * The topics that a channel or a pattern stands for; undefined for one in memory. A pattern stands for topics where it
 * begins with `topics:`, or is the key of a topic to the letter.
 *
 * @throws {CommandError} ERR for one that would be a topic, and cannot be
 */
export function topicsOf(
  context: ChannelContext,
  kind: ChannelKind,
  name: Argument,
): FeedTopics | undefined {
  const text = kind === "pattern" ? toText(name) : "";
  if (WILDCARD.test(text)) {
    return text.startsWith(ALL_TOPICS) ? { glob: text.slice(ALL_TOPICS.length) } : undefined;
  }
  const target = publishTarget(context, name);
  if (!target) return undefined;
  if (target.key === null) return { topic: target.topic };
  throw refused(name, "only PUBLISH takes a message key behind the topic");
}

/**
 * Where a message to a channel goes; undefined for a channel in memory.
 *
 * @throws {CommandError} ERR for a channel that would be a topic, and cannot be
 */
export function publishTarget(
  { gateway: { topicKeys, settings } }: ChannelContext,
  name: Argument,
): ProduceTarget | undefined {
  const target = topicKeys.find(name);
  if (!target) return undefined;
  const { topic } = target;
  if (!isTopicName(topic)) {
    throw refused(name, `'${shown(topic)}' is no topic, allowed in one are ${TOPIC_NAME_RULE}`);
  }
  if (isInternalTopic(topic) && !settings.internalTopics) {
    throw refused(name, `${shown(topic)} is Kafka's own, server.internalTopics is false`);
  }
  return target;
}

/** What a subscription does. */
export function subscribeUses(
  kind: ChannelKind,
  name: Argument,
  keys: TopicKeys,
): readonly KeyUse[] {
  const text = toText(name);
  const isPattern = kind === "pattern";
  const channel = channelUse(text, isPattern);
  if (isPattern && WILDCARD.test(text)) {
    if (!text.startsWith(ALL_TOPICS)) return [channel];
    const literal = text.slice(0, text.search(WILDCARD));
    return [channel, { key: literal, read: true, write: false, isPrefix: true }];
  }
  const target = keys.find(name);
  return target ? [channel, readsTopic(target.topic)] : [channel];
}

/** What publishing a message does. */
export function publishUses(name: Argument, keys: TopicKeys): readonly KeyUse[] {
  const target = keys.find(name);
  if (!target) return [channelUse(toText(name), false)];
  // the key of a message is no part of the channel
  const channel = target.key === null ? toText(name) : withoutKey(name);
  return [channelUse(channel, false), writesTopic(target.topic)];
}

function withoutKey(name: Argument): string {
  const [prefix, rest] = splitAtColon(name);
  return `${toText(prefix)}:${toText(splitAtColon(rest!)[0])}`;
}

function channelUse(name: string, isPattern: boolean): KeyUse {
  return { key: name, read: false, write: false, channel: isPattern ? "pattern" : "name" };
}

function refused(name: Argument, why: string): CommandError {
  return new CommandError("ERR", `Cannot use channel '${shownStart(name)}': ${why}`);
}
