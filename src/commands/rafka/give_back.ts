/**
 * RAFKA NACK: gives a message of BLPOP back, where acks stand for single messages.
 *
 * @module
 */

import { KafkaError } from "../../kafka/client/error.ts";
import { integer, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { parseAck, parseInteger } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, tooManyArguments } from "../core/command_error.ts";

/** Longer than any worker waits. */
const MAX_DELAY_MS = 86_400_000;

/** RAFKA NACK */
export const nackCommand: Command = command({
  name: "RAFKA NACK",
  arity: -3,
  arguments: [
    arg.string("<topic>:<partition>:<offset>"),
    arg.integer("delayMs", { display: "delayMs", optional: true }),
  ],
  summary:
    "Gives a message of BLPOP back, to be returned again after a delay; 0 if it is acked already. Needs " +
    "`rafka.acks` `each`",
  since: "0.7.0",
  group: "server",
  flags: ["write", "fast"],
  categories: ["consume"],
  run({ kafka: { consumer }, client }, [message, delay, ...more]): Reply {
    if (more.length > 0) throw tooManyArguments("RAFKA", "NACK");
    const { topic, partition, offset } = parseAck(message!);
    const delayMs = delay ? parseDelayMs(delay) : 0;
    if (!consumer) {
      throw new CommandError("CONS", `No consumer registered for Client ${client.id}`);
    }
    if (!consumer.singleAcks) {
      throw new CommandError(
        "CONS",
        'RAFKA NACK needs {"rafka.acks":"each"} in the JSON of the first BLPOP: else an ack stands for all before it',
      );
    }
    try {
      return integer(consumer.giveBack(topic, partition, offset, delayMs) ? 1 : 0);
    } catch (cause) {
      if (!(cause instanceof KafkaError)) throw cause;
      const place = `${topic}:${partition}:${offset}`;
      throw new CommandError("CONS", `Cannot give back ${place}: ${cause.message}`, { cause });
    }
  },
});

function parseDelayMs(argument: Parameters<typeof parseInteger>[0]): number {
  const refusal = `delayMs must be a whole number from 0 to ${MAX_DELAY_MS}`;
  const delayMs = parseInteger(argument, refusal);
  if (delayMs < 0 || delayMs > MAX_DELAY_MS) throw new CommandError("ERR", refusal);
  return delayMs;
}
