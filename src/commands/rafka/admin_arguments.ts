/**
 * What RAFKA's commands about Kafka share: names of topics and groups as arguments, numbers in bounds, the switch of
 * administration.
 *
 * @module
 */

import type { KeyUse } from "../../auth/selector.ts";
import type { Admin } from "../../kafka/client/admin.ts";
import { isInternalTopic, isTopicName, TOPIC_NAME_RULE } from "../../kafka/client/topic_name.ts";
import { bulk, NULL, type Reply } from "../../resp/reply.ts";
import { type Access, usesGroup } from "../core/access.ts";
import {
  type Argument,
  isTopicsKey,
  shown,
  shownStart,
  splitAtColon,
  toText,
} from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { parseGroupName } from "../core/group_names.ts";

/** A longer name is refused undecoded. */
const MAX_TOPIC_BYTES = 1_024;
const WHOLE_NUMBER = /^(0|[1-9]\d{0,18})$/;
const MAX_OFFSET = 2n ** 63n - 1n;

/** For Kafka. */
export function adminOf({ kafka }: Context): Admin {
  return kafka.cluster.admin;
}

/** What a command does with the topic that is its first argument, or the one at `index`. */
export function topicAccess(use: (topic: string) => KeyUse, index = 0): Access {
  return { uses: (args) => [use(topicName(args[index]!))] };
}

/** A command whose first argument is a group. */
export const GROUP_ACCESS: Access = { uses: ([group]) => [usesGroup(parseGroupName(group!))] };

/**
 * The topic that an argument names, with or without `topics:` before it.
 *
 * @throws {CommandError} ERR for what is no topic's name
 */
export function topicName(argument: Argument): string {
  const name = isTopicsKey(argument) ? splitAtColon(argument)[1]! : argument;
  const topic = name.byteLength > MAX_TOPIC_BYTES ? "" : toText(name);
  if (isTopicName(topic)) return topic;
  throw new CommandError(
    "ERR",
    `Invalid topic '${shownStart(name)}': allowed are ${TOPIC_NAME_RULE}`,
  );
}

/**
 * The same, of a topic that clients may use.
 *
 * @throws {CommandError} ERR for Kafka's own topics, too, where they are hidden
 */
export function shownTopicName({ gateway }: Context, argument: Argument): string {
  const topic = topicName(argument);
  if (!isInternalTopic(topic) || gateway.settings.internalTopics) return topic;
  throw new CommandError(
    "ERR",
    `${shown(topic)} is Kafka's own, server.internalTopics is false`,
  );
}

/**
 * Commands that change Kafka can be switched off.
 *
 * @throws {CommandError} ERR where they are
 */
export function requireAdministration({ gateway }: Context, name: string): void {
  if (gateway.settings.administration) return;
  throw new CommandError("ERR", `${name} is switched off: server.administration is false`);
}

/**
 * A whole number.
 *
 * @throws {CommandError} ERR with its name, what is allowed, and the argument
 */
export function parseBounded(
  argument: Argument,
  name: string,
  [least, most]: readonly [number, number],
): number {
  const value = parseWhole(argument);
  if (value !== undefined && value >= least && value <= most) return Number(value);
  throw new CommandError(
    "ERR",
    `${name} is a whole number from ${least} to ${most}, got '${shownStart(argument)}'`,
  );
}

/** A whole number from 0 to the largest of 64 bits with a sign; undefined for anything else. */
export function parseWhole(argument: Argument): bigint | undefined {
  const text = argument.byteLength > 19 ? "" : toText(argument);
  if (!WHOLE_NUMBER.test(text)) return undefined;
  const value = BigInt(text);
  return value > MAX_OFFSET ? undefined : value;
}

/** There is no such topic. */
export function noTopic(topic: string): CommandError {
  return new CommandError("ERR", `Topic '${topic}' does not exist`);
}

/** There is no such group. */
export function noSuchGroup(group: string): CommandError {
  return new CommandError("ERR", `Group '${shown(group)}' does not exist`);
}

/** Text, or null. */
export function bulkOrNull(text: string | undefined): Reply {
  return text === undefined ? NULL : bulk(text);
}
