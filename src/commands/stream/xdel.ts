/**
 * XDEL: says how many of the entries there are. Kafka deletes no single message; clients that delete what they have
 * acked, to keep a stream short, only want to know that it was there.
 *
 * @see https://redis.io/docs/latest/commands/xdel/
 * @module
 */

import { compareIds } from "../../groups/stream_id.ts";
import { integer, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
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
    const ids = words.map((word) => parseId(word));
    const topic = streamTopic(context, key!);
    // the same entry could be deleted only once
    const different = ids.filter((id, at) =>
      ids.findIndex((other) => compareIds(id, other) === 0) === at
    );
    const { gateway, client } = context;
    const messages = await gateway.streams.messages(topic, different, client.ended);
    return integer(messages.filter((message) => message !== undefined).length);
  },
});

/** XDEL */
export const entryCommands: readonly Command[] = [XDEL];
