/**
 * RPUSH: says that messages are done, and, for clients that have no RPUSHX, produces.
 *
 * @module
 */

import type { Consumer } from "../../kafka/consumer/consumer.ts";
import { KafkaError } from "../../kafka/client/error.ts";
import { integer, type Reply } from "../../resp/reply.ts";
import { type Ack, isTopicsKey, parseAck, shown, toText } from "../core/args.ts";
import type { Command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { ok } from "../core/dialect.ts";
import { produce } from "./rpushx.ts";
import { produceHint } from "../core/topic_hint.ts";

const RPUSH: Command = {
  name: "RPUSH",
  arity: -3,
  usage: "RPUSH <acks | topics:<topic>[:<key>]> <<topic>:<partition>:<offset> | message> [...]",
  summary: "To `acks`: these messages are done, their group will not be handed them again. " +
    "To a topic: the same as RPUSHX",
  since: "0.1.0",
  group: "list",
  flags: ["write", "fast"],
  keys: { first: 1, last: 1 },
  takesMessages: (words) => words.length > 1 && isTopicsKey(words[1]!),
  run(context, args): Reply | Promise<Reply> {
    if (isTopicsKey(args[0]!)) return produce(context, args);
    if (toText(args[0]!).toLowerCase() !== "acks") {
      // the text is older than topics as keys, and API
      const hint = produceHint(args[0]!);
      throw new CommandError(
        "CONS",
        `You can only RPUSH to the 'acks' key${hint === undefined ? "" : `: ${hint}`}`,
      );
    }
    const count = acknowledge(context, args.slice(1).map(parseAck));
    return context.dialect === "readme" ? ok(context) : integer(count);
  },
};

/** RPUSH */
export const pushCommands: readonly Command[] = [RPUSH];

/**
 * All that can be is stored, in the order given.
 *
 * @returns how many: all
 * @throws {CommandError} that names what could not be stored
 */
function acknowledge({ kafka: { consumer }, client, gateway }: Context, acks: Ack[]): number {
  if (!consumer) {
    throw new CommandError("CONS", `No consumer registered for Client ${client.id}`);
  }
  const refusals: { ack: Ack; cause: KafkaError }[] = [];
  for (const ack of acks) {
    const cause = tryAck(consumer, ack);
    if (cause) refusals.push({ ack, cause });
    else gateway.telemetry.messages.acked.total++;
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

/** A partition that has moved on to another consumer: its message will be handed out again. */
function tryAck(consumer: Consumer, { topic, partition, offset }: Ack): KafkaError | undefined {
  try {
    consumer.ack(topic, partition, offset);
    return undefined;
  } catch (error) {
    if (error instanceof KafkaError) return error;
    throw error;
  }
}
