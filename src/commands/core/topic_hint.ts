/**
 * Hints in the errors for a topic without its prefix `topics:`, a common first mistake.
 *
 * @module
 */

import { isTopicName } from "../../kafka/client/topic_name.ts";
import { NO_BYTES } from "../../resp/bytes.ts";
import { type Argument, isTopicsKey, shownStart, splitAtColon, toText } from "./args.ts";

/** A longer argument gets no hint. */
const MAX_BYTES = 1_024;
const OPENING_BRACE = 0x7b;

/** The right form of `<topic>[:<key>]`; undefined for an argument that does not resemble it. */
export function produceHint(argument: Argument): string | undefined {
  const meant = withoutPrefix(argument);
  const [topic] = splitAtColon(meant);
  return isOneTopic(topic) ? named(meant) : undefined;
}

/** The right form of `<t1>[,<t2>…][:<JSON>]`; undefined for an argument that does not resemble it. */
export function consumeHint(argument: Argument): string | undefined {
  const meant = withoutPrefix(argument);
  const [topics, json] = splitAtColon(meant);
  const isMeant = areTopics(topics) && (json === undefined || json[0] === OPENING_BRACE);
  return isMeant ? named(meant) : undefined;
}

/** The right form of several keys: one with all topics. */
export function oneKeyHint(keys: readonly Argument[]): string | undefined {
  const topics = keys.map((key) => isTopicsKey(key) ? splitAtColon(key)[1]! : key);
  if (!topics.every(areTopics)) return undefined;
  const list = topics.map(toText).join(",");
  return list.length > MAX_BYTES ? undefined : `one key names all topics, as 'topics:${list}'`;
}

/** Strips `topics:` in any case, `topic:` too. */
function withoutPrefix(argument: Argument): Argument {
  const [prefix, rest] = splitAtColon(argument);
  return /^topics?$/i.test(toText(prefix.subarray(0, 8))) ? rest ?? NO_BYTES : argument;
}

function isOneTopic(topic: Argument): boolean {
  return topic.byteLength <= MAX_BYTES && isTopicName(toText(topic));
}

function areTopics(list: Argument): boolean {
  return list.byteLength <= MAX_BYTES && toText(list).split(",").every(isTopicName);
}

function named(argument: Argument): string {
  return `the topic is named as 'topics:${shownStart(argument)}'`;
}
