/**
 * XTRIM: leaves the length of streams to Kafka's retention, or deletes records where `server.streams.trim` allows it.
 *
 * @see https://redis.io/docs/latest/commands/xtrim/
 * @module
 */

import { integer, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";
import { boundOf } from "./stream_bound.ts";
import { streamTopic } from "./stream_key.ts";
import { TrimOptions } from "./trim_options.ts";

const XTRIM: Command = command({
  name: "XTRIM",
  arity: -4,
  arguments: [
    arg.key("topics:<topic>", { access: "write" }),
    arg.block([
      arg.oneOf([arg.pureToken("MAXLEN"), arg.pureToken("MINID")]),
      arg.oneOf([arg.pureToken("="), arg.pureToken("~")], { optional: true }),
      arg.string("threshold"),
      arg.integer("count", { token: "LIMIT", optional: true }),
    ]),
  ],
  summary:
    "Returns 0: Kafka's retention decides; with `server.streams.trim` deletes the first records and returns how many",
  since: "0.7.0",
  group: "stream",
  flags: ["write"],
  categories: ["produce"],
  async run(context, [key, ...words]): Promise<Reply> {
    const cursor = new OptionCursor(words);
    const options = new TrimOptions();
    while (cursor.more) if (!options.take(cursor)) throw syntaxError();
    if (!options.trim && options.limit === 0) throw noStrategy();
    options.end();
    const topic = streamTopic(context, key!);
    const { gateway: { settings }, kafka: { streams } } = context;
    const bound = boundOf(options.trim, settings);
    return integer(bound ? await streams.trims.trim(topic, bound) : 0);
  },
});

/** XTRIM */
export const trimCommands: readonly Command[] = [XTRIM];

function noStrategy(): CommandError {
  return new CommandError(
    "ERR",
    "syntax error, XTRIM must be called with a trimming strategy",
  );
}
