/**
 * Scripts with which tools read lists, recognised by the SHA-1 of their text. There is no Lua; each is a command of ours.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { array, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type Argument, parsePositiveInteger, toText } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { type Answer, LaterReply } from "../core/later_reply.ts";

/** A script that is a command. */
export interface ListScript {
  /** In lower case. */
  readonly sha1: string;
  /**
   * The command that does the same.
   *
   * @throws {CommandError} ERR for arguments that the script cannot have
   */
  readonly request: (key: Argument, args: Request) => Request;
  /** The reply of the script, from that of the command. */
  readonly toReply: (reply: Reply) => Reply;
}

const encoder = new TextEncoder();
const [LPOP, LLEN] = ["LPOP", "LLEN"].map((name) => encoder.encode(name)) as [Argument, Argument];

/** logstash-input-redis: LRANGE of a batch, then LTRIM; it is given the batch's size less one. */
const LOGSTASH_BATCH: ListScript = {
  sha1: "b9af23c13eeefc2ae7a9375fe3d3645e2e9c9fc8",
  request(key, [last]): Request {
    if (!last) throw new CommandError("ERR", "the script takes 1 argument, got 0");
    const count = parsePositiveInteger(last, "batch size") + 1;
    return [LPOP, key, encoder.encode(String(count))];
  },
  toReply: (reply) => reply.kind === "null" || reply.kind === "nullArray" ? array([]) : reply,
};

/** The scaler `redis` of KEDA: TYPE, then LLEN. */
const KEDA_LENGTH: ListScript = {
  sha1: "f024d38f3b8ceec15a07369746e81089c1f100a0",
  request: (key) => [LLEN, key],
  toReply: (reply) => reply,
};

const LIST_SCRIPTS: readonly ListScript[] = [LOGSTASH_BATCH, KEDA_LENGTH];

/** A longer text is none of them. */
const MAX_TEXT_BYTES = 4_096;
const SHA1_BYTES = 40;

/** The script of a SHA-1, in upper or lower case; undefined for any other. */
export function listScriptOfSha1(argument: Argument): ListScript | undefined {
  if (argument.byteLength !== SHA1_BYTES) return undefined;
  const sha1 = toText(argument).toLowerCase();
  return LIST_SCRIPTS.find((script) => script.sha1 === sha1);
}

/** The script of this text; undefined for any other. */
export function listScriptOfText(argument: Argument): ListScript | undefined {
  if (argument.byteLength > MAX_TEXT_BYTES) return undefined;
  const sha1 = createHash("sha1").update(argument).digest("hex");
  return LIST_SCRIPTS.find((script) => script.sha1 === sha1);
}

/** Runs the command that the script is, with the rights that it takes. */
export function runListScript(
  context: Context,
  script: ListScript,
  key: Argument,
  args: Request,
): Answer | Promise<Answer> {
  const answer = context.execute(script.request(key, args));
  const convert = (one: Answer): Answer => one instanceof LaterReply ? one : script.toReply(one);
  return answer instanceof Promise ? answer.then(convert) : convert(answer);
}
