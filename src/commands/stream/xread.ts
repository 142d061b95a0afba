/**
 * XREAD: what comes behind an id in some streams; waits for it with BLOCK.
 *
 * @see https://redis.io/docs/latest/commands/xread/
 * @module
 */

import {
  hasEntries,
  type ReadFrom,
  readNow,
  type StreamPages,
  waitForNext,
} from "../../streams/stream_reading.ts";
import { array, bulk, map, NULL_ARRAY, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { useOf } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parseWaitTimeoutMs, toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, syntaxError, Unblocked } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { OptionCursor } from "../core/options.ts";
import { parseId } from "./id_arguments.ts";
import { entryReply } from "./entry_mapping.ts";
import { streamTopic } from "./stream_key.ts";

/** What to read. */
interface ReadArguments {
  /** Maximum number of entries of each stream. */
  readonly maxCount: number;
  /** How long to wait for the first; 0 for not at all, `Infinity` for ever. */
  readonly timeoutMs: number;
  /** As they are sent. */
  readonly keys: readonly Argument[];
  /** Where each begins. */
  readonly from: readonly ReadFrom[];
}

const XREAD: Command = command({
  name: "XREAD",
  arity: -4,
  arguments: [
    arg.integer("count", { token: "COUNT", optional: true }),
    arg.integer("milliseconds", { token: "BLOCK", optional: true }),
    arg.block([
      arg.key("topics:<topic>", { multiple: true }),
      arg.string("id | $ | +", { multiple: true, display: "<id | $ | +>" }),
    ], { token: "STREAMS" }),
  ],
  summary:
    "Returns the entries of some streams behind an id each; blocks until there are some, 0 for no timeout",
  since: "0.7.0",
  group: "stream",
  flags: ["readonly", "blocking", "movablekeys"],
  categories: ["consume"],
  access: {
    uses: (args, { gateway: { topicKeys } }) =>
      parseArguments(args).keys.map((key) => useOf(key, "read", topicKeys)),
  },
  run: (context, args) => read(context, parseArguments(args)),
});

/** XREAD */
export const readCommands: readonly Command[] = [XREAD];

async function read(context: Context, args: ReadArguments): Promise<Reply> {
  const { client, gateway: { settings }, kafka: { streams } } = context;
  const keys = args.keys.map((key) => key.slice()); // the reply contains them, and may be sent much later
  const readings = keys.map((key, at) =>
    streams.reading(streamTopic(context, key), args.from[at]!, client.connectionId)
  );
  const maxBytes = settings.streams.readBytes / keys.length;
  const limits = { maxCount: args.maxCount, maxBytes };
  const timeoutMs = context.executing ? 0 : args.timeoutMs; // as in Redis: nobody could end it
  const now = await readNow(readings, limits, timeoutMs > 0, client.ended);
  if (timeoutMs === 0 || hasEntries(now)) return readReply(context, keys, now);
  try {
    const pages = await client.blockForMessages((signal) =>
      waitForNext(readings, limits, timeoutMs, context.kafka.cluster.bootstrap.watch(signal))
    );
    return readReply(context, keys, pages);
  } catch (cause) {
    if (cause instanceof Unblocked && !cause.withError) return NULL_ARRAY;
    throw cause;
  }
}

/** Streams with entries; RESP3 has a map for them. */
function readReply(
  { client, kafka }: Context,
  keys: readonly Argument[],
  pages: StreamPages,
): Reply {
  const streams = pages.flatMap((entries, at): [Reply, Reply][] => {
    if (entries.length === 0) return [];
    kafka.showing(entries.length);
    const items = entries.map(({ message }) => entryReply(message));
    return [[bulk(keys[at]!), array(items)]];
  });
  if (streams.length === 0) return NULL_ARRAY;
  return client.protocol === 3 ? map(streams) : array(streams.map((stream) => array(stream)));
}

/**
 * Parses `[COUNT n] [BLOCK ms] STREAMS key… id…`, with Redis' errors in its order.
 *
 * @throws {CommandError} ERR
 */
function parseArguments(args: Request): ReadArguments {
  const options = new OptionCursor(args);
  let [count, timeoutMs] = [0, 0];
  while (!options.take("STREAMS", 1)) {
    if (options.take("BLOCK", 1)) timeoutMs = parseWaitTimeoutMs(options.value());
    else if (options.take("COUNT", 1)) count = options.integer();
    else if (options.take("GROUP", 2)) throw onlyForGroups("GROUP");
    else if (options.take("NOACK")) throw onlyForGroups("NOACK");
    else throw syntaxError();
  }
  const streams = options.rest();
  if (streams.length % 2 !== 0) {
    throw new CommandError(
      "ERR",
      "Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.",
    );
  }
  const half = streams.length / 2;
  return {
    maxCount: count > 0 ? count : Infinity,
    timeoutMs,
    keys: streams.slice(0, half),
    from: streams.slice(half).map(parseFrom),
  };
}

function parseFrom(argument: Argument): ReadFrom {
  const text = argument.byteLength === 1 ? toText(argument) : "";
  if (text === "$") return "end";
  if (text === "+") return "last";
  if (text !== ">") return parseId(argument);
  throw new CommandError(
    "ERR",
    "The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
  );
}

function onlyForGroups(option: string): CommandError {
  return new CommandError(
    "ERR",
    `The ${option} option is only supported by XREADGROUP. You called XREAD instead.`,
  );
}
