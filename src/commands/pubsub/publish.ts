/**
 * PUBLISH and SPUBLISH. To a topic it is a durable produce; any other channel is in the memory of this gateway.
 *
 * @see https://redis.io/docs/latest/commands/publish/
 * @module
 */

import { integer, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { isTopicsKey } from "../core/args.ts";
import * as arg from "../core/arguments.ts";
import { publishTarget, publishUses } from "../core/channel_access.ts";
import { type Command, command } from "../core/command.ts";
import type { Context } from "../core/context.ts";
import { produceDurably } from "../core/durable_produce.ts";
import type { Answer } from "../core/later_reply.ts";
import type { ProduceTarget } from "../core/memo.ts";
import { requireKept } from "../core/message_size.ts";
import { PendingDelivery } from "../core/pending_delivery.ts";
import { refusedMessage, requireKafka } from "../core/produce_errors.ts";

/** PUBLISH, SPUBLISH */
export const publishCommands: readonly Command[] = [
  publishCommand("PUBLISH", "channel", "channel"),
  publishCommand("SPUBLISH", "shard", "shardchannel"),
];

function publishCommand(name: string, kind: "channel" | "shard", argument: string): Command {
  return command({
    name,
    arity: 3,
    arguments: [arg.string(argument), arg.string("message")],
    summary: "Sends a message to the subscribers of a channel; to `topics:<topic>[:<key>]` " +
      "it is produced, and the reply comes when Kafka has it",
    since: "0.8.0",
    group: "pubsub",
    flags: ["pubsub", "fast"],
    categories: ["produce"],
    access: { uses: ([channel], { gateway: { topicKeys } }) => publishUses(channel!, topicKeys) },
    takesMessages: (begun) => begun.length > 1 && isTopicsKey(begun[1]!),
    run(context, args): Answer | Promise<Answer> {
      const [channel, payload] = args;
      const target = publishTarget(context, channel!);
      if (target) return produce(context, target, args);
      return integer(context.gateway.channels.publish(kind, channel!, payload!));
    },
  });
}

/** The number of subscribers of a topic here; others are not known, and 0 is a failure to some clients. */
class PendingPublish extends PendingDelivery {
  readonly #context: Context;
  readonly #topic: string;

  constructor(context: Context, topic: string) {
    super();
    this.#context = context;
    this.#topic = topic;
  }

  protected replyFor(): Reply {
    return integer(Math.max(1, this.#context.kafka.feeds.subscribers(this.#topic)));
  }
}

function produce(
  context: Context,
  { topic, key }: ProduceTarget,
  args: Request,
): Answer | Promise<Answer> {
  const [, value] = args;
  const refused = (cause: unknown): unknown =>
    refusedMessage(context, cause, { bytes: value!.byteLength });
  try {
    requireKept(context, args);
    requireKafka(context);
    const pending = new PendingPublish(context, topic);
    return produceDurably(context, { topic, key, value: value!, pending, refused });
  } catch (cause) {
    throw refused(cause);
  }
}
