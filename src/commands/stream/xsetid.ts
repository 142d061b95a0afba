/**
 * XSETID: an error, Kafka gives the ids of entries.
 *
 * @see https://redis.io/docs/latest/commands/xsetid/
 * @module
 */

import type { Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { parseInteger } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";
import { parseId } from "./id_arguments.ts";
import { streamTopic } from "./stream_key.ts";

const XSETID: Command = command({
  name: "XSETID",
  arity: -3,
  arguments: [
    arg.key("topics:<topic>", { access: "write" }),
    arg.string("last-id"),
    arg.integer("entries-added", { token: "ENTRIESADDED", optional: true }),
    arg.string("max-deleted-id", { token: "MAXDELETEDID", optional: true }),
  ],
  summary: "Returns an error: Kafka gives the ids of entries",
  since: "0.7.0",
  group: "stream",
  flags: ["write"],
  categories: ["produce"],
  async run(context, [key, id, ...words]): Promise<Reply> {
    parseId(id!);
    const options = new OptionCursor(words);
    while (options.more) {
      if (options.take("ENTRIESADDED", 1)) requireNotNegative(parseInteger(options.value()));
      else if (options.take("MAXDELETEDID", 1)) parseId(options.value());
      else throw syntaxError();
    }
    const topic = streamTopic(context, key!);
    if (!await context.kafka.streams.exists(topic)) throw new CommandError("ERR", "no such key");
    throw new CommandError("ERR", "XSETID is not possible: Kafka gives the IDs of entries");
  },
});

/** XSETID */
export const setIdCommands: readonly Command[] = [XSETID];

function requireNotNegative(count: number): void {
  if (count < 0) throw new CommandError("ERR", "entries_added must be positive");
}
