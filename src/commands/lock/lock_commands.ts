/**
 * SET NX and the scripts of locks: what workers need that share a task, such as those of Taskiq. GET and DEL take locks,
 * too; there are no other strings.
 *
 * @module
 */

import type { Request } from "../../resp/request_parser.ts";
import { array, bulk, integer, NULL, OK, type Reply } from "../../resp/reply.ts";
import { type Access, useOf } from "../core/access.ts";
import { parseInteger, toText } from "../core/args.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import type { Context } from "../core/context.ts";
import type { Answer } from "../core/later_reply.ts";
import { OptionCursor } from "../core/options.ts";
import {
  type ListScript,
  listScriptOfSha1,
  listScriptOfText,
  runListScript,
} from "./list_scripts.ts";
import { type LockScript, scriptOfSha1, scriptOfText } from "./lock_scripts.ts";

const SCRIPT_ARGUMENTS = [
  arg.integer("numkeys"),
  arg.key("key"),
  arg.string("token"),
  arg.integer("milliseconds", { optional: true }),
  arg.string("replace", { optional: true }),
];

/** One for each key that the script is given; a script that is a command takes what that takes. */
const SCRIPT_ACCESS: Access = {
  uses: ([script, ...args], { gateway: { topicKeys } }) =>
    listScriptOfSha1(script!) ?? listScriptOfText(script!)
      ? []
      : scriptKeys(args).map((key) => useOf(key, "write", topicKeys)),
};

const SET: Command = command({
  name: "SET",
  arity: -3,
  arguments: [
    arg.key("key", { access: "write" }),
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
    if (!isLock || gateway.topicKeys.has(key!)) throw noString();
    return gateway.locks.take(key!, token!, durationMs) ? OK : NULL;
  },
});

const EVAL: Command = command({
  name: "EVAL",
  arity: -3,
  arguments: [arg.string("script"), ...SCRIPT_ARGUMENTS],
  summary:
    "Runs the scripts that redis-py has for locks, and those of Logstash and KEDA for lists, and no others",
  since: "0.7.0",
  group: "scripting",
  flags: ["write", "movablekeys"],
  access: SCRIPT_ACCESS,
  run(context, [text, ...args]): Answer | Promise<Answer> {
    const script = scriptOfText(text!) ?? listScriptOfText(text!);
    if (!script) throw noScripts();
    return runScript(context, script, args);
  },
});

const EVALSHA: Command = command({
  name: "EVALSHA",
  arity: -3,
  arguments: [arg.string("sha1"), ...SCRIPT_ARGUMENTS],
  summary: "The same by the SHA-1 of a script",
  since: "0.7.0",
  group: "scripting",
  flags: ["write", "movablekeys"],
  access: SCRIPT_ACCESS,
  run(context, [sha1, ...args]): Answer | Promise<Answer> {
    const script = scriptOfSha1(sha1!) ?? listScriptOfSha1(sha1!);
    if (!script) throw new CommandError("NOSCRIPT", "No matching script. Please use EVAL.");
    return runScript(context, script, args);
  },
});

const EXISTS: Command = command({
  name: "SCRIPT EXISTS",
  arity: -3,
  arguments: [arg.string("sha1", { multiple: true })],
  summary: "Returns 1 for each script that EVALSHA runs, else 0",
  since: "0.7.0",
  group: "scripting",
  flags: [],
  run: (_, sha1s) =>
    array(sha1s.map((one) => integer(scriptOfSha1(one) ?? listScriptOfSha1(one) ? 1 : 0))),
});

const LOAD: Command = command({
  name: "SCRIPT LOAD",
  arity: 3,
  arguments: [arg.string("script")],
  summary: "Returns the SHA-1 of a script that EVALSHA runs",
  since: "0.7.0",
  group: "scripting",
  flags: [],
  run(_, [text]): Reply {
    const script = scriptOfText(text!) ?? listScriptOfText(text!);
    if (!script) throw noScripts();
    return bulk(script.sha1);
  },
});

const FLUSH: Command = command({
  name: "SCRIPT FLUSH",
  arity: -2,
  arguments: [
    arg.oneOf([arg.pureToken("ASYNC"), arg.pureToken("SYNC")], { optional: true }),
  ],
  summary: "Does nothing: the scripts that EVALSHA runs are always there",
  since: "0.8.0",
  group: "scripting",
  flags: [],
  run(_, args): Reply {
    if (
      args.length > 1 || args.length === 1 && !/^a?sync$/i.test(toText(args[0]!.subarray(0, 6)))
    ) {
      throw new CommandError("ERR", "SCRIPT FLUSH only support SYNC|ASYNC option");
    }
    return OK;
  },
});

/** SET, EVAL, EVALSHA, SCRIPT */
export const lockCommands: readonly Command[] = [
  SET,
  EVAL,
  EVALSHA,
  container("SCRIPT", "scripting", "A container for commands about scripts", [EXISTS, FLUSH, LOAD]),
];

function runScript(
  context: Context,
  script: LockScript | ListScript,
  args: Request,
): Answer | Promise<Answer> {
  const keys = scriptKeys(args);
  if (keys.length !== 1) {
    throw new CommandError("ERR", `the script takes 1 key, got ${keys.length}`);
  }
  if (!("run" in script)) return runListScript(context, script, keys[0]!, args.slice(2));
  return integer(script.run(context.gateway.locks, keys[0]!, args.slice(2)) ? 1 : 0);
}

/** `numkeys key [key ...]`, as EVAL begins behind the script. */
function scriptKeys([count, ...words]: Request): Request {
  const keys = parseInteger(count!);
  if (keys > words.length) {
    throw new CommandError("ERR", "Number of keys can't be greater than number of args");
  }
  if (keys < 0) throw new CommandError("ERR", "Number of keys can't be negative");
  return words.slice(0, keys);
}

function noScripts(): CommandError {
  return new CommandError(
    "ERR",
    "there are no scripts here, only those of redis-py for locks, and of Logstash and KEDA for lists",
  );
}

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
