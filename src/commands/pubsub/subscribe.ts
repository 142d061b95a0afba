/**
 * SUBSCRIBE and its kin: messages of channels, of patterns of channels, and of topics, as they come.
 *
 * @see https://redis.io/docs/latest/commands/subscribe/
 * @module
 */

import type { ChannelKind } from "../../pubsub/channel.ts";
import { TooManyChannels } from "../../pubsub/channels.ts";
import type { FeedTopics } from "../../pubsub/topic_feeds.ts";
import { pieces, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { NO_KEYS } from "../core/access.ts";
import type { Argument } from "../core/args.ts";
import * as arg from "../core/arguments.ts";
import { requireKey } from "../core/authorize.ts";
import { subscribeUses, topicsOf } from "../core/channel_access.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { requireKafka } from "../core/produce_errors.ts";
import { subscribed, unsubscribed } from "../core/subscription_reply.ts";

/** Each is kept for every subscriber, and patterns are compared with every message. */
const MAX_NAME_BYTES: Readonly<Record<ChannelKind, number>> = {
  channel: 1_024,
  pattern: 512,
  shard: 1_024,
};

/** SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE, UNSUBSCRIBE, PUNSUBSCRIBE, SUNSUBSCRIBE */
export const subscribeCommands: readonly Command[] = [
  subscribeCommand("SUBSCRIBE", "channel", "channel", "Sends the messages of channels and topics"),
  subscribeCommand(
    "PSUBSCRIBE",
    "pattern",
    "pattern",
    "Sends the messages of all channels that match; of topics those that match `topics:<glob>`",
  ),
  subscribeCommand(
    "SSUBSCRIBE",
    "shard",
    "shardchannel",
    "Same as SUBSCRIBE, for messages of SPUBLISH and of topics",
  ),
  unsubscribeCommand("UNSUBSCRIBE", "channel", "channel"),
  unsubscribeCommand("PUNSUBSCRIBE", "pattern", "pattern"),
  unsubscribeCommand("SUNSUBSCRIBE", "shard", "shardchannel"),
];

function subscribeCommand(
  name: string,
  kind: ChannelKind,
  argument: string,
  summary: string,
): Command {
  return command({
    name,
    arity: -2,
    arguments: [specOf(kind, argument)],
    summary,
    since: "0.8.0",
    group: "pubsub",
    flags: ["pubsub"],
    categories: ["consume"],
    access: {
      uses: (args, { gateway: { topicKeys } }) =>
        args.flatMap((one) => subscribeUses(kind, one, topicKeys)),
    },
    run: (context, args) => subscribe(context, kind, args),
  });
}

function unsubscribeCommand(name: string, kind: ChannelKind, argument: string): Command {
  return command({
    name,
    arity: -1,
    arguments: [{ ...specOf(kind, argument), optional: true }],
    summary: "Sends no more messages of these, or of any",
    since: "0.8.0",
    group: "pubsub",
    flags: ["pubsub"],
    categories: ["consume"],
    access: NO_KEYS,
    run: (context, args) => unsubscribe(context, kind, args),
  });
}

function specOf(kind: ChannelKind, name: string): arg.ArgumentSpec {
  return kind === "pattern"
    ? arg.pattern(name, { multiple: true })
    : arg.string(name, { multiple: true });
}

interface Wanted {
  readonly name: Uint8Array<ArrayBuffer>;
  /** undefined for a channel in memory. */
  readonly topics: FeedTopics | undefined;
}

/** Nothing is subscribed to if one of them cannot be. */
function subscribe(context: Context, kind: ChannelKind, args: Request): Reply | Promise<Reply> {
  for (const name of args) requireShort(kind, name);
  const wanted = args.map((name): Wanted => ({
    name: name.slice(),
    topics: topicsOf(context, kind, name),
  }));
  const { subscriptions } = context.client.pubsub;
  context.client.pubsub.hold(); // the reply comes before the first of them
  if (wanted.some(({ topics }) => topics)) return subscribeTopics(context, kind, wanted);
  const added: Uint8Array<ArrayBuffer>[] = [];
  try {
    return pieces(wanted.map(({ name }) => {
      if (!subscriptions.has(kind, name)) added.push(name);
      subscriptions.add(kind, name);
      return subscribed(kind, name, subscriptions.replyCount(kind));
    }));
  } catch (error) {
    throw undone(context, kind, added, error);
  }
}

/** Each topic is read from its end on before the reply. */
async function subscribeTopics(
  context: Context,
  kind: ChannelKind,
  wanted: readonly Wanted[],
): Promise<Reply> {
  requireKafka(context);
  const { client: { pubsub: { subscriptions }, ended }, kafka: { feeds }, gateway: { topicKeys } } =
    context;
  const added: Uint8Array<ArrayBuffer>[] = [];
  const replies: Reply[] = [];
  try {
    for (const { name, topics } of wanted) {
      if (!subscriptions.has(kind, name)) added.push(name);
      if (topics) await subscriptions.addTopics(kind, name, { feeds, topics }, ended);
      else subscriptions.add(kind, name);
      replies.push(subscribed(kind, name, subscriptions.replyCount(kind)));
    }
    // rights may have been taken away meanwhile
    for (const { name } of wanted) {
      for (const use of subscribeUses(kind, name, topicKeys)) requireKey(context, use);
    }
  } catch (error) {
    throw undone(context, kind, added, error);
  }
  return pieces(replies);
}

function undone(
  { client: { pubsub: { subscriptions } } }: Context,
  kind: ChannelKind,
  added: readonly Uint8Array<ArrayBuffer>[],
  cause: unknown,
): unknown {
  for (const name of added) subscriptions.remove(kind, name);
  if (!(cause instanceof TooManyChannels)) return cause;
  return new CommandError("ERR", cause.message, { cause });
}

function unsubscribe({ client }: Context, kind: ChannelKind, args: Request): Reply {
  const { subscriptions } = client.pubsub;
  const names = args.length > 0 ? args.map((name) => name.slice()) : subscriptions.names(kind);
  if (names.length === 0) return unsubscribed(kind, undefined, subscriptions.replyCount(kind));
  return pieces(names.map((name) => {
    subscriptions.remove(kind, name);
    return unsubscribed(kind, name, subscriptions.replyCount(kind));
  }));
}

function requireShort(kind: ChannelKind, name: Argument): void {
  const maxBytes = MAX_NAME_BYTES[kind];
  if (name.byteLength <= maxBytes) return;
  throw new CommandError(
    "ERR",
    `${
      kind === "pattern" ? "pattern" : "channel"
    } has ${name.byteLength} bytes, at most ${maxBytes} are allowed`,
  );
}
