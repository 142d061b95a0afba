/**
 * RAFKA ERRORS: the latest messages that could not be delivered, and why.
 *
 * @module
 */

import { array, bulk, integer, NULL, record, type Reply } from "../../resp/reply.ts";
import { leastReplyBytes } from "../../resp/reply_size.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { parsePositiveInteger } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { readsMessages } from "../core/visibility.ts";
import { syntaxError } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";
import type { FailedEntry } from "../../telemetry/failed_messages.ts";

/** As in SLOWLOG GET. */
const DEFAULT_COUNT = 10;

/** RAFKA ERRORS */
export const errorsCommand: Command = command({
  name: "RAFKA ERRORS",
  arity: -2,
  arguments: [
    arg.integer("count", { token: "COUNT", optional: true }),
    arg.pureToken("WITHVALUES", { optional: true }),
  ],
  summary: "Returns the latest messages that could not be delivered, with the reason; newest first",
  since: "0.4.0",
  group: "server",
  flags: ["admin"],
  run({ client, gateway }, args): Reply {
    const { count, withValues } = parseOptions(args);
    const isShown = (entry: FailedEntry): boolean => readsMessages(client, entry);
    // half of the room, since a reply may be up to twice as large as its least size
    const room = (gateway.settings.outputLimitBytes - client.unwrittenBytes) / 2;
    return array(list(gateway.telemetry.failedMessages.latest(count, isShown), withValues, room));
  },
});

interface Options {
  readonly count: number;
  readonly withValues: boolean;
}

function parseOptions(args: Request): Options {
  let [count, withValues] = [DEFAULT_COUNT, false];
  const options = new OptionCursor(args);
  while (options.more) {
    if (options.take("WITHVALUES")) withValues = true;
    else if (options.take("COUNT", 1)) count = parsePositiveInteger(options.value(), "count");
    else throw syntaxError();
  }
  return { count, withValues };
}

/** A reply beyond the output limit would disconnect the client: values that do not fit are omitted, then messages. */
function list(messages: readonly FailedEntry[], withValues: boolean, maxBytes: number): Reply[] {
  const replies: Reply[] = [];
  let left = maxBytes;
  for (const message of messages) {
    let reply = describe(message, withValues);
    if (withValues && leastReplyBytes(reply) > left) {
      reply = describe({ ...message, value: null }, withValues);
    }
    left -= leastReplyBytes(reply);
    if (left < 0) break;
    replies.push(reply);
  }
  return replies;
}

function describe(message: FailedEntry, withValue: boolean): Reply {
  const { key, value } = message;
  return record({
    time: integer(message.timeMs),
    client: bulk(message.client),
    topic: bulk(message.topic),
    partition: integer(message.partition),
    key: key === null ? NULL : bulk(key),
    error: bulk(message.error),
    reason: bulk(message.reason),
    status: bulk(message.possiblyPersisted ? "POSSIBLY_PERSISTED" : "NOT_PERSISTED"),
    bytes: integer(message.valueBytes),
    ...(withValue && { value: value === null ? NULL : bulk(value) }),
  });
}
