/**
 * XADD: a durable produce. Its reply is the id of the entry, which nobody knows before Kafka has the message.
 *
 * @see https://redis.io/docs/latest/commands/xadd/
 * @module
 */

import { NULL } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import type { Argument } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import type { Context } from "../core/context.ts";
import { produceDurably } from "../core/durable_produce.ts";
import type { Answer } from "../core/later_reply.ts";
import type { ProduceTarget } from "../core/memo.ts";
import { requireKept } from "../core/message_size.ts";
import { refusedMessage, requireKafka } from "../core/produce_errors.ts";
import { type AddArguments, parseAddArguments } from "./add_arguments.ts";
import { PendingAdd } from "./pending_add.ts";
import { boundOf } from "./stream_bound.ts";
import { addRepeats } from "./repeated_entries.ts";
import { toRecord } from "./entry_mapping.ts";
import { streamTarget } from "./stream_key.ts";

const XADD: Command = command({
  name: "XADD",
  arity: -5,
  arguments: [
    arg.key("topics:<topic>[:<key>]", { access: "write" }),
    arg.pureToken("NOMKSTREAM", { optional: true }),
    arg.block([
      arg.oneOf([arg.pureToken("MAXLEN"), arg.pureToken("MINID")]),
      arg.oneOf([arg.pureToken("="), arg.pureToken("~")], { optional: true }),
      arg.string("threshold"),
      arg.integer("count", { token: "LIMIT", optional: true }),
    ], { optional: true }),
    arg.oneOf([arg.pureToken("*"), arg.string("<ms>-*")]),
    arg.block([arg.string("field"), arg.string("value")], { multiple: true }),
  ],
  summary: "Produces an entry as a message; returns its ID when Kafka has it",
  since: "0.7.0",
  group: "stream",
  flags: ["write", "fast"],
  categories: ["produce"],
  takesMessages: () => true,
  run(context, args): Answer | Promise<Answer> {
    try {
      requireKept(context, args);
      const add = parseAddArguments(args);
      const target = targetOf(context, args[0]!);
      requireKafka(context);
      return add.noMakeStream
        ? addIfExists(context, args, target, add)
        : produceEntry(context, args, target, add);
    } catch (cause) {
      throw refusedEntry(context, cause, args);
    }
  },
  repeat: addRepeats,
});

/** XADD */
export const addCommands: readonly Command[] = [XADD];

function targetOf(context: Context, argument: Argument): ProduceTarget {
  const { memo } = context.client;
  const known = memo.target(argument);
  if (known) return known;
  const target = streamTarget(context, argument);
  memo.keepTarget(argument, target);
  return target;
}

function produceEntry(
  context: Context,
  args: Request,
  { topic, key: topicKey, rule }: ProduceTarget,
  { fieldsAt, trim, timestampMs = Date.now() }: AddArguments,
): Answer | Promise<Answer> {
  const { gateway: { settings }, kafka: { streams } } = context;
  const { valueFields } = settings.streams;
  const { value, key, headers } = toRecord(args, topicKey, valueFields, fieldsAt, rule?.valueField);
  const bound = boundOf(trim, settings);
  if (bound) streams.trims.soon(topic, bound);
  return produceDurably(context, {
    topic,
    value,
    key,
    options: { headers, timestampMs },
    pending: new PendingAdd(timestampMs),
    refused: (cause) => refusedEntry(context, cause, args),
  });
}

/** The next requests wait, too: the messages of a connection keep their order. */
async function addIfExists(
  context: Context,
  args: Request,
  target: ProduceTarget,
  add: AddArguments,
): Promise<Answer> {
  try {
    const exists = await context.kafka.streams.exists(target.topic);
    return exists ? await produceEntry(context, args, target, add) : NULL;
  } catch (cause) {
    throw refusedEntry(context, cause, args);
  }
}

function refusedEntry(context: Context, cause: unknown, args: Request): unknown {
  const bytes = args.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return refusedMessage(context, cause, { bytes });
}
