/**
 * XACK: a consumer is done with entries, in any order.
 *
 * @see https://redis.io/docs/latest/commands/xack/
 * @module
 */

import { integer, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { knownGroup } from "./group_lookup.ts";
import { parseId } from "./id_arguments.ts";

const XACK: Command = command({
  name: "XACK",
  arity: -4,
  arguments: [
    arg.key("topics:<topic>", { access: "read" }),
    arg.group("group"),
    arg.string("id", { multiple: true }),
  ],
  summary: "Acknowledges entries of a consumer group",
  since: "0.7.0",
  group: "stream",
  flags: ["write", "fast"],
  categories: ["consume"],
  run(context, [key, name, ...ids]): Reply {
    const group = knownGroup(context, key!, name!);
    if (group) return integer(group.ack(ids.map((id) => parseId(id))));
    // entries are pending only where the group is in use: to join it for an ack would take partitions from those who read
    context.kafka.groups.strayAcks(ids.length);
    return integer(0);
  },
});

/** XACK */
export const ackCommands: readonly Command[] = [XACK];
