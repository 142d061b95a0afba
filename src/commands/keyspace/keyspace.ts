/**
 * The topics of the cluster as Redis' keys: `topics:<topic>`, each a list.
 *
 * @see https://redis.io/docs/latest/commands/?group=generic
 * @module
 */

import { array, bulk, integer, NULL, type Reply, simple } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type Argument, isTopicsKey, parseCursor, parseInteger, toText } from "../core/args.ts";
import type { Command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { matchesGlob, parseGlob } from "../core/glob.ts";
import { scan } from "./scan.ts";
import { consumeHint } from "../core/topic_hint.ts";

const TOPICS = "topics:";
/** What a topic is to Redis' TYPE. */
const TOPIC_TYPE = "list";
/** Redis' own. */
const DEFAULT_SCAN_COUNT = 10;

const KEYS: Command = {
  name: "KEYS",
  arity: 2,
  usage: "KEYS topics:[<glob>]",
  summary: "All topics of the cluster, or those that match; any other glob does as well",
  since: "0.1.0",
  group: "generic",
  flags: ["readonly"],
  async run(context, args): Promise<Reply> {
    const pattern = parseGlob(args[0]!);
    if (!pattern.startsWith(TOPICS) && !/[*?[\\]/.test(pattern)) {
      const hint = consumeHint(args[0]!);
      throw new CommandError(
        "ERR",
        `Expected argument to be 'topics:', got ${pattern}${hint === undefined ? "" : `: ${hint}`}`,
      );
    }
    const glob = pattern === TOPICS ? "*" : pattern;
    const keys = await topicKeys(context);
    return array(keys.filter((key) => matchesGlob(glob, key)).map(bulk));
  },
};

const SCAN: Command = {
  name: "SCAN",
  arity: -2,
  usage: "SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]",
  summary: "The topics of the cluster, some at a time",
  since: "0.2.0",
  group: "generic",
  flags: ["readonly"],
  async run(context, args): Promise<Reply> {
    const cursor = Number(parseCursor(args[0]!)); // one that is larger than all of ours is behind the end
    const { pattern, count, type } = parseScanOptions(args.slice(1));
    const page = scan(await topicKeys(context), cursor, count);
    const keys = type === TOPIC_TYPE ? page.keys.filter((key) => matchesGlob(pattern, key)) : [];
    return array([bulk(String(page.next)), array(keys.map(bulk))]);
  },
};

const DBSIZE: Command = {
  name: "DBSIZE",
  arity: 1,
  usage: "DBSIZE",
  summary: "How many topics the cluster has",
  since: "0.2.0",
  group: "server",
  flags: ["readonly"],
  run: async (context) => integer((await topicKeys(context)).length),
};

const EXISTS: Command = {
  name: "EXISTS",
  arity: -2,
  usage: "EXISTS key [key ...]",
  summary: "How many of these are topics, as `topics:<topic>`",
  since: "0.2.0",
  group: "generic",
  flags: ["readonly"],
  keys: { first: 1, last: -1 },
  async run(context, args): Promise<Reply> {
    const asked = args.map(toText);
    const keys = new Set(args.some(isTopicsKey) ? await topicKeys(context) : []);
    return integer(asked.filter((key) => keys.has(key)).length);
  },
};

const TYPE: Command = {
  name: "TYPE",
  arity: 2,
  usage: "TYPE key",
  summary: "`list` for a topic, as `topics:<topic>`, else `none`",
  since: "0.2.0",
  group: "generic",
  flags: ["readonly"],
  keys: { first: 1, last: 1 },
  run: async (context, args) => simple(await isTopic(context, args[0]!) ? TOPIC_TYPE : "none"),
};

const GET: Command = {
  name: "GET",
  arity: 2,
  usage: "GET key",
  summary: "Null: nothing here is a string; for a topic Redis' error",
  since: "0.2.0",
  group: "string",
  flags: ["readonly"],
  keys: { first: 1, last: 1 },
  async run(context, args): Promise<Reply> {
    if (!await isTopic(context, args[0]!)) return NULL;
    throw new CommandError(
      "WRONGTYPE",
      "Operation against a key holding the wrong kind of value",
    );
  },
};

/** How long a key stays, in whatever unit. */
function timeToLive(name: string): Command {
  return {
    name,
    arity: 2,
    usage: `${name} key`,
    summary: "-1 for a topic, which stays, else -2",
    since: "0.5.0",
    group: "generic",
    flags: ["readonly"],
    keys: { first: 1, last: 1 },
    run: async (context, args) => integer(await isTopic(context, args[0]!) ? -1 : -2),
  };
}

/** KEYS, SCAN, DBSIZE, EXISTS, TYPE, GET, TTL, PTTL */
export const keyspaceCommands: readonly Command[] = [
  KEYS,
  SCAN,
  DBSIZE,
  EXISTS,
  TYPE,
  GET,
  timeToLive("TTL"),
  timeToLive("PTTL"),
];

async function topicKeys({ gateway }: Context): Promise<string[]> {
  return (await gateway.cluster.topicNames()).map((name) => TOPICS + name);
}

/** Whether it is the key of a topic that the cluster has. */
export async function isTopic(context: Context, argument: Argument): Promise<boolean> {
  if (!isTopicsKey(argument)) return false; // Kafka need not be asked
  const key = toText(argument);
  return (await topicKeys(context)).includes(key);
}

interface ScanOptions {
  readonly pattern: string;
  readonly count: number;
  readonly type: string;
}

function parseScanOptions(args: Request): ScanOptions {
  let [pattern, count, type] = ["*", DEFAULT_SCAN_COUNT, TOPIC_TYPE];
  for (let at = 0; at < args.length; at += 2) {
    const value = args[at + 1];
    if (!value) throw syntaxError();
    switch (toText(args[at]!).toUpperCase()) {
      case "MATCH":
        pattern = parseGlob(value);
        break;
      case "COUNT":
        count = parseInteger(value);
        if (count < 1) throw syntaxError();
        break;
      case "TYPE":
        type = toText(value).toLowerCase();
        break;
      default:
        throw syntaxError();
    }
  }
  return { pattern, count, type };
}
