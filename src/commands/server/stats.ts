/**
 * The counters of the gateway, as a hash that is called `stats`.
 *
 * @module
 */

import { bulk, map, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, shownStart, toText } from "../core/args.ts";
import type { Labels } from "../../telemetry/metrics.ts";
import { readsMessages } from "../core/visibility.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";

const STATS = "STATS";

const HGETALL: Command = command({
  name: "HGETALL",
  arity: 2,
  arguments: [arg.key("stats", { access: "read" })],
  summary: "Returns the counters of this gateway",
  since: "0.1.0",
  group: "hash",
  flags: ["readonly"],
  run({ gateway, client }, args): Reply {
    expectStatsKey(args[0]!);
    const isShown = ({ topic, principal }: Labels): boolean =>
      topic === undefined || readsMessages(client, { topic, principal });
    const counters = gateway.telemetry.registry.statFields(isShown);
    return map(counters.map(([name, value]) => [bulk(name), bulk(String(value))]));
  },
});

/** HGETALL */
export const statsCommands: readonly Command[] = [HGETALL];

/** The text is older than topics as keys, and API. */
function expectStatsKey(argument: Argument): void {
  if (!isStatsKey(argument)) throw notStats(argument);
}

/** Whether it is the key of the counters. */
export function isStatsKey(argument: Argument): boolean {
  return argument.byteLength === STATS.length && toText(argument).toUpperCase() === STATS;
}

/** The error for any other key; `hint` says what would be right. */
export function notStats(argument: Argument, hint?: string): CommandError {
  const key = shownStart(argument).toUpperCase();
  const more = hint === undefined ? "" : `: ${hint}`;
  return new CommandError("ERR", `Expected key to be 'stats', got ${key}${more}`);
}
