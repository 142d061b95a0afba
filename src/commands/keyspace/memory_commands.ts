/**
 * MEMORY: that of the gateway. Topics are stored in Kafka.
 *
 * @see https://redis.io/docs/latest/commands/memory-usage/
 * @module
 */

import { integer, NULL, OK, record, type Reply, verbatim } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { syntaxError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import { OptionCursor } from "../core/options.ts";
import { seesTopic } from "../core/visibility.ts";
import { isTopic } from "./keyspace.ts";

const USAGE: Command = command({
  name: "MEMORY USAGE",
  arity: -3,
  arguments: [
    arg.key("key", { access: "ask" }),
    arg.integer("count", { token: "SAMPLES", optional: true }),
  ],
  summary: "Returns 0 for a topic, which takes none of the gateway's memory, else null",
  since: "0.5.0",
  group: "server",
  flags: ["readonly"],
  async run(context, [key, ...args]): Promise<Reply> {
    const options = new OptionCursor(args);
    while (options.more) {
      if (!options.take("SAMPLES", 1) || options.integer() < 0) throw syntaxError();
    }
    return await isTopic(context, key!) ? integer(0) : NULL;
  },
});

const STATS: Command = command({
  name: "MEMORY STATS",
  arity: 2,
  summary: "Returns the gateway's memory usage in those of Redis' fields that apply",
  since: "0.5.0",
  group: "server",
  flags: [],
  async run({ gateway, kafka, client: { user } }): Promise<Reply> {
    const { heapUsed, heapTotal, external, rss } = Deno.memoryUsage();
    const unwritten = gateway.clientList.reduce((sum, one) => sum + one.unwrittenBytes, 0);
    return record({
      "total.allocated": integer(heapUsed + external),
      "replication.backlog": integer(0),
      "clients.slaves": integer(0),
      "clients.normal": integer(unwritten),
      "cluster.links": integer(0),
      "aof.buffer": integer(0),
      "lua.caches": integer(0),
      "functions.caches": integer(0),
      "keys.count": integer(await kafka.countTopics((topic) => seesTopic(user, topic))),
      "keys.bytes-per-key": integer(0),
      "dataset.bytes": integer(0),
      "allocator.allocated": integer(heapUsed + external),
      "allocator.active": integer(heapTotal + external),
      "allocator.resident": integer(rss),
    });
  },
});

const DOCTOR: Command = command({
  name: "MEMORY DOCTOR",
  arity: 2,
  summary: "Names the commands to use instead",
  since: "0.5.0",
  group: "server",
  flags: [],
  run: () =>
    verbatim(
      "No issues are looked for here: messages lie in Kafka. What waits for a client is omem in CLIENT LIST, what waits " +
        "for Kafka is outstanding in INFO kafka, what the process takes is in INFO memory.\n",
    ),
});

const PURGE: Command = command({
  name: "MEMORY PURGE",
  arity: 2,
  summary: "Does nothing: memory is released by itself",
  since: "0.5.0",
  group: "server",
  flags: [],
  run: () => OK,
});

const MALLOC_STATS: Command = command({
  name: "MEMORY MALLOC-STATS",
  arity: 2,
  summary: "Returns a text: the allocator has no statistics",
  since: "0.5.0",
  group: "server",
  flags: [],
  run: () => verbatim("Stats not supported for the current allocator"),
});

/** MEMORY and its subcommands */
export const memoryCommands: readonly Command[] = [
  container("MEMORY", "server", "A container for commands about memory", [
    USAGE,
    STATS,
    DOCTOR,
    PURGE,
    MALLOC_STATS,
  ]),
];
