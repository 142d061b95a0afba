/**
 * What a BLPOP consumes, and how: `topics:a,b:{json}`. Errors are the texts that clients rely on.
 *
 * @module
 */

import { isInternalTopic, isTopicName } from "../../kafka/client/topic_name.ts";
import { type Argument, shown, shownStart, splitAtColon, toText } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { ServerSettings } from "../../config/schema.ts";
import { NO_BYTES } from "../../resp/bytes.ts";
import { consumeHint } from "../core/topic_hint.ts";
import { ONLY_TOPICS, type TopicKeys } from "../core/topic_keys.ts";
import { whyRefused } from "./topic_pattern.ts";

/** What is consumed, and how. */
export interface ConsumeTarget {
  /** In the order given, each once. */
  readonly topics: readonly string[];
  /** The JSON behind the topics, as it came; "" for none. */
  readonly settingsJson: string;
}

/** Topics of one consumer. */
const MAX_TOPICS = 1_000;
/** Their names, each with a comma. */
const MAX_TOPICS_BYTES = MAX_TOPICS * 250;
/** All settings that there are fit in. */
const MAX_SETTINGS_BYTES = 64 * 1024;

/**
 * `topics:<t1>[,<t2>…][:<JSON>]`, or a key that a rule makes a topic. A topic of the former that begins with `^` is a
 * regular expression of librdkafka.
 *
 * @throws {CommandError} CONS
 */
export function parseConsumeTarget(
  argument: Argument,
  { internalTopics }: Pick<ServerSettings, "internalTopics"> = { internalTopics: false },
  keys: TopicKeys = ONLY_TOPICS,
): ConsumeTarget {
  const refuse = (why?: string): CommandError => {
    const reason = why === undefined ? "" : `: ${why}`;
    return new CommandError(
      "CONS",
      `Cannot parse topics from \`${shownStart(argument)}\`${reason}`,
    );
  };
  const found = keys.find(argument);
  if (!found) throw refuse(consumeHint(argument));
  // a rule makes one topic, whatever is in the key: neither a list nor a regular expression
  const [list, json] = found.rule ? [NO_BYTES] : splitAtColon(splitAtColon(argument)[1]!);
  if (list.byteLength > MAX_TOPICS_BYTES) {
    throw refuse(`they have ${list.byteLength} bytes, at most ${MAX_TOPICS_BYTES} are allowed`);
  }
  const topics = found.rule ? [found.topic] : toText(list).split(",");
  const patterns = found.rule ? [] : topics.filter(isPattern);
  const names = topics.filter((topic) => !patterns.includes(topic));
  if (topics.length > MAX_TOPICS || !names.every(isTopicName)) throw refuse();
  const why = whyRefused(patterns);
  if (why !== undefined) throw refuse(why);
  const internal = internalTopics ? undefined : topics.find(isInternalTopic);
  if (internal !== undefined) {
    throw refuse(`${shown(internal)} is Kafka's own, server.internalTopics is false`);
  }
  return { topics: [...new Set(topics)], settingsJson: json ? settingsText(json) : "" };
}

function settingsText(json: Argument): string {
  if (json.byteLength <= MAX_SETTINGS_BYTES) return toText(json);
  const why = `it has ${json.byteLength} bytes, at most ${MAX_SETTINGS_BYTES} are allowed`;
  throw new CommandError(
    "CONS",
    `Error parsing configuration from '${shownStart(json)}'; ${why}`,
  );
}

function isPattern(topic: string): boolean {
  return topic.startsWith("^");
}
