/**
 * Commands that produce messages, and those that wait for their delivery.
 *
 * @module
 */

import type { ProduceOptions } from "../../kafka/producer/message_calls.ts";
import type { ProducerLease } from "../../kafka/producer/producer_lease.ts";
import type { DeliveryListener } from "../../kafka/producer/report_requests.ts";
import { integer, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { SkippedArgument } from "../../resp/skipped_argument.ts";
import * as arg from "../core/arguments.ts";
import { parseDumpTimeoutMs, parseInteger, parseWaitTimeoutMs } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, ServerShutdown, Unblocked } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import type { Answer } from "../core/later_reply.ts";
import type { ProduceTarget } from "../core/memo.ts";
import { ok } from "../core/dialect.ts";
import { requireKept, tooLarge } from "../core/message_size.ts";
import { refusedMessage, requireKafka } from "../core/produce_errors.ts";
import { plainGroup } from "./list_source.ts";
import { PendingPush } from "./pending_push.ts";
import { produceTarget } from "./produce_target.ts";
import { produceRepeats } from "./repeated_messages.ts";

const COLON = 0x3a;

const RPUSHX: Command = command({
  name: "RPUSHX",
  arity: -3,
  arguments: [
    arg.key("topics:<topic>[:<key>]", { access: "write" }),
    arg.string("message", { display: "<message>", multiple: true }),
  ],
  summary: "Produces messages; equal keys share a partition",
  since: "0.1.0",
  group: "list",
  flags: ["write", "fast"],
  categories: ["produce"],
  takesMessages: () => true,
  wrongArity: (count) => new CommandError("PROD", `RPUSHX accepts 2 arguments, got ${count}`),
  run(context, args): Answer | Promise<Answer> {
    return produce(context, args, context.dialect === "readme" ? () => ok(context) : integer);
  },
  repeat: produceRepeats,
});

const LPUSH: Command = leftPush("LPUSH", "0.2.0");

const LPUSHX: Command = leftPush("LPUSHX", "0.9.0");

const DUMP: Command = command({
  name: "DUMP",
  arity: 2,
  arguments: [arg.integer("timeoutMs", { display: "<timeoutMs>" })],
  summary: "Waits for the delivery of this connection's messages; returns how many are outstanding",
  since: "0.1.0",
  group: "generic",
  flags: ["blocking"],
  categories: ["produce"],
  wrongArity: (count) => new CommandError("PROD", `DUMP accepts 1 argument, got ${count}`),
  run(context, args): Reply | Promise<Reply> {
    const timeoutMs = parseDumpTimeoutMs(args[0]!);
    if (context.kafka.outstanding === 0) return integer(0);
    return flush(context, timeoutMs).then(({ outstanding }) => integer(outstanding));
  },
});

const WAIT: Command = command({
  name: "WAIT",
  arity: 3,
  arguments: [arg.integer("numreplicas"), arg.integer("timeoutMs", { display: "<timeoutMs>" })],
  summary:
    "Waits for the delivery of this connection's messages; 1 if all are delivered and none failed since the last " +
    "WAIT, else 0",
  since: "0.2.0",
  group: "generic",
  flags: ["blocking"],
  categories: ["connection", "produce"],
  async run(context, args): Promise<Reply> {
    parseInteger(args[0]!); // Kafka's own replicas are the business of `acks` and `min.insync.replicas`
    const timeoutMs = parseWaitTimeoutMs(args[1]!);
    if (context.kafka.outstanding > 0) {
      const { outstanding, shutdown } = await flush(context, timeoutMs);
      if (outstanding > 0 && shutdown) throw undecided(outstanding);
      if (outstanding > 0) return integer(0); // what has failed is for the WAIT that sees the end of the others
    }
    return integer(context.kafka.takeFailures() === 0 ? 1 : 0);
  },
});

/** RPUSHX, LPUSH, LPUSHX, DUMP, WAIT */
export const produceCommands: readonly Command[] = [RPUSHX, LPUSH, LPUSHX, DUMP, WAIT];

function leftPush(name: string, since: string): Command {
  return command({
    name,
    arity: -3,
    arguments: [
      arg.key("topics:<topic>[:<key>]", { access: "write" }),
      arg.string("message", { display: "<message>", multiple: true }),
    ],
    summary: "Same as RPUSHX: a topic has one end to write to",
    since,
    group: "list",
    flags: ["write", "fast"],
    categories: ["produce"],
    takesMessages: () => true,
    run: (context, args) => produce(context, args),
    repeat: produceRepeats,
  });
}

/**
 * Hands all messages to librdkafka, in order; stops at the first that it refuses. Where there is no room for one the
 * client is held: it gets its reply when there was room for all, and nothing more is read from it until then. To a plain
 * list the reply comes when Kafka has all of them.
 *
 * @param args key and messages
 * @param toReply makes the reply of their number
 * @throws {CommandError} that says how many were taken before one was refused
 */
export function produce(
  context: Context,
  args: Request,
  toReply: (count: number) => Reply = integer,
): Answer | Promise<Answer> {
  const count = args.length - 1;
  let taken = 0;
  try {
    requireKept(context, args.slice(0, 1));
    const target = produceTarget(context, args[0]!);
    requireKafka(context);
    const isPlain = plainGroup(context, target.rule) !== undefined;
    const pending = isPlain ? new PendingPush(count, toReply) : undefined;
    const sink = pending ? durableSink(context, pending) : sinkOf(context);
    const answer = (): Answer => pending?.begin(context.gateway.addDeadlines) ?? toReply(count);
    while (taken < count && take(context, sink, target, args[taken + 1]!)) taken++;
    if (taken === count) return answer();
    const messageAt: MessageAt = (at) => ({ ...target, value: args[at + 1]! });
    return produceHeld(context, sink, count, messageAt, taken).then(answer);
  } catch (cause) {
    throw refused(context, cause, { taken, count, byteLength: args[taken + 1]?.byteLength });
  }
}

