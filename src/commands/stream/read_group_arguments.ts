/**
 * The arguments of XREADGROUP, read in Redis' order and with its errors.
 *
 * @see https://redis.io/docs/latest/commands/xreadgroup/
 * @module
 */

import type { Request } from "../../resp/request_parser.ts";
import { type Argument, parseInteger, parseWaitTimeoutMs } from "../core/args.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";

/** What XREADGROUP is asked for; all but names of keys and ids, which need the groups first. */
export interface ReadGroupRequest {
  /** The group, as it was sent. */
  readonly groupName: Argument;
  /** The consumer, as it was sent. */
  readonly consumerName: Argument;
  /** At most so many entries of each stream; `Infinity` for all. */
  readonly count: number;
  /** How long it waits for new entries; `Infinity` for ever, undefined for not at all. */
  readonly blockMs: number | undefined;
  /** Entries count as acked when they are delivered. */
  readonly noAck: boolean;
  /** Pending entries that have been idle for so long are claimed before new ones are taken; undefined for none. */
  readonly claimIdleMs: number | undefined;
  /** At least one. */
  readonly keys: Request;
  /** As many. */
  readonly ids: Request;
}

/**
 * Parses `GROUP group consumer [COUNT count] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS key [key ...]
 * id [id ...]`; the options in any order, the last of equal ones counts.
 *
 * @throws {CommandError} ERR
 */
export function parseReadGroup(args: Request): ReadGroupRequest {
  const options = new OptionCursor(args);
  let groupName: Argument | undefined;
  let consumerName: Argument | undefined;
  let [count, noAck] = [0, false];
  let blockMs: number | undefined;
  let claimIdleMs: number | undefined;
  let streams: Request = [];
  while (options.more) {
    if (options.take("BLOCK", 1)) blockMs = parseWaitTimeoutMs(options.value());
    else if (options.take("COUNT", 1)) count = options.integer();
    else if (options.take("CLAIM", 1)) claimIdleMs = parseClaimIdleMs(options.value());
    else if (options.take("NOACK")) noAck = true;
    else if (options.take("STREAMS", 1)) streams = parseStreams(options.rest());
    else if (options.take("GROUP", 2)) {
      groupName = options.value();
      consumerName = options.value();
    } else throw syntaxError();
  }
  if (streams.length === 0) throw syntaxError();
  if (groupName === undefined) throw new CommandError("ERR", "Missing GROUP option for XREADGROUP");
  const half = streams.length / 2;
  return {
    groupName,
    consumerName: consumerName!,
    count: count > 0 ? count : Infinity,
    blockMs,
    noAck,
    claimIdleMs,
    keys: streams.slice(0, half),
    ids: streams.slice(half),
  };
}

function parseStreams(streams: Request): Request {
  if (streams.length % 2 === 0) return streams;
  throw new CommandError(
    "ERR",
    "Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.",
  );
}

function parseClaimIdleMs(argument: Argument): number {
  const minIdleMs = parseInteger(argument, "min-idle-time is not an integer or out of range");
  if (minIdleMs < 0) throw new CommandError("ERR", "min-idle-time must be a positive integer");
  return minIdleMs;
}
