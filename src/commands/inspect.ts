/**
 * @module
 * Commands that show topics and counters.
 */

import { array, bulk, integer, type Reply } from "../resp/reply.ts";
import { type Argument, shown, toText } from "./args.ts";
import { type Command, CommandError } from "./command.ts";
import { matchesGlob } from "./glob.ts";

const TOPICS = "topics:";

const KEYS: Command = {
  name: "KEYS",
  arity: 2,
  usage: "KEYS topics:[<glob>]",
  summary: "All topics of the cluster, or those that match",
  errorCode: "ERR",
  async run(context, args): Promise<Reply> {
    const pattern = toText(args[0]!);
    if (!pattern.startsWith(TOPICS)) {
      throw new CommandError("ERR", `Expected argument to be 'topics:', got ${shown(pattern)}`);
    }
    const glob = pattern.slice(TOPICS.length) || "*";
    const names = await context.topicNames();
    return array(
      names.filter((name) => matchesGlob(glob, name)).map((name) => bulk(TOPICS + name)),
    );
  },
};

const HGETALL: Command = {
  name: "HGETALL",
  arity: 2,
  usage: "HGETALL stats",
  summary: "The counters of this gateway",
  errorCode: "ERR",
  run(context, args): Reply {
    expectStatsKey(args[0]!);
    return array(
      context.stats.entries().flatMap(([name, value]) => [
        bulk(name),
        bulk(String(value)),
      ]),
    );
  },
};

const DEL: Command = {
  name: "DEL",
  arity: 2,
  usage: "DEL stats",
  summary: "Sets the counters of this gateway to 0",
  errorCode: "ERR",
  run(context, args): Reply {
    expectStatsKey(args[0]!);
    context.stats.reset();
    return integer(1);
  },
};

/** KEYS, HGETALL, DEL */
export const inspectCommands: readonly Command[] = [KEYS, HGETALL, DEL];

function expectStatsKey(argument: Argument): void {
  const key = toText(argument).toUpperCase();
  if (key !== "STATS") {
    throw new CommandError("ERR", `Expected key to be 'stats', got ${shown(key)}`);
  }
}
