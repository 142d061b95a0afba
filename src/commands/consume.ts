/**
 * @module
 * Commands that consume messages and say that they are done.
 */

import { SettingError } from "../kafka/conf.ts";
import type { Consumer } from "../kafka/consumer.ts";
import { KafkaError } from "../kafka/error.ts";
import type { Message } from "../kafka/message.ts";
import { array, bulk, integer, NULL, NULL_ARRAY, OK, type Reply } from "../resp/reply.ts";
import {
  type Argument,
  type ConsumeTarget,
  parseAck,
  parseBlpopTimeoutMs,
  parseConsumerSettings,
  parseConsumeTarget,
  shown,
  toText,
} from "./args.ts";
import { type Command, CommandError, type Context } from "./command.ts";

const BLPOP: Command = {
  name: "BLPOP",
  arity: 3,
  usage: "BLPOP topics:<t1>[,<t2>…][:<JSON consumer settings>] <timeoutSeconds>",
  summary: "The next message of these topics; waits for it, 0 for ever",
  errorCode: "CONS",
  run(context, args): Reply | Promise<Reply> {
    const unitMs = context.dialect === "readme" ? 1 : 1_000;
    const timeoutMs = parseBlpopTimeoutMs(args[1]!, unitMs);
    const target = consumeTarget(context, args[0]!);
    const { consumer } = context;
    if (!consumer) return openAndWait(context, target, timeoutMs);
    requireSameTopics(context, consumer, target.topics);
    const message = answeringPollErrors(() => consumer.poll());
    if (message) return popped(context, message);
    return waitForMessage(context, consumer, timeoutMs);
  },
};

const RPUSH: Command = {
  name: "RPUSH",
  arity: 3,
  usage: "RPUSH acks <topic>:<partition>:<offset>",
  summary: "The message is done: its group will not be handed it again",
  errorCode: "CONS",
  run(context, args): Reply {
    if (toText(args[0]!).toLowerCase() !== "acks") {
      throw new CommandError("CONS", "You can only RPUSH to the 'acks' key");
    }
    const { topic, partition, offset } = parseAck(args[1]!);
    if (!context.consumer) {
      throw new CommandError("CONS", `No consumer registered for Client ${context.id}`);
    }
    acknowledge(context.consumer, topic, partition, offset);
    context.stats.acked();
    return context.dialect === "readme" ? OK : integer(1);
  },
};

/** BLPOP, RPUSH */
export const consumeCommands: readonly Command[] = [BLPOP, RPUSH];

/** What to consume, if this connection may. */
function consumeTarget(context: Context, argument: Argument): ConsumeTarget {
  if (context.clientName === undefined) {
    throw new CommandError(
      "CONS",
      "Connection not ready. Identify yourself using `CLIENT SETNAME` first",
    );
  }
  if (!context.identity) throw new CommandError("CONS", "Cannot parse group.id");
  return parseConsumeTarget(argument);
}

function requireSameTopics(
  { id }: Context,
  consumer: Consumer,
  topics: readonly string[],
): void {
  if (sameTopics(consumer.topics, topics)) return;
  throw new CommandError(
    "CONS",
    `Client '${id}' has Consumer '${consumerId(id, consumer.topics)}' registered ` +
      `(new consID: '${consumerId(id, topics)}')`,
  );
}

/** The first BLPOP of a connection makes its consumer. */
async function openAndWait(
  context: Context,
  { topics, settingsJson }: ConsumeTarget,
  timeoutMs: number,
): Promise<Reply> {
  const settings = parseConsumerSettings(settingsJson);
  let consumer: Consumer;
  try {
    consumer = await context.openConsumer(context.identity!, topics, settings);
  } catch (cause) {
    if (!(cause instanceof SettingError || cause instanceof KafkaError)) throw cause;
    const { id } = context;
    throw new CommandError(
      "CONS",
      `Failed to register Consumer '${
        consumerId(id, topics)
      }' for Client '${id}': ${cause.message}`,
      { cause },
    );
  }
  return await waitForMessage(context, consumer, timeoutMs);
}

function consumerId(clientName: string, topics: readonly string[]): string {
  return `${clientName}|${shown(topics.join(","))}`;
}

/** In whatever order; each list has a topic once. */
function sameTopics(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  const known = new Set(a);
  return b.every((topic) => known.has(topic));
}

async function waitForMessage(
  context: Context,
  consumer: Consumer,
  timeoutMs: number,
): Promise<Reply> {
  try {
    const message = await consumer.receive(timeoutMs, context.signal);
    return message ? popped(context, message) : NULL_ARRAY;
  } catch (cause) {
    throw pollError(cause);
  }
}

function answeringPollErrors<T>(poll: () => T): T {
  try {
    return poll();
  } catch (cause) {
    throw pollError(cause);
  }
}

function pollError(cause: unknown): unknown {
  if (!(cause instanceof KafkaError)) return cause;
  return new CommandError("CONS", `Poll ${cause.message}`, { cause });
}

function popped(context: Context, message: Message): Reply {
  context.stats.consumed();
  return array([
    bulk("topic"),
    bulk(message.topic),
    bulk("partition"),
    integer(message.partition),
    bulk("offset"),
    integer(message.offset),
    bulk("value"),
    message.value === null ? NULL : bulk(message.value),
  ]);
}

/** A partition that has moved on to another consumer: its message will be handed out again, and is told so. */
function acknowledge(consumer: Consumer, topic: string, partition: number, offset: bigint): void {
  try {
    consumer.ack(topic, partition, offset);
  } catch (cause) {
    if (!(cause instanceof KafkaError)) throw cause;
    throw new CommandError(
      "CONS",
      `Cannot ack ${topic}:${partition}:${offset}, the message will be handed out again: ${cause.message}`,
      { cause },
    );
  }
}
