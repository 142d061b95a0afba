/**
 * What a connection without a name `<group>:<name>` pops: a key stands for a topic, and is popped as a group that the
 * configuration names.
 *
 * @module
 */

import type { KeyUse } from "../../auth/selector.ts";
import type { KeyRule } from "../../config/keys_section.ts";
import { isInternalTopic, isTopicName } from "../../kafka/client/topic_name.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type Access, readsTopic, useOf, usesGroup } from "../core/access.ts";
import { type Argument, shown, shownStart } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { consumeHint } from "../core/topic_hint.ts";

/** A topic that is popped as a group. */
export interface ListSource {
  /** Name of the topic. */
  readonly topic: string;
  /** Kafka's group.id. */
  readonly group: string;
}

/** What the group of a pop depends on. */
export type ListContext = Pick<Context, "client" | "gateway">;

/**
 * The group as which the connection pops a key: that of the rule that has made it a topic, else of the user, else of the
 * gateway.
 *
 * @returns undefined for a connection with an identity, and where none is configured
 */
export function plainGroup(
  { client: { identity, user }, gateway: { settings: { lists } } }: ListContext,
  rule: KeyRule | undefined,
): string | undefined {
  if (identity) return undefined;
  if (rule?.group !== undefined) return rule.group;
  const { group, userGroups } = lists;
  return Object.hasOwn(userGroups, user.name) ? userGroups[user.name] : group ?? undefined;
}

/** Whether there are keys that the connection pops in Redis' shapes. */
export function hasPlainLists(context: ListContext): boolean {
  return plainGroup(context, undefined) !== undefined ||
    !context.client.identity && context.gateway.topicKeys.hasGroups;
}

/** Whether the connection pops some of these keys in Redis' shapes; else it takes a name first. */
export function popsPlainly(context: ListContext, keys: readonly Argument[]): boolean {
  if (context.client.identity) return false; // finding a key takes a sixth of the time of a pipelined BLPOP
  const { topicKeys } = context.gateway;
  return keys.some((key) => plainGroup(context, topicKeys.find(key)?.rule) !== undefined);
}

/**
 * The topic that a key stands for, and its group.
 *
 * @returns undefined for a key that stands for no topic
 * @throws {CommandError} CONS for what is no whole topic, and for one without a group
 */
export function listSource(context: ListContext, key: Argument): ListSource | undefined {
  const { settings, topicKeys } = context.gateway;
  const found = topicKeys.find(key);
  if (!found) return undefined;
  const { topic, rule } = found;
  if (found.key !== null) throw noList(key, "only a message that is pushed has a key behind it");
  if (!isTopicName(topic)) throw noList(key);
  if (isInternalTopic(topic) && !settings.internalTopics) {
    throw noList(key, `${shown(topic)} is Kafka's own, server.internalTopics is false`);
  }
  const group = plainGroup(context, rule);
  if (group === undefined) throw noIdentity(context);
  return { topic, group };
}

/**
 * The topics that keys stand for, with the place of their key; those that stand for none are left out, as keys that do
 * not exist.
 *
 * @throws {CommandError} CONS when none stands for a topic
 */
export function listSources(
  context: ListContext,
  keys: readonly Argument[],
): (ListSource & { readonly at: number })[] {
  const sources = keys.flatMap((key, at) => {
    const source = listSource(context, key);
    return source ? [{ ...source, at }] : [];
  });
  if (sources.length === 0) throw noList(keys[0]!, consumeHint(keys[0]!));
  return sources;
}

/**
 * Messages of the topics are read, as their groups; keys that stand for no topic are read as they are. What a list of
 * the gateway has of topics is checked where it is read, see `requireList`.
 */
export function popUses(context: ListContext, keys: readonly Argument[]): KeyUse[] {
  return keys.flatMap((key) => {
    const source = listSource(context, key);
    if (!source) return useOf(key, "read", context.gateway.topicKeys);
    return [readsTopic(source.topic), usesGroup(source.group)];
  });
}

/** The same of a command whose keys are these. */
export function pops(keysOf: (args: Request) => readonly Argument[]): Access {
  return { uses: (args, context) => popUses(context, keysOf(args)) };
}

/** The error for a connection without a group. */
export function noIdentity({ client: { name, identity } }: ListContext): CommandError {
  if (identity) {
    return new CommandError(
      "CONS",
      `this is for connections without a name <group.id>:<name>, this one is '${name}': BLPOP, LMPOP and BLMPOP are for both`,
    );
  }
  if (name === undefined) {
    return new CommandError(
      "CONS",
      "Connection not ready. Identify yourself using `CLIENT SETNAME` first",
    );
  }
  return new CommandError(
    "CONS",
    `Cannot parse group.id: the name must be <group.id>:<name>, got '${name}'`,
  );
}

/** The error for a key that is no list. */
export function noList(key: Argument, why?: string): CommandError {
  const reason = why === undefined ? "" : `: ${why}`;
  return new CommandError("CONS", `Cannot parse topics from \`${shownStart(key)}\`${reason}`);
}
