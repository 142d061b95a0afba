/**
 * XDEL: says how many of the entries there are. Kafka deletes no single message; clients that delete what they have
 * acked, to keep a stream short, only want to know that it was there.
 *
 * @see https://redis.io/docs/latest/commands/xdel/
 * @module
 */

import { compareIds, type StreamId } from "../../streams/stream_id.ts";
import { integer, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import { parseId } from "./id_arguments.ts";
import { streamTopic } from "./stream_key.ts";

const XDEL: Command = command({
  name: "XDEL",
  arity: -3,
  arguments: [arg.key("topics:<topic>", { access: "write" }), arg.string("id", { multiple: true })],
  summary: "Returns how many of the entries exist; deletes none, Kafka's retention does",
  since: "0.7.0",
  group: "stream",
  flags: ["write"],
  categories: ["produce"],
  async run(context, [key, ...words]): Promise<Reply> {
    const topic = streamTopic(context, key!);
    const { kafka, client } = context;
    const ids = parseIds(words);
    if (ids instanceof CommandError) {
      if (await kafka.streams.exists(topic)) throw ids;
      return integer(0); // Redis looks for the key first
    }
    // the same entry could be deleted only once
    const different = ids.filter((id, at) =>
      ids.findIndex((other) => compareIds(id, other) === 0) === at
    );
    const messages = await kafka.streams.messages(topic, different, client.ended);
    return integer(messages.filter((message) => message !== undefined).length);
  },
});

/** The ids, or the error for one that is none. */
function parseIds(words: Request): StreamId[] | CommandError {
  try {
    return words.map((word) => parseId(word));
  } catch (error) {
    if (error instanceof CommandError) return error;
    throw error;
  }
}

/** XDEL */
export const entryCommands: readonly Command[] = [XDEL];
