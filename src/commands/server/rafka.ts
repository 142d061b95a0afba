/**
 * RAFKA: what no Redis has. RAFKA ERRORS lists the messages that were last not delivered.
 *
 * @module
 */

import { array, bulk, integer, NULL, record, type Reply } from "../../resp/reply.ts";
import { leastReplyBytes } from "../../resp/reply_size.ts";
import type { Request } from "../../resp/request_parser.ts";
import { parsePositiveInteger, toText } from "../core/args.ts";
import type { Command } from "../core/command.ts";
import { syntaxError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import type { FailedEntry } from "../../telemetry/failed_messages.ts";

/** As many as SLOWLOG GET shows. */
const DEFAULT_COUNT = 10;

const ERRORS: Command = {
  name: "RAFKA ERRORS",
  arity: -2,
  usage: "RAFKA ERRORS [COUNT count] [WITHVALUES]",
  summary: "The messages that were last not delivered, with the reason; the latest first",
  since: "0.4.0",
  group: "server",
  flags: ["admin"],
  run({ client, gateway }, args): Reply {
    const { count, withValues } = parseOptions(args);
    // half of what is left, since the size of a reply is only known to be less than twice the least
    const room = (gateway.settings.outputLimitBytes - client.unwrittenBytes) / 2;
    return array(list(gateway.telemetry.failedMessages.latest(count), withValues, room));
  },
};

/** RAFKA and its subcommands */
export const rafkaCommands: readonly Command[] = [
  container("RAFKA", "server", "A container for what no Redis has", [ERRORS]),
];

interface Options {
  readonly count: number;
  readonly withValues: boolean;
}

function parseOptions(args: Request): Options {
  let [count, withValues] = [DEFAULT_COUNT, false];
  for (let at = 0; at < args.length; at++) {
    const option = toText(args[at]!).toUpperCase();
    if (option === "WITHVALUES") withValues = true;
    else if (option === "COUNT" && at + 1 < args.length) {
      count = parsePositiveInteger(args[++at]!, "count");
    } else throw syntaxError();
  }
  return { count, withValues };
}

/** Who asks for more than may be sent would be disconnected: values that do not fit are left out, then entries. */
function list(entries: readonly FailedEntry[], withValues: boolean, maxBytes: number): Reply[] {
  const replies: Reply[] = [];
  let left = maxBytes;
  for (const entry of entries) {
    let reply = describe(entry, withValues);
    if (withValues && leastReplyBytes(reply) > left) {
      reply = describe({ ...entry, value: null }, withValues);
    }
    left -= leastReplyBytes(reply);
    if (left < 0) break;
    replies.push(reply);
  }
  return replies;
}

function describe(entry: FailedEntry, withValue: boolean): Reply {
  const { key, value } = entry;
  return record({
    time: integer(entry.timeMs),
    client: bulk(entry.client),
    topic: bulk(entry.topic),
    partition: integer(entry.partition),
    key: key === null ? NULL : bulk(key),
    error: bulk(entry.error),
    reason: bulk(entry.reason),
    status: bulk(entry.possiblyPersisted ? "POSSIBLY_PERSISTED" : "NOT_PERSISTED"),
    bytes: integer(entry.valueBytes),
    ...(withValue && { value: value === null ? NULL : bulk(value) }),
  });
}
