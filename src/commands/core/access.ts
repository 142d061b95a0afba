/**
 * What requests do with topics and groups, as the keys that rules of users name: `topics:<topic>`, `groups:<group>`.
 *
 * Most commands say it in their arguments: `arg.key("key", { access: "read" })`, `arg.group("group")`. One whose keys
 * have no fixed place says it with the parser that it runs with, so that what is checked is what is used:
 *
 * ```ts ignore
 * access: { uses: (args) => parseReadGroup(args).keys.map(readsTopic) }
 * ```
 *
 * @module
 */

import type { KeyUse } from "../../auth/selector.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type Argument, toText } from "./args.ts";
import { type ArgumentSpec, type CommandSyntax, fixedWords, type KeyAccess } from "./arguments.ts";
import type { Context } from "./context.ts";
import type { TopicKeys } from "./topic_keys.ts";

/** What requests of a command do with keys. */
export interface Access {
  /**
   * The keys of a request, and what is done with them.
   *
   * @throws {CommandError} when the request is wrong: it would fail anyway
   */
  readonly uses: (args: Request, context: Context) => readonly KeyUse[];
  /** Names of rights that a request takes beside the command's own. */
  readonly rights?: (args: Request) => readonly string[];
  /** The index of the argument that all depends on, up to the colon behind a topic: the answer is remembered for it. */
  readonly dependsOn?: number;
  /** Only requests with so many arguments depend on that one alone; any, without it. */
  readonly ofArguments?: number;
}

/** Of commands that do nothing with keys. */
export const NO_KEYS: Access = { uses: () => [] };

/**
 * The key that rules of users name: `topics:<topic>` for a key that stands for a topic, whatever that key is, so that
 * what is checked is what is used; any other argument is its own key.
 */
export function ruleKey(argument: Argument, keys: TopicKeys): string {
  const found = keys.find(argument);
  return found ? topicKey(found.topic) : toText(argument);
}

/** `topics:<topic>` */
export function topicKey(topic: string): string {
  return `topics:${topic}`;
}

/**
 * Messages of a topic are read. A regular expression, `^…`, is allowed to users who may read every topic: which topics
 * it finds, now and later, is known to Kafka's client alone.
 */
export function readsTopic(topic: string): KeyUse {
  if (topic.startsWith("^")) return { key: topicKey(""), read: true, write: false, isPrefix: true };
  return { key: topicKey(topic), read: true, write: false };
}

/** Messages are produced to a topic. */
export function writesTopic(topic: string): KeyUse {
  return { key: topicKey(topic), read: false, write: true };
}

/** A topic is asked about: any right to it will do. */
export function asksTopic(topic: string): KeyUse {
  return { key: topicKey(topic), read: false, write: false };
}

/** Messages are consumed as a group. */
export function usesGroup(group: string): KeyUse {
  return { key: `groups:${group}`, read: true, write: false };
}

/** What a consumer does. */
export function consumerUses(
  { topics, groupId }: { readonly topics: readonly string[]; readonly groupId: string },
): KeyUse[] {
  return [...topics.map(readsTopic), usesGroup(groupId)];
}

/** What is done with an argument. */
export function useOf(argument: Argument, access: KeyAccess, keys: TopicKeys): KeyUse {
  if (access === "group") return usesGroup(toText(argument));
  return { key: ruleKey(argument, keys), read: access === "read", write: access === "write" };
}

/**
 * What a command does with keys, from its arguments.
 *
 * @returns undefined when a key does not say it, or has no fixed place
 */
export function accessOf({ arguments: args = [] }: CommandSyntax): Access | undefined {
  const places: Place[] = [];
  let at: number | undefined = 0;
  for (const argument of args) {
    if (hasKeys(argument)) {
      const { access, type, multiple } = argument;
      const isAlone = type === "key" || access === "group";
      if (at === undefined || !isAlone || access === undefined || argument.optional) {
        return undefined;
      }
      places.push({ at, access, multiple: multiple ?? false });
    }
    const words: number | undefined = fixedWords(argument);
    at = at === undefined || words === undefined ? undefined : at + words;
  }
  return places.length === 0 ? NO_KEYS : accessAt(places);
}

/** Where a key is among the arguments; the last may be repeated. */
interface Place {
  readonly at: number;
  readonly access: KeyAccess;
  readonly multiple: boolean;
}

function accessAt(places: readonly Place[]): Access {
  const [first] = places;
  const isSingle = places.length === 1 && !first!.multiple && first!.access !== "group";
  return {
    uses: (args, { gateway: { topicKeys } }) =>
      places.flatMap(({ at, access, multiple }) =>
        args.slice(at, multiple ? undefined : at + 1)
          .map((argument) => useOf(argument, access, topicKeys))
      ),
    ...(isSingle && { dependsOn: first!.at }),
  };
}

function hasKeys({ type, access, arguments: parts = [] }: ArgumentSpec): boolean {
  return type === "key" || access !== undefined || parts.some(hasKeys);
}
