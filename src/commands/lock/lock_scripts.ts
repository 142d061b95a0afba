/**
 * The scripts with which redis-py releases, extends and renews a lock, as it has them, to the byte: clients send the
 * text or its SHA-1. There is no Lua; each is done here.
 *
 * @see https://github.com/redis/redis-py/blob/master/redis/lock.py
 * @module
 */

import type { Request } from "../../resp/request_parser.ts";
import { type Argument, parseInteger, toText } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { Locks } from "../core/locks.ts";

/** A script that can be run. */
export interface LockScript {
  /** In lower case. */
  readonly sha1: string;
  /** What SCRIPT LOAD and EVAL send. */
  readonly text: string;
  /**
   * Runs it.
   *
   * @param args ARGV, the first of them the token
   * @returns false if the token does not own the lock
   * @throws {CommandError} ERR for a wrong number of arguments, or a duration that is no number
   */
  readonly run: (locks: Locks, key: Argument, args: Request) => boolean;
}

const IF_OWNED = `
        local token = redis.call('get', KEYS[1])
        if not token or token ~= ARGV[1] then
            return 0
        end
`;

const RELEASE: LockScript = {
  sha1: "c3f8721cbb97f72bc19e972846bd7aaf91901658",
  text: `${IF_OWNED}        redis.call('del', KEYS[1])
        return 1
    `,
  run(locks, key, args): boolean {
    const [token] = required(args, 1);
    return locks.release(key, token!);
  },
};

const EXTEND: LockScript = {
  sha1: "a4e8783852e6b949f9ef3a97212805108459a890",
  text: `${IF_OWNED}        local expiration = redis.call('pttl', KEYS[1])
        if not expiration then
            expiration = 0
        end
        if expiration < 0 then
            return 0
        end

        local newttl = ARGV[2]
        if ARGV[3] == "0" then
            newttl = ARGV[2] + expiration
        end
        redis.call('pexpire', KEYS[1], newttl)
        return 1
    `,
  run(locks, key, args): boolean {
    const [token, duration, replaces] = required(args, 3);
    const leftMs = locks.leftMs(key);
    if (leftMs === undefined || leftMs === Infinity) return false;
    const isLonger = toText(replaces!.subarray(0, 2)) === "0";
    return locks.expire(key, token!, parseInteger(duration!) + (isLonger ? leftMs : 0));
  },
};

const RENEW: LockScript = {
  sha1: "1cac51482acf5858da00f6d685d68f886cd6b6b2",
  text: `${IF_OWNED}        redis.call('pexpire', KEYS[1], ARGV[2])
        return 1
    `,
  run(locks, key, args): boolean {
    const [token, duration] = required(args, 2);
    return locks.expire(key, token!, parseInteger(duration!));
  },
};

/** All scripts that can be run. */
export const LOCK_SCRIPTS: readonly LockScript[] = [RELEASE, EXTEND, RENEW];

/** No script is longer. */
const MAX_TEXT_BYTES = Math.max(...LOCK_SCRIPTS.map(({ text }) => text.length));
const SHA1_BYTES = 40;

/** The script of a SHA-1, in upper or lower case; undefined for any other. */
export function scriptOfSha1(argument: Argument): LockScript | undefined {
  if (argument.byteLength !== SHA1_BYTES) return undefined;
  const sha1 = toText(argument).toLowerCase();
  return LOCK_SCRIPTS.find((script) => script.sha1 === sha1);
}

/** The script of this text; undefined for any other. */
export function scriptOfText(argument: Argument): LockScript | undefined {
  if (argument.byteLength > MAX_TEXT_BYTES) return undefined;
  const text = toText(argument);
  return LOCK_SCRIPTS.find((script) => script.text === text);
}

function required(args: Request, count: number): Request {
  if (args.length >= count) return args;
  throw new CommandError("ERR", `the script takes ${count} arguments, got ${args.length}`);
}
