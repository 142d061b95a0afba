/**
 * The keys of streams: `topics:<topic>`, `topic:<topic>`, and in XADD with a message key behind it. Anything else is
 * refused with a hint, since Redis' answer for a key that does not exist would hide the mistake.
 *
 * @module
 */

import type { ServerSettings } from "../../config/schema.ts";
import { isInternalTopic, isTopicName, TOPIC_NAME_RULE } from "../../kafka/client/topic_name.ts";
import { NO_BYTES } from "../../resp/bytes.ts";
import {
  type Argument,
  isTopicsPrefix,
  shown,
  shownStart,
  splitAtColon,
  toText,
} from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { ProduceTarget } from "../core/memo.ts";
import { produceHint } from "../core/topic_hint.ts";

/** What a key depends on. */
export interface StreamKeyContext {
  /** The gateway. */
  readonly gateway: { readonly settings: Pick<ServerSettings, "internalTopics"> };
}

/** A longer name is refused undecoded. */
const MAX_TOPIC_BYTES = 1_024;

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
  const [prefix, rest] = splitAtColon(argument);
  if (rest === undefined || !isTopicsPrefix(prefix)) {
    throw refused(argument, produceHint(argument) ?? "a stream is named as 'topics:<topic>'");
  }
  const [name, key] = splitAtColon(rest);
  const topic = toText(name.byteLength > MAX_TOPIC_BYTES ? NO_BYTES : name);
  if (!isTopicName(topic)) throw refused(argument, `allowed in a topic are ${TOPIC_NAME_RULE}`);
  if (isInternalTopic(topic) && !gateway.settings.internalTopics) {
    throw refused(argument, `${shown(topic)} is Kafka's own, server.internalTopics is false`);
  }
  return { topic, key: key ?? null };
}

function refused(argument: Argument, why: string): CommandError {
  return new CommandError("ERR", `Cannot parse a stream from '${shownStart(argument)}': ${why}`);
}