/**
 * Produces a message without a value for each key, `topics:<topic>:<key>`: Kafka forgets what a compacted topic has of
 * the key. Everything else is as for other messages.
 *
 * @throws {CommandError} that says how many were taken before one was refused
 */
export function produceTombstones(context: Context, keys: Request): Reply | Promise<Reply> {
  const messageAt: MessageAt = (at) => ({ ...produceTarget(context, keys[at]!), value: null });
  let taken = 0;
  try {
    requireKept(context, keys);
    for (const at of keys.keys()) messageAt(at); // none is produced if one is wrong
    requireKafka(context);
    const sink = sinkOf(context);
    while (taken < keys.length && take(context, sink, messageAt(taken), null)) taken++;
    if (taken === keys.length) return integer(taken);
    return produceHeld(context, sink, keys.length, messageAt, taken).then(integer);
  } catch (cause) {
    throw refused(context, cause, {
      taken,
      count: keys.length,
      byteLength: keyLength(keys[taken]),
    });
  }
}

/** How long the key of a tombstone is, which is all that it has. */
function keyLength(word: Request[number] | undefined): number {
  return word ? word.byteLength - word.indexOf(COLON, word.indexOf(COLON) + 1) - 1 : 0;
}

/** One of the messages of a command. */
interface Message extends ProduceTarget {
  /** null for a tombstone. */
  readonly value: Request[number] | null;
}

function lengthOf({ value, key }: Message): number | undefined {
  return value === null ? key?.byteLength : value.byteLength;
}

type MessageAt = (at: number) => Message;

/** Where messages go. */
interface Sink {
  readonly producer: ProducerLease;
  /** Of each message. */
  readonly options?: ProduceOptions;
  /** How long a message waits for room; without, as long as its client. */
  readonly roomMs?: number;
}

function sinkOf({ kafka }: Context): Sink {
  return { producer: kafka.openProducer() };
}

/** Of messages that are reported to a listener. */
function durableSink({ kafka, gateway }: Context, listener: DeliveryListener): Sink {
  const { addTimeoutMs } = gateway.settings.streams;
  return { producer: kafka.openDurableProducer(), options: { listener }, roomMs: addTimeoutMs };
}

/** What is left of the messages, each as soon as there is room for it; how many they are in all. */
async function produceHeld(
  context: Context,
  sink: Sink,
  count: number,
  messageAt: MessageAt,
  alreadyTaken: number,
): Promise<number> {
  let taken = alreadyTaken;
  try {
    const { producer, options, roomMs } = sink;
    const { ended } = context.client;
    for (; taken < count; taken++) {
      const message = messageAt(taken);
      if (!take(context, sink, message, message.value)) {
        const { topic, value, key } = message;
        await producer.produceWhenRoom(topic, value, key, ended, options, roomMs);
        countProduced(context, topic);
      }
    }
  } catch (cause) {
    throw refused(context, cause, { taken, count, byteLength: lengthOf(messageAt(taken)) });
  }
  return count;
}

/** False when there is no room for it now. */
function take(
  context: Context,
  { producer, options }: Sink,
  { topic, key }: ProduceTarget,
  value: Request[number] | null,
): boolean {
  if (value instanceof SkippedArgument) throw tooLarge(value.skippedBytes, context);
  const isTaken = producer.produce(topic, value, key, options);
  if (isTaken) countProduced(context, topic);
  return isTaken;
}

function countProduced({ gateway }: Context, topic: string): void {
  gateway.telemetry.messages.produced.of(topic).total++;
}

/** The error that tells the client what was not taken, and why. */
function refused(
  context: Context,
  cause: unknown,
  { taken, count, byteLength }: { taken: number; count: number; byteLength?: number | undefined },
): unknown {
  const rest = taken > 0 ? `; only the first ${taken} of ${count} were taken` : "";
  return refusedMessage(context, cause, { bytes: byteLength, rest });
}

/** Who is answered 0 may send them again, and some are stored twice. */
function undecided(outstanding: number): CommandError {
  return new CommandError(
    "PROD",
    `Server shutdown: ${outstanding} messages are not delivered yet, and may still be`,
  );
}

/**
 * How many messages are still outstanding when the time is over, or the wait is ended. A shutdown does not end it at
 * once: what it still delivers must not be said to be undelivered, since the client would send it again.
 */
function flush({ client, kafka }: Context, timeoutMs: number): Promise<Unflushed> {
  return client.block(async (signal) => {
    const deadline = performance.now() + timeoutMs;
    const outstanding = await kafka.flush(timeoutMs, signal);
    const reason: unknown = signal.reason;
    if (reason instanceof Unblocked && reason.withError) throw reason;
    if (!(reason instanceof ServerShutdown)) return { outstanding, shutdown: false };
    const leftMs = Math.min(deadline - performance.now(), reason.flushTimeoutMs);
    return { outstanding: await kafka.flush(Math.max(leftMs, 0)), shutdown: true };
  });
}

/** What came of a wait for the delivery of messages. */
interface Unflushed {
  /** How many are neither delivered nor failed. */
  readonly outstanding: number;
  /** The gateway ends: nobody can ask again. */
  readonly shutdown: boolean;
}
