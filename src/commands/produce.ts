/**
 * @module
 * Commands that produce messages and wait for their delivery.
 */

import type { Producer } from "../kafka/producer.ts";
import { KafkaError } from "../kafka/error.ts";
import { integer, OK, type Reply } from "../resp/reply.ts";
import type { Request } from "../resp/request_parser.ts";
import {
  parseDumpTimeoutMs,
  parseInteger,
  parseProduceTarget,
  parseWaitTimeoutMs,
} from "./args.ts";
import type { Command } from "./command.ts";
import { CommandError, Unblocked } from "./command_error.ts";
import type { Context } from "./context.ts";

const RPUSHX: Command = {
  name: "RPUSHX",
  arity: -3,
  usage: "RPUSHX topics:<topic>[:<key>] <message> [<message> ...]",
  summary: "Produces messages; the same key goes to the same partition",
  since: "0.1.0",
  group: "list",
  flags: ["write", "fast"],
  keys: { first: 1, last: 1 },
  wrongArity: (count) => new CommandError("PROD", `RPUSHX accepts 2 arguments, got ${count}`),
  run(context, args): Reply {
    const count = produce(context, args);
    return context.dialect === "readme" ? OK : integer(count);
  },
};

const LPUSH: Command = {
  name: "LPUSH",
  arity: -3,
  usage: "LPUSH topics:<topic>[:<key>] <message> [<message> ...]",
  summary: "The same as RPUSHX: a topic has one end to write to",
  since: "0.2.0",
  group: "list",
  flags: ["write", "fast"],
  keys: { first: 1, last: 1 },
  run: (context, args) => integer(produce(context, args)),
};

const DUMP: Command = {
  name: "DUMP",
  arity: 2,
  usage: "DUMP <timeoutMs>",
  summary: "Waits until the messages of this connection are delivered; answers how many are not",
  since: "0.1.0",
  group: "generic",
  flags: ["blocking"],
  wrongArity: (count) => new CommandError("PROD", `DUMP accepts 1 argument, got ${count}`),
  run(context, args): Reply | Promise<Reply> {
    const timeoutMs = parseDumpTimeoutMs(args[0]!);
    const { producer } = context.kafka;
    if (!producer || producer.outstanding === 0) return integer(0);
    return flush(context, producer, timeoutMs).then(integer);
  },
};

const WAIT: Command = {
  name: "WAIT",
  arity: 3,
  usage: "WAIT numreplicas <timeoutMs>",
  summary:
    "Waits until the messages of this connection are delivered; 1 if all are and none failed " +
    "since the last WAIT, else 0",
  since: "0.2.0",
  group: "generic",
  flags: ["blocking"],
  async run(context, args): Promise<Reply> {
    parseInteger(args[0]!); // Kafka's own replicas are the business of `acks` and `min.insync.replicas`
    const timeoutMs = parseWaitTimeoutMs(args[1]!);
    const { producer } = context.kafka;
    const outstanding = producer?.outstanding ? await flush(context, producer, timeoutMs) : 0;
    const failures = context.kafka.takeFailures();
    return integer(outstanding === 0 && failures === 0 ? 1 : 0);
  },
};

/** RPUSHX, LPUSH, DUMP, WAIT */
export const produceCommands: readonly Command[] = [RPUSHX, LPUSH, DUMP, WAIT];

/**
 * Hands all messages to librdkafka, in order; stops at the first that it refuses.
 *
 * @param args key and messages
 * @returns how many: all
 * @throws {CommandError} that says how many were taken before one was refused
 */
export function produce(context: Context, args: Request): number {
  const messages = args.slice(1);
  let taken = 0;
  try {
    const { topic, key } = parseProduceTarget(args[0]!);
    const producer = context.kafka.openProducer();
    for (const message of messages) {
      producer.produce(topic, message, key);
      context.gateway.stats.produced();
      taken++;
    }
  } catch (cause) {
    context.kafka.refused();
    if (!(cause instanceof KafkaError)) throw cause;
    const rest = taken > 0 ? `; only the first ${taken} of ${messages.length} were taken` : "";
    throw new CommandError("PROD", cause.message + rest, { cause });
  }
  return taken;
}

/** How many messages are still outstanding when the time is over, or the wait is ended. */
function flush({ client }: Context, producer: Producer, timeoutMs: number): Promise<number> {
  return client.block(async (signal) => {
    const outstanding = await producer.flush(timeoutMs, signal);
    if (signal.reason instanceof Unblocked && signal.reason.withError) throw signal.reason;
    return outstanding;
  });
}
