/**
 * MEMORY: what the gateway takes of it. Topics lie in Kafka.
 *
 * @see https://redis.io/docs/latest/commands/memory-usage/
 * @module
 */

import { integer, NULL, OK, record, type Reply, verbatim } from "../../resp/reply.ts";
import { parseInteger, toText } from "../core/args.ts";
import type { Command } from "../core/command.ts";
import { syntaxError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import { isTopic } from "./keyspace.ts";

const USAGE: Command = {
  name: "MEMORY USAGE",
  arity: -3,
  usage: "MEMORY USAGE key [SAMPLES count]",
  summary: "0 for a topic, which takes none of the gateway's, else null",
  since: "0.5.0",
  group: "server",
  flags: ["readonly"],
  keys: { first: 2, last: 2 },
  async run(context, [key, ...options]): Promise<Reply> {
    for (let at = 0; at < options.length; at += 2) {
      const count = options[at + 1];
      if (!count || toText(options[at]!).toUpperCase() !== "SAMPLES") throw syntaxError();
      if (parseInteger(count) < 0) throw syntaxError();
    }
    return await isTopic(context, key!) ? integer(0) : NULL;
  },
};

const STATS: Command = {
  name: "MEMORY STATS",
  arity: 2,
  usage: "MEMORY STATS",
  summary: "What the gateway takes, in those of Redis' fields that mean something here",
  since: "0.5.0",
  group: "server",
  flags: [],
  async run({ gateway }): Promise<Reply> {
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
      "keys.count": integer(await gateway.countTopics()),
      "keys.bytes-per-key": integer(0),
      "dataset.bytes": integer(0),
      "allocator.allocated": integer(heapUsed + external),
      "allocator.active": integer(heapTotal + external),
      "allocator.resident": integer(rss),
    });
  },
};

const DOCTOR: Command = {
  name: "MEMORY DOCTOR",
  arity: 2,
  usage: "MEMORY DOCTOR",
  summary: "Where to look instead",
  since: "0.5.0",
  group: "server",
  flags: [],
  run: () =>
    verbatim(
      "No issues are looked for here: messages lie in Kafka. What waits for a client is omem in CLIENT LIST, what waits " +
        "for Kafka is outstanding in INFO kafka, what the process takes is in INFO memory.\n",
    ),
};

const PURGE: Command = {
  name: "MEMORY PURGE",
  arity: 2,
  usage: "MEMORY PURGE",
  summary: "There is nothing to do: memory is given back by itself",
  since: "0.5.0",
  group: "server",
  flags: [],
  run: () => OK,
};

const MALLOC_STATS: Command = {
  name: "MEMORY MALLOC-STATS",
  arity: 2,
  usage: "MEMORY MALLOC-STATS",
  summary: "Says that the allocator has none",
  since: "0.5.0",
  group: "server",
  flags: [],
  run: () => verbatim("Stats not supported for the current allocator"),
};

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
