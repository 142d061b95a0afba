/**
 * The topics of the cluster as Redis' keys: `topics:<topic>`, each a list, and the keys that rules make topics of.
 *
 * @see https://redis.io/docs/latest/commands/?group=generic
 * @module
 */

import { array, bulk, integer, NULL, type Reply, simple } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parseCursor, splitAtColon, toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { matchesGlob, parseGlob } from "../core/glob.ts";
import { findList } from "../core/own_lists.ts";
import { OptionCursor } from "../core/options.ts";
import { visibleTopics } from "../core/visibility.ts";
import { consumeHint } from "../core/topic_hint.ts";

const TOPICS = "topics:";
/** The type of a topic in Redis' terms. */
const TOPIC_TYPE = "list";
/** As in Redis. */
const DEFAULT_SCAN_COUNT = 10;

const KEYS: Command = command({
  name: "KEYS",
  arity: 2,
  arguments: [arg.pattern("topics:[<glob>]")],
  summary: "Returns the topics of the cluster, all or those that match; any other glob works too",
  since: "0.1.0",
  group: "generic",
  flags: ["readonly"],
  categories: ["dangerous"],
  async run(context, args): Promise<Reply> {
    const pattern = parseGlob(args[0]!);
    if (!pattern.startsWith(TOPICS) && !/[*?[\\]/.test(pattern)) {
      const hint = consumeHint(args[0]!);
      throw new CommandError(
        "ERR",
        `Expected argument to be 'topics:', got ${pattern}${hint === undefined ? "" : `: ${hint}`}`,
      );
    }
    const glob = pattern === TOPICS ? `${TOPICS}*` : pattern;
    const keys = await keysOfTopics(context);
    return array(keys.filter(({ name }) => matchesGlob(glob, name)).map(({ name }) => bulk(name)));
  },
});

const SCAN: Command = command({
  name: "SCAN",
  arity: -2,
  arguments: [
    arg.integer("cursor"),
    arg.pattern("pattern", { token: "MATCH", optional: true }),
    arg.integer("count", { token: "COUNT", optional: true }),
    arg.string("type", { token: "TYPE", optional: true }),
  ],
  summary: "Iterates over the topics of the cluster",
  since: "0.2.0",
  group: "generic",
  flags: ["readonly"],
  async run(context, args): Promise<Reply> {
    const cursor = Number(parseCursor(args[0]!)); // one beyond every hash is behind the last key
    const { pattern, count, type } = parseScanOptions(args.slice(1));
    const keys = new Map((await keysOfTopics(context)).map((key) => [key.name, key.type]));
    const page = scan([...keys.keys()], cursor, count);
    const isWanted = (key: string): boolean =>
      (type === undefined || keys.get(key) === type) && matchesGlob(pattern, key);
    return array([bulk(String(page.next)), array(page.keys.filter(isWanted).map(bulk))]);
  },
});

const DBSIZE: Command = command({
  name: "DBSIZE",
  arity: 1,
  summary: "Returns the number of topics in the cluster",
  since: "0.2.0",
  group: "server",
  flags: ["readonly"],
  categories: ["keyspace"],
  run: async (context) => integer((await visibleTopics(context)).length),
});

const EXISTS: Command = command({
  name: "EXISTS",
  arity: -2,
  arguments: [arg.key("key", { access: "ask", multiple: true })],
  summary:
    "Returns how many of the keys are topics, as `topics:<topic>`, lists of this gateway, or locks",
  since: "0.2.0",
  group: "generic",
  flags: ["readonly"],
  async run(context, args): Promise<Reply> {
    const asked = args.map((key) => namedTopic(context, key)).filter((topic) =>
      topic !== undefined
    );
    const own = args.filter((key) => context.gateway.locks.tokenOf(key) ?? findList(context, key));
    const topics = new Set(asked.length > 0 ? await visibleTopics(context) : []);
    return integer(own.length + asked.filter((topic) => topics.has(topic)).length);
  },
});

const TYPE: Command = command({
  name: "TYPE",
  arity: 2,
  arguments: [arg.key("key", { access: "ask" })],
  summary:
    "Returns `list` for a topic, as `topics:<topic>`, or a list of this gateway, `string` for a lock, else `none`",
  since: "0.2.0",
  group: "generic",
  flags: ["readonly"],
  async run(context, args): Promise<Reply> {
    if (context.gateway.locks.tokenOf(args[0]!)) return simple("string");
    if (findList(context, args[0]!)) return simple(TOPIC_TYPE);
    const type = context.gateway.topicKeys.find(args[0]!)?.rule?.type ?? TOPIC_TYPE;
    return simple(await isTopic(context, args[0]!) ? type : "none");
  },
});

const GET: Command = command({
  name: "GET",
  arity: 2,
  arguments: [arg.key("key", { access: "ask" })],
  summary: "Returns the token of a lock, else null; for a topic Redis' error",
  since: "0.2.0",
  group: "string",
  flags: ["readonly"],
  async run(context, args): Promise<Reply> {
    const token = context.gateway.locks.tokenOf(args[0]!);
    if (token !== undefined) return bulk(token);
    if (!await isTopic(context, args[0]!)) return NULL;
    throw new CommandError(
      "WRONGTYPE",
      "Operation against a key holding the wrong kind of value",
    );
  },
});

/** TTL, or PTTL. */
function timeToLive(name: string, unitMs: number): Command {
  return command({
    name,
    arity: 2,
    arguments: [arg.key("key", { access: "ask" })],
    summary: "Returns when a lock expires; -1 for a topic, which never does, -2 for anything else",
    since: "0.5.0",
    group: "generic",
    flags: ["readonly"],
    async run(context, args): Promise<Reply> {
      const leftMs = context.gateway.locks.leftMs(args[0]!);
      if (leftMs === undefined) return integer(await isTopic(context, args[0]!) ? -1 : -2);
      return integer(leftMs === Infinity ? -1 : Math.round(leftMs / unitMs));
    },
  });
}

/** KEYS, SCAN, DBSIZE, EXISTS, TYPE, GET, TTL, PTTL */
export const keyspaceCommands: readonly Command[] = [
  KEYS,
  SCAN,
  DBSIZE,
  EXISTS,
  TYPE,
  GET,
  timeToLive("TTL", 1_000),
  timeToLive("PTTL", 1),
];

/** A key of the keyspace, and its type. */
interface KeyOfTopic {
  readonly name: string;
  readonly type: string;
}

/** The topics, and the keys that rules make them of. */
async function keysOfTopics(context: Context): Promise<KeyOfTopic[]> {
  const topics = await visibleTopics(context);
  const { topicKeys } = context.gateway;
  const byPrefix = topics.map((topic) => ({ name: TOPICS + topic, type: TOPIC_TYPE }));
  const byRule = topics.flatMap((topic) => topicKeys.aliasesOf(topic))
    .map(({ key, rule }) => ({ name: key, type: rule.type }));
  return [...byPrefix, ...byRule];
}

/** Whether an argument is the key of an existing topic; asks Kafka only for the key of some topic. */
export async function isTopic(context: Context, argument: Argument): Promise<boolean> {
  const topic = namedTopic(context, argument);
  return topic !== undefined && (await visibleTopics(context)).includes(topic);
}

/** The topic that the key stands for; `topic:<topic>` is none of the keys that KEYS returns. */
function namedTopic({ gateway: { topicKeys } }: Context, argument: Argument): string | undefined {
  const { topic, key, rule } = topicKeys.find(argument) ?? {};
  if (key !== null || !rule && !isListed(argument)) return undefined;
  return topic;
}

/** `topics:…` */
function isListed(argument: Argument): boolean {
  return splitAtColon(argument)[0].byteLength === TOPICS.length - 1;
}

interface ScanOptions {
  readonly pattern: string;
  readonly count: number;
  /** undefined for any. */
  readonly type: string | undefined;
}

function parseScanOptions(args: Request): ScanOptions {
  let [pattern, count] = ["*", DEFAULT_SCAN_COUNT];
  let type: string | undefined;
  const options = new OptionCursor(args);
  while (options.more) {
    if (options.take("MATCH", 1)) pattern = parseGlob(options.value());
    else if (options.take("TYPE", 1)) type = toText(options.value()).toLowerCase();
    else if (options.take("COUNT", 1)) {
      count = options.integer();
      if (count < 1) throw syntaxError();
    } else throw syntaxError();
  }
  return { pattern, count, type };
}

/** A page of SCAN. */
export interface Page {
  /** In no particular order. */
  readonly keys: readonly string[];
  /** The next cursor, 0 at the end. */
  readonly next: number;
}

/**
 * About `count` keys from `cursor` on: those with the same hash stay together. The cursor is the hash to continue from,
 * so nothing is kept between two calls, and a key that exists throughout is always shown.
 */
export function scan(keys: readonly string[], cursor: number, count: number): Page {
  const left = keys.map((key) => ({ key, hash: hash(key) }))
    .filter((entry) => entry.hash >= cursor)
    .sort((a, b) => a.hash - b.hash);
  const next = left.slice(count).find((entry) => entry.hash > left[count - 1]!.hash)?.hash;
  const page = next === undefined ? left : left.filter((entry) => entry.hash < next);
  return { keys: page.map(({ key }) => key), next: next ?? 0 };
}

/** FNV-1a of 32 bits, from 1 on: 0 is the cursor of the beginning. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) {
    value = Math.imul(value ^ key.charCodeAt(at), 0x01000193);
  }
  return (value >>> 0) + 1;
}
