/**
 * @module
 * Commands that produce messages and wait for their delivery.
 */

import { integer, OK, type Reply } from "../resp/reply.ts";
import { parseDumpTimeoutMs, parseProduceTarget } from "./args.ts";
import { type Command, CommandError } from "./command.ts";

const RPUSHX: Command = {
  name: "RPUSHX",
  arity: 3,
  usage: "RPUSHX topics:<topic>[:<key>] <message>",
  summary: "Produces a message; the same key goes to the same partition",
  errorCode: "PROD",
  wrongArity: (count) => new CommandError("PROD", `RPUSHX accepts 2 arguments, got ${count}`),
  run(context, args): Reply {
    const { topic, key } = parseProduceTarget(args[0]!);
    context.openProducer().produce(topic, args[1]!, key);
    context.stats.produced();
    return context.dialect === "readme" ? OK : integer(1);
  },
};

const DUMP: Command = {
  name: "DUMP",
  arity: 2,
  usage: "DUMP <timeoutMs>",
  summary: "Waits until the messages of this connection are delivered; answers how many are not",
  errorCode: "PROD",
  wrongArity: (count) => new CommandError("PROD", `DUMP accepts 1 argument, got ${count}`),
  run(context, args): Reply | Promise<Reply> {
    const timeoutMs = parseDumpTimeoutMs(args[0]!);
    const { producer } = context;
    if (!producer || producer.outstanding === 0) return integer(0);
    return producer.flush(timeoutMs, context.signal).then(integer);
  },
};

/** RPUSHX, DUMP */
export const produceCommands: readonly Command[] = [RPUSHX, DUMP];
