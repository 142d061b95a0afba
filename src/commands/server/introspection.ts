/**
 * What clients and tools ask any Redis about itself, and what we can honestly answer: the time, that there is no
 * cluster and no module, that slow commands are not recorded.
 *
 * @see https://redis.io/docs/latest/commands/?group=server
 * @module
 */

import { array, bulk, integer, OK, type Reply, verbatim } from "../../resp/reply.ts";
import { parseInteger, toText } from "../core/args.ts";
import type { Command } from "../core/command.ts";
import { CommandError, tooManyArguments } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import { REDIS_VERSION } from "../core/redis_version.ts";

const TIME: Command = {
  name: "TIME",
  arity: 1,
  usage: "TIME",
  summary: "Unix seconds, and the microseconds in them",
  since: "0.2.0",
  group: "server",
  flags: ["fast"],
  run(): Reply {
    const microseconds = Math.floor((performance.timeOrigin + performance.now()) * 1_000);
    return array([
      bulk(String(Math.floor(microseconds / 1_000_000))),
      bulk(String(microseconds % 1_000_000)),
    ]);
  },
};

const CLUSTER: Command = {
  name: "CLUSTER",
  arity: -2,
  usage: "CLUSTER subcommand",
  summary: "Refused, as by a Redis that is no cluster",
  since: "0.2.0",
  group: "server",
  flags: [],
  run(): Reply {
    throw new CommandError("ERR", "This instance has cluster support disabled");
  },
};

/** What Redis says of any other count. */
const SLOWLOG_COUNT = "count should be greater than or equal to -1";

const SLOWLOG = container(
  "SLOWLOG",
  "server",
  "A container for the log of slow commands: not kept",
  [
    {
      name: "SLOWLOG GET",
      arity: -2,
      usage: "SLOWLOG GET [count]",
      summary: "Empty, as in a Redis with `slowlog-log-slower-than -1`",
      since: "0.2.0",
      group: "server",
      flags: ["admin"],
      run(_context, args): Reply {
        if (args.length > 1) throw tooManyArguments("SLOWLOG", "GET");
        const count = args[0] ? parseInteger(args[0], SLOWLOG_COUNT) : 0;
        if (count < -1) throw new CommandError("ERR", SLOWLOG_COUNT);
        return array([]);
      },
    },
    {
      name: "SLOWLOG LEN",
      arity: 2,
      usage: "SLOWLOG LEN",
      summary: "How many are kept: none",
      since: "0.2.0",
      group: "server",
      flags: ["admin"],
      run: () => integer(0),
    },
    {
      name: "SLOWLOG RESET",
      arity: 2,
      usage: "SLOWLOG RESET",
      summary: "Nothing is kept, so there is nothing to forget",
      since: "0.2.0",
      group: "server",
      flags: ["admin"],
      run: () => OK,
    },
  ],
);

const ROLE: Command = {
  name: "ROLE",
  arity: 1,
  usage: "ROLE",
  summary: "A master without replicas",
  since: "0.5.0",
  group: "server",
  flags: ["fast"],
  run: () => array([bulk("master"), integer(0), array([])]),
};

const LOLWUT: Command = {
  name: "LOLWUT",
  arity: -1,
  usage: "LOLWUT [VERSION version]",
  summary: "Which Redis and which Rafka this is; no art",
  since: "0.5.0",
  group: "server",
  flags: ["readonly", "fast"],
  run({ gateway: { about } }, args): Reply {
    if (args.length >= 2 && toText(args[0]!).toUpperCase() === "VERSION") parseInteger(args[1]!);
    return verbatim(`Rafka ver. ${about.version}, Redis ver. ${REDIS_VERSION}\n`);
  },
};

const MODULE = container("MODULE", "server", "A container for modules: there are none", [
  {
    name: "MODULE LIST",
    arity: 2,
    usage: "MODULE LIST",
    summary: "Empty: there are none",
    since: "0.5.0",
    group: "server",
    flags: ["admin"],
    run: () => array([]),
  },
]);

/** TIME, CLUSTER, ROLE, LOLWUT, MODULE, SLOWLOG */
export const serverCommands: readonly Command[] = [TIME, CLUSTER, ROLE, LOLWUT, MODULE, SLOWLOG];
