/**
 * @module
 * The counters of the gateway, as a hash that is called `stats`.
 */

import { bulk, integer, map, type Reply } from "../resp/reply.ts";
import { type Argument, shown, toText } from "./args.ts";
import type { Command } from "./command.ts";
import { CommandError } from "./command_error.ts";

const HGETALL: Command = {
  name: "HGETALL",
  arity: 2,
  usage: "HGETALL stats",
  summary: "The counters of this gateway",
  since: "0.1.0",
  group: "hash",
  flags: ["readonly"],
  keys: { first: 1, last: 1 },
  run({ gateway }, args): Reply {
    expectStatsKey(args[0]!);
    const counters = gateway.stats.entries();
    return map(counters.map(([name, value]) => [bulk(name), bulk(String(value))]));
  },
};

const DEL: Command = {
  name: "DEL",
  arity: 2,
  usage: "DEL stats",
  summary: "Sets the counters of this gateway to 0",
  since: "0.1.0",
  group: "generic",
  flags: ["write"],
  keys: { first: 1, last: 1 },
  run({ gateway }, args): Reply {
    expectStatsKey(args[0]!);
    gateway.stats.reset();
    return integer(1);
  },
};

/** HGETALL, DEL */
export const statsCommands: readonly Command[] = [HGETALL, DEL];

function expectStatsKey(argument: Argument): void {
  const key = toText(argument).toUpperCase();
  if (key !== "STATS") {
    throw new CommandError("ERR", `Expected key to be 'stats', got ${shown(key)}`);
  }
}
