/**
 * LATENCY: histograms of commands. The events that stall a Redis (a fork, a disk) do not exist here.
 *
 * @see https://redis.io/docs/latest/commands/latency-histogram/
 * @module
 */

import { array, bulk, integer, map, record, type Reply, verbatim } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { shown, toText } from "../core/args.ts";
import type { CallCounter } from "../../telemetry/call_counter.ts";
import { canonicalName, type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import { container } from "../core/container.ts";

const HISTOGRAM: Command = command({
  name: "LATENCY HISTOGRAM",
  arity: -2,
  arguments: [arg.string("command", { optional: true, multiple: true })],
  summary: "Returns a histogram of each command's latency in microseconds",
  since: "0.5.0",
  group: "server",
  flags: [],
  categories: ["admin", "dangerous"],
  run({ gateway }, args): Reply {
    const asked = args.map((arg) => toText(arg).toLowerCase());
    const isAsked = (name: string): boolean =>
      asked.length === 0 || asked.includes(name) || asked.includes(name.split("|")[0]!);
    const chosen = gateway.telemetry.commands.commands
      .map(([one, counter]) => [canonicalName(one), counter] as const)
      .filter(([name, { latencies }]) => latencies && isAsked(name));
    return map(chosen.map(([name, counter]) => [bulk(name), histogram(counter)]));
  },
});

const LATEST: Command = command({
  name: "LATENCY LATEST",
  arity: 2,
  summary: "Returns an empty list, as a Redis with `latency-monitor-threshold 0`",
  since: "0.2.0",
  group: "server",
  flags: ["admin"],
  run: () => array([]),
});

const HISTORY: Command = command({
  name: "LATENCY HISTORY",
  arity: 3,
  arguments: [arg.string("event")],
  summary: "Returns an empty list: no events are recorded",
  since: "0.5.0",
  group: "server",
  flags: ["admin"],
  run: () => array([]),
});

const GRAPH: Command = command({
  name: "LATENCY GRAPH",
  arity: 3,
  arguments: [arg.string("event")],
  summary: "Returns an error: no events are recorded",
  since: "0.5.0",
  group: "server",
  flags: ["admin"],
  run(_context, args): Reply {
    const event = shown(toText(args[0]!));
    throw new CommandError("ERR", `No samples available for event '${event}'`);
  },
});

const DOCTOR: Command = command({
  name: "LATENCY DOCTOR",
  arity: 2,
  summary: "Names the commands to use instead",
  since: "0.5.0",
  group: "server",
  flags: ["admin"],
  run: () =>
    verbatim(
      "No latency events are recorded here. How long commands take is in LATENCY HISTOGRAM, INFO latencystats and " +
        "INFO commandstats; how long Kafka takes, in the log of its brokers.\n",
    ),
});

const RESET: Command = command({
  name: "LATENCY RESET",
  arity: -2,
  arguments: [arg.string("event", { optional: true, multiple: true })],
  summary: "Returns 0: no events are recorded",
  since: "0.2.0",
  group: "server",
  flags: ["admin"],
  run: () => integer(0),
});

/** LATENCY and its subcommands */
export const latencyCommands: readonly Command[] = [
  container("LATENCY", "server", "A container for latency commands", [
    HISTOGRAM,
    LATEST,
    HISTORY,
    GRAPH,
    DOCTOR,
    RESET,
  ]),
];

function histogram({ calls, latencies }: CallCounter): Reply {
  return record({
    calls: integer(calls),
    histogram_usec: map(
      latencies!.powersOfTwo().map(([microseconds, count]) => [
        integer(microseconds),
        integer(count),
      ]),
    ),
  });
}
