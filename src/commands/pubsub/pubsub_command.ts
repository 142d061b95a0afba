/**
 * PUBSUB: which channels have subscribers on this gateway. A user is shown those that it may subscribe to.
 *
 * @see https://redis.io/docs/latest/commands/pubsub-channels/
 * @module
 */

import { byteText, type Channel, type ChannelKind } from "../../pubsub/channel.ts";
import { matchesGlob } from "../../resp/glob_match.ts";
import { array, bulk, integer, type Reply } from "../../resp/reply.ts";
import type { Argument } from "../core/args.ts";
import * as arg from "../core/arguments.ts";
import { subscribeUses } from "../core/channel_access.ts";
import { type Command, command } from "../core/command.ts";
import { tooManyArguments } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import type { Context } from "../core/context.ts";
import { parseGlob } from "../core/glob.ts";
import { visiblePrincipals } from "../core/visibility.ts";

/** PUBSUB and its subcommands */
export const pubsubCommands: readonly Command[] = [
  container("PUBSUB", "pubsub", "A container for commands about channels", [
    channelsCommand(
      "CHANNELS",
      "channel",
      "Lists the channels with subscribers, or those that match",
    ),
    numSubCommand("NUMSUB", "channel", "channel", "Returns the number of subscribers of channels"),
    command({
      name: "PUBSUB NUMPAT",
      arity: 2,
      summary: "Returns the number of patterns with subscribers",
      since: "0.8.0",
      group: "pubsub",
      flags: ["pubsub"],
      run: (context) => integer(visible(context, "pattern").length),
    }),
    channelsCommand("SHARDCHANNELS", "shard", "Same as CHANNELS, for SSUBSCRIBE"),
    numSubCommand("SHARDNUMSUB", "shard", "shardchannel", "Same as NUMSUB, for SSUBSCRIBE"),
  ]),
];

function channelsCommand(name: string, kind: ChannelKind, summary: string): Command {
  return command({
    name: `PUBSUB ${name}`,
    arity: -2,
    arguments: [arg.pattern("pattern", { optional: true })],
    summary,
    since: "0.8.0",
    group: "pubsub",
    flags: ["pubsub"],
    run(context, args): Reply {
      if (args.length > 1) throw tooManyArguments("PUBSUB", name);
      const [pattern] = args;
      if (pattern) parseGlob(pattern); // its length
      const glob = pattern && byteText(pattern);
      const names = new Map(visible(context, kind).map(({ name }) => [byteText(name), name]));
      const shown = [...names].filter(([text]) => glob === undefined || matchesGlob(glob, text));
      return array(shown.map(([, name]) => bulk(name)));
    },
  });
}

function numSubCommand(
  name: string,
  kind: ChannelKind,
  argument: string,
  summary: string,
): Command {
  return command({
    name: `PUBSUB ${name}`,
    arity: -2,
    arguments: [arg.string(argument, { optional: true, multiple: true })],
    summary,
    since: "0.8.0",
    group: "pubsub",
    flags: ["pubsub"],
    run: (context, names) =>
      array(
        names.flatMap((name) => [bulk(name.slice()), integer(countOf(context, kind, name))]),
      ),
  });
}

function countOf(context: Context, kind: ChannelKind, name: Argument): number {
  if (!maySubscribe(context, kind, name)) return 0;
  const { channels } = context.gateway;
  const text = byteText(name);
  return visiblePrincipals(context).flatMap(({ feeds }) => feeds.of(kind))
    .filter((channel) => byteText(channel.name) === text)
    .reduce((sum, { subscribers }) => sum + subscribers.size, channels.subscribers(kind, name));
}

/** Those that the user may subscribe to. */
function visible(context: Context, kind: ChannelKind): readonly Channel[] {
  const { channels } = context.gateway;
  const ofTopics = visiblePrincipals(context).flatMap(({ feeds }) => feeds.of(kind));
  return [...channels.of(kind), ...ofTopics]
    .filter(({ name }) => maySubscribe(context, kind, name));
}

function maySubscribe(
  { client: { user }, gateway: { topicKeys } }: Context,
  kind: ChannelKind,
  name: Argument,
): boolean {
  return user.isUnrestricted ||
    subscribeUses(kind, name, topicKeys).every((use) => user.mayUse(use));
}
