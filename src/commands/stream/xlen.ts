/**
 * XLEN: the number of entries of a stream.
 *
 * @see https://redis.io/docs/latest/commands/xlen/
 * @module
 */

import { integer, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { streamTopic } from "./stream_key.ts";

const XLEN: Command = command({
  name: "XLEN",
  arity: 2,
  arguments: [arg.key("topics:<topic>", { access: "read" })],
  summary:
    "Returns the number of entries, by the offsets of the topic: markers of transactions and gaps of compaction count",
  since: "0.7.0",
  group: "stream",
  flags: ["readonly"],
  categories: ["consume"],
  async run(context, [key]): Promise<Reply> {
    const extent = await context.kafka.streams.extent(streamTopic(context, key!));
    return integer(extent?.length ?? 0);
  },
});

/** XLEN */
export const lengthCommands: readonly Command[] = [XLEN];
