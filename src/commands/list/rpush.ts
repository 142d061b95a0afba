/**
 * RPUSH: acks messages, and produces for clients without RPUSHX.
 *
 * @module
 */

import type { Consumer } from "../../kafka/consumer/consumer.ts";
import { OTHER } from "../../telemetry/counter_family.ts";
import { KafkaError } from "../../kafka/client/error.ts";
import { integer } from "../../resp/reply.ts";
import { useOf } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Ack, type Argument, parseAck, shown, toText } from "../core/args.ts";
import { type Command, command, NOT_REPEATED } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { ok } from "../core/dialect.ts";
import type { Answer } from "../core/later_reply.ts";
import { produceRepeats } from "./repeated_messages.ts";
import { produce } from "./rpushx.ts";
import { produceHint } from "../core/topic_hint.ts";

/** In any case. */
const ACKS = "acks";

const RPUSH: Command = command({
  name: "RPUSH",
  arity: -3,
  arguments: [
    arg.oneOf([arg.key("acks"), arg.key("topics:<topic>[:<key>]")]),
    arg.oneOf([arg.string("<topic>:<partition>:<offset>"), arg.string("message")], {
      multiple: true,
      repetition: "[...]",
    }),
  ],
  summary:
    "To `acks`: acks messages, so that their group does not receive them again. To a topic: same as RPUSHX",
  since: "0.1.0",
  group: "list",
  flags: ["write", "fast"],
  categories: ["produce", "consume"],
  // an ack is for what the connection's own consumer has handed out
  access: {
    uses: ([key], { gateway: { topicKeys } }) =>
      isAcks(key!) || !topicKeys.has(key!) ? [] : [useOf(key!, "write", topicKeys)],
    dependsOn: 0,
  },
  takesMessages: (begun) => begun.length > 1 && !isAcks(begun[1]!),
  run(context, args): Answer | Promise<Answer> {
    if (!isAcks(args[0]!)) {
      if (context.gateway.topicKeys.has(args[0]!)) return produce(context, args);
      // a text that clients rely on, older than topics as keys
      const hint = produceHint(args[0]!);
      throw new CommandError(
        "CONS",
        `You can only RPUSH to the 'acks' key${hint === undefined ? "" : `: ${hint}`}`,
      );
    }
    const count = acknowledge(context, args.slice(1).map(parseAck));
    return context.dialect === "readme" ? ok(context) : integer(count);
  },
  repeat: (context, request, following) =>
    isAcks(request[1]!) ? NOT_REPEATED : produceRepeats(context, request, following),
});

/** Whatever the rules for keys say. */
function isAcks(key: Argument): boolean {
  return key.byteLength === ACKS.length && toText(key).toLowerCase() === ACKS;
}

/** RPUSH */
export const pushCommands: readonly Command[] = [RPUSH];

/**
 * Acks messages in the given order; one that fails does not keep the others from being acked.
 *
 * @returns the number of messages
 * @throws {CommandError} CONS that names the messages that could not be acked
 */
function acknowledge({ kafka: { consumer }, client, gateway }: Context, acks: Ack[]): number {
  if (!consumer) {
    throw new CommandError("CONS", `No consumer registered for Client ${client.id}`);
  }
  const refusals: { ack: Ack; cause: KafkaError }[] = [];
  const { acked, refusedAcks } = gateway.telemetry.messages;
  for (const ack of acks) {
    const cause = tryAck(consumer, ack);
    if (cause) refusals.push({ ack, cause });
    if (!cause) acked.of(consumer.groupId, ack.topic).total++;
    else refusedAcks.of(consumer.groupId, ownTopic(consumer, ack.topic)).total++;
  }
  const [first] = refusals;
  if (!first) return acks.length;
  const names = refusals.map(({ ack }) => `${ack.topic}:${ack.partition}:${ack.offset}`);
  const { cause } = first;
  throw new CommandError(
    "CONS",
    `Cannot ack ${shown(names.join(" "))}, the message will be handed out again: ${cause.message}`,
    { cause },
  );
}

/** For a counter: the topic of a refused ack may be any text. */
function ownTopic({ topics }: Consumer, topic: string): string {
  return topics.includes(topic) ? topic : OTHER;
}

/** Fails for a partition that is assigned to another consumer by now, which will get the message again. */
function tryAck(consumer: Consumer, { topic, partition, offset }: Ack): KafkaError | undefined {
  try {
    consumer.ack(topic, partition, offset);
    return undefined;
  } catch (error) {
    if (error instanceof KafkaError) return error;
    throw error;
  }
}
