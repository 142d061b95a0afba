/**
 * @module
 * Consuming messages.
 */

import { SettingError } from "../kafka/conf.ts";
import type { Consumer } from "../kafka/consumer.ts";
import { KafkaError } from "../kafka/error.ts";
import type { Message } from "../kafka/message.ts";
import { array, bulk, integer, NULL, NULL_ARRAY, type Reply } from "../resp/reply.ts";
import {
  type Argument,
  type ConsumeTarget,
  parseBlpopTimeoutMs,
  parseConsumerSettings,
  parseConsumeTarget,
  shown,
} from "./args.ts";
import type { Command } from "./command.ts";
import { CommandError, Unblocked } from "./command_error.ts";
import type { Context } from "./context.ts";

const BLPOP: Command = {
  name: "BLPOP",
  arity: 3,
  usage: "BLPOP topics:<t1>[,<t2>…][:<JSON consumer settings>] <timeoutSeconds>",
  summary: "The next message of these topics; waits for it, 0 for ever",
  group: "list",
  flags: ["write", "blocking"],
  keys: { first: 1, last: 1 },
  run(context, args): Reply | Promise<Reply> {
    const unitMs = context.dialect === "readme" ? 1 : 1_000;
    const timeoutMs = parseBlpopTimeoutMs(args[1]!, unitMs);
    const target = consumeTarget(context, args[0]!);
    requireReplies(context);
    const { consumer } = context.kafka;
    if (!consumer) return openAndWait(context, target, timeoutMs);
    requireSameTopics(context, consumer, target.topics);
    const message = answeringPollErrors(() => consumer.poll());
    if (message) return popped(context, message);
    return waitForMessage(context, consumer, timeoutMs);
  },
};

/** BLPOP */
export const consumeCommands: readonly Command[] = [BLPOP];

/** What to consume, if this connection may. */
function consumeTarget(context: Context, argument: Argument): ConsumeTarget {
  if (context.client.name === undefined) {
    throw new CommandError(
      "CONS",
      "Connection not ready. Identify yourself using `CLIENT SETNAME` first",
    );
  }
  if (!context.client.identity) throw new CommandError("CONS", "Cannot parse group.id");
  return parseConsumeTarget(argument);
}

/** A message that is taken and not shown would be missing until the connection ends. */
function requireReplies({ client }: Context): void {
  if (client.replyMode === "on") return;
  throw new CommandError("CONS", "BLPOP takes no message while CLIENT REPLY is OFF or SKIP");
}

function requireSameTopics(
  { client: { id } }: Context,
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
    consumer = await context.kafka.openConsumer(context.client.identity!, topics, settings);
  } catch (cause) {
    if (!(cause instanceof SettingError || cause instanceof KafkaError)) throw cause;
    const { id } = context.client;
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
    const message = await context.client.block((signal) => consumer.receive(timeoutMs, signal));
    return message ? popped(context, message) : NULL_ARRAY;
  } catch (cause) {
    if (cause instanceof Unblocked && !cause.withError) return NULL_ARRAY;
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
  context.kafka.handedOut();
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
