/**
 * Commands by which clients and tools inspect a Redis, with replies that are true of a gateway: there is no cluster, no
 * module, no log of slow commands.
 *
 * @see https://redis.io/docs/latest/commands/?group=server
 * @module
 */

import { array, bulk, integer, OK, type Reply, verbatim } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { parseInteger } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, tooManyArguments } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import { OptionCursor } from "../core/options.ts";
import { REDIS_VERSION } from "../core/about.ts";

const TIME: Command = command({
  name: "TIME",
  arity: 1,
  summary: "Returns the time as Unix seconds and microseconds",
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
});

const CLUSTER: Command = command({
  name: "CLUSTER",
  arity: -2,
  arguments: [arg.string("subcommand")],
  summary: "Returns an error, as a Redis without cluster support",
  since: "0.2.0",
  group: "server",
  flags: [],
  run(): Reply {
    throw new CommandError("ERR", "This instance has cluster support disabled");
  },
});

/** Redis' error for any other count. */
const SLOWLOG_COUNT = "count should be greater than or equal to -1";

const SLOWLOG = container(
  "SLOWLOG",
  "server",
  "A container for slow log commands; no log is kept",
  [
    command({
      name: "SLOWLOG GET",
      arity: -2,
      arguments: [arg.integer("count", { optional: true })],
      summary: "Returns an empty list, as a Redis with `slowlog-log-slower-than -1`",
      since: "0.2.0",
      group: "server",
      flags: ["admin"],
      run(_context, args): Reply {
        if (args.length > 1) throw tooManyArguments("SLOWLOG", "GET");
        const count = args[0] ? parseInteger(args[0], SLOWLOG_COUNT) : 0;
        if (count < -1) throw new CommandError("ERR", SLOWLOG_COUNT);
        return array([]);
      },
    }),
    command({
      name: "SLOWLOG LEN",
      arity: 2,
      summary: "Returns 0: no log is kept",
      since: "0.2.0",
      group: "server",
      flags: ["admin"],
      run: () => integer(0),
    }),
    command({
      name: "SLOWLOG RESET",
      arity: 2,
      summary: "Does nothing: no log is kept",
      since: "0.2.0",
      group: "server",
      flags: ["admin"],
      run: () => OK,
    }),
  ],
);

const ROLE: Command = command({
  name: "ROLE",
  arity: 1,
  summary: "Returns the role: a master without replicas",
  since: "0.5.0",
  group: "server",
  flags: ["fast"],
  categories: ["admin", "dangerous"],
  run: () => array([bulk("master"), integer(0), array([])]),
});

const LOLWUT: Command = command({
  name: "LOLWUT",
  arity: -1,
  arguments: [arg.integer("version", { token: "VERSION", optional: true })],
  summary: "Returns the versions of Rafka and Redis; no art",
  since: "0.5.0",
  group: "server",
  flags: ["readonly", "fast"],
  run({ gateway: { about } }, args): Reply {
    const options = new OptionCursor(args);
    if (options.take("VERSION", 1)) options.integer();
    return verbatim(`Rafka ver. ${about.version}, Redis ver. ${REDIS_VERSION}\n`);
  },
});

const MODULE = container(
  "MODULE",
  "server",
  "A container for module commands; there are no modules",
  [
    command({
      name: "MODULE LIST",
      arity: 2,
      summary: "Returns an empty list: there are no modules",
      since: "0.5.0",
      group: "server",
      flags: ["admin"],
      run: () => array([]),
    }),
  ],
);

/** TIME, CLUSTER, ROLE, LOLWUT, MODULE, SLOWLOG */
export const serverCommands: readonly Command[] = [TIME, CLUSTER, ROLE, LOLWUT, MODULE, SLOWLOG];
