/**
 * XRANGE and XREVRANGE: the entries of a range of ids.
 *
 * @see https://redis.io/docs/latest/commands/xrange/
 * @module
 */

import { compareIds } from "../../streams/stream_id.ts";
import { array, NULL_ARRAY, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { OptionCursor } from "../core/options.ts";
import { parseRangeEnd, parseRangeStart } from "./id_arguments.ts";
import { entryReply } from "./entry_mapping.ts";
import { streamTopic } from "./stream_key.ts";

const COUNT = arg.integer("count", { token: "COUNT", optional: true });

const XRANGE: Command = command({
  name: "XRANGE",
  arity: -4,
  arguments: [
    arg.key("topics:<topic>", { access: "read" }),
    arg.string("start"),
    arg.string("end"),
    COUNT,
  ],
  summary:
    "Returns the entries of a range of ids, over all partitions; without COUNT at most `server.streams.readBytes` of them",
  since: "0.7.0",
  group: "stream",
  flags: ["readonly"],
  categories: ["consume"],
  run: (context, [key, start, end, ...options]) => range(context, key!, [start!, end!], options),
});

const XREVRANGE: Command = command({
  name: "XREVRANGE",
  arity: -4,
  arguments: [
    arg.key("topics:<topic>", { access: "read" }),
    arg.string("end"),
    arg.string("start"),
    COUNT,
  ],
  summary: "Same as XRANGE from the last entry to the first",
  since: "0.7.0",
  group: "stream",
  flags: ["readonly"],
  categories: ["consume"],
  run: (context, [key, end, start, ...options]) =>
    range(context, key!, [start!, end!], options, { reverse: true }),
});

/** XRANGE, XREVRANGE */
export const rangeCommands: readonly Command[] = [XRANGE, XREVRANGE];

async function range(
  context: Context,
  key: Request[number],
  [first, last]: readonly [Request[number], Request[number]],
  options: Request,
  { reverse = false } = {},
): Promise<Reply> {
  const start = parseRangeStart(first);
  const end = parseRangeEnd(last);
  const count = parseCount(options);
  const topic = streamTopic(context, key);
  const { gateway: { settings }, kafka: { streams }, client } = context;
  if (count === 0) return await streams.exists(topic) ? NULL_ARRAY : array([]);
  if (compareIds(start, end) > 0) return array([]);
  const query = {
    start,
    end,
    reverse,
    maxCount: count ?? Infinity,
    maxBytes: count === undefined ? settings.streams.readBytes : settings.outputLimitBytes,
    connectionId: client.connectionId,
  };
  const { entries, isCut } = await streams.range(topic, query, client.ended);
  // a client takes less than it has asked for for the end of the range
  if (isCut && count !== undefined) throw tooLarge(count, settings.outputLimitBytes);
  context.kafka.showing(entries.length);
  return array(entries.map(({ message }) => entryReply(message)));
}

/** undefined for all. Of several the last one counts, as in Redis. */
function parseCount(args: Request): number | undefined {
  const options = new OptionCursor(args);
  let count: number | undefined;
  while (options.take("COUNT", 1)) count = Math.max(options.integer(), 0);
  options.end();
  return count;
}

function tooLarge(count: number, limitBytes: number): CommandError {
  return new CommandError(
    "ERR",
    `${count} entries are larger than a reply may be, server.outputLimitBytes is ${limitBytes}: use a smaller COUNT`,
  );
}
