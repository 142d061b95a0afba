/**
 * SET NX, GET, and the one script that releases a lock: what workers need that share a task, such as those of Taskiq.
 * There are no other strings and no other scripts.
 *
 * @module
 */

import type { Request } from "../../resp/request_parser.ts";
import { array, bulk, integer, NULL, OK, type Reply } from "../../resp/reply.ts";
import { isTopicsKey, toText } from "../core/args.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import { OptionCursor } from "../core/options.ts";

/** As redis-py has it, to the byte: clients send its SHA-1. */
const RELEASE_SCRIPT = `
        local token = redis.call('get', KEYS[1])
        if not token or token ~= ARGV[1] then
            return 0
        end
        redis.call('del', KEYS[1])
        return 1
    `;
const RELEASE_SHA1 = "c3f8721cbb97f72bc19e972846bd7aaf91901658";

const SET: Command = command({
  name: "SET",
  arity: -3,
  arguments: [
    arg.key("key"),
    arg.string("token"),
    arg.pureToken("NX"),
    arg.oneOf([
      arg.integer("seconds", { token: "EX" }),
      arg.integer("milliseconds", { token: "PX" }),
    ], {
      optional: true,
    }),
  ],
  summary: "Takes a lock of this gateway, for so long; null if somebody has it",
  since: "0.7.0",
  group: "string",
  flags: ["write"],
  run({ gateway }, [key, token, ...args]): Reply {
    const { isLock, durationMs } = parseSetOptions(args);
    if (!isLock || isTopicsKey(key!)) throw noString();
    return gateway.locks.take(toText(key!), toText(token!), durationMs) ? OK : NULL;
  },
});

const EVALSHA: Command = command({
  name: "EVALSHA",
  arity: -3,
  arguments: [
    arg.string("sha1"),
    arg.integer("numkeys"),
    arg.key("key"),
    arg.string("token"),
  ],
  summary: "Releases the lock that has this token: 1 if it had it. SCRIPT LOAD tells the script",
  since: "0.7.0",
  group: "scripting",
  flags: ["write"],
  run({ gateway }, [sha1, count, key, token]): Reply {
    if (toText(sha1!).toLowerCase() !== RELEASE_SHA1) {
      throw new CommandError("NOSCRIPT", "No matching script. Please use EVAL.");
    }
    if (toText(count!) !== "1" || !key || !token) throw syntaxError();
    return integer(Number(gateway.locks.release(toText(key), toText(token))));
  },
});

const EXISTS: Command = command({
  name: "SCRIPT EXISTS",
  arity: -3,
  arguments: [arg.string("sha1", { multiple: true })],
  summary: "Returns 1 for the script that releases a lock, else 0",
  since: "0.7.0",
  group: "scripting",
  flags: [],
  run: (_, sha1s) =>
    array(sha1s.map((sha1) => integer(Number(toText(sha1).toLowerCase() === RELEASE_SHA1)))),
});

const LOAD: Command = command({
  name: "SCRIPT LOAD",
  arity: 3,
  arguments: [arg.string("script")],
  summary: "Returns the SHA-1 of the script that releases a lock, the only one that can be run",
  since: "0.7.0",
  group: "scripting",
  flags: [],
  run(_, [script]): Reply {
    if (toText(script!) === RELEASE_SCRIPT) return bulk(RELEASE_SHA1);
    throw new CommandError(
      "ERR",
      "there are no scripts here, only redis-py's that releases a lock",
    );
  },
});

/** SET, EVALSHA, SCRIPT */
export const lockCommands: readonly Command[] = [
  SET,
  EVALSHA,
  container("SCRIPT", "scripting", "A container for commands about scripts", [EXISTS, LOAD]),
];

function parseSetOptions(args: Request): { isLock: boolean; durationMs: number } {
  const options = new OptionCursor(args);
  let [isLock, durationMs] = [false, Infinity];
  while (options.more) {
    if (options.take("NX")) isLock = true;
    else if (options.take("PX", 1)) durationMs = positive(options.integer());
    else if (options.take("EX", 1)) durationMs = positive(options.integer()) * 1_000;
    else if (!options.take("XX") && !options.take("GET") && !options.take("KEEPTTL")) {
      throw syntaxError();
    } else return { isLock: false, durationMs };
  }
  return { isLock, durationMs };
}

function positive(time: number): number {
  if (time > 0) return time;
  throw new CommandError("ERR", "invalid expire time in 'set' command");
}

function noString(): CommandError {
  return new CommandError(
    "ERR",
    "SET takes locks only: SET <key> <token> NX [PX milliseconds]; messages are produced with XADD and RPUSHX",
  );
}
