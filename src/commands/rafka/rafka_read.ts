/**
 * RAFKA READ: a look into a topic, without a group. Nothing is committed, nobody gets less for it.
 *
 * @module
 */

import type { Message } from "../../kafka/client/message.ts";
import { array, bulk, integer, NULL, record, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import type { PageStart } from "../../streams/topic_page.ts";
import { readsTopic } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, shownStart } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";
import {
  noTopic,
  parseBounded,
  parseWhole,
  shownTopicName,
  topicAccess,
} from "./admin_arguments.ts";

const DEFAULT_COUNT = 10;
const MAX_COUNT = 1_000_000;
const MAX_PARTITION = 2 ** 31 - 1;

/** RAFKA READ */
export const readCommand: Command = command({
  name: "RAFKA READ",
  arity: -3,
  arguments: [
    arg.string("topic"),
    arg.integer("partition", { token: "PARTITION", optional: true }),
    arg.oneOf(
      [
        arg.pureToken("earliest"),
        arg.pureToken("latest"),
        arg.integer("offset"),
        arg.integer("ms"),
      ],
      { token: "FROM", optional: true },
    ),
    arg.integer("count", { token: "COUNT", optional: true }),
    arg.pureToken("WITHMETA", { optional: true }),
  ],
  summary:
    "Returns messages of a topic, the last ones by default, without a group: nothing is committed. Never waits",
  since: "0.8.0",
  group: "server",
  flags: ["readonly"],
  categories: ["consume"],
  access: topicAccess(readsTopic),
  async run(context, [name, ...args]): Promise<Reply> {
    const topic = shownTopicName(context, name!);
    const { count, withMeta, ...where } = parseReadOptions(args);
    const { gateway: { settings: { outputLimitBytes } }, kafka, client } = context;
    const query = { ...where, maxCount: count, maxBytes: outputLimitBytes / 2 };
    const page = await kafka.streams.read(topic, query, client.ended);
    if (!page) throw noTopic(topic);
    if (page.isCut) throw tooLarge(count, outputLimitBytes);
    kafka.showing(page.messages.length);
    return array(page.messages.map(withMeta ? messageWithMeta : ({ value }) => orNull(value)));
  },
});

interface ReadOptions {
  readonly partition: number | undefined;
  readonly from: PageStart;
  readonly count: number;
  readonly withMeta: boolean;
}

function parseReadOptions(args: Request): ReadOptions {
  const options = new OptionCursor(args);
  let [partition, from, count, withMeta]: [number?, Argument?, number?, boolean?] = [];
  while (options.more) {
    if (options.take("WITHMETA")) withMeta = true;
    else if (options.take("PARTITION", 1)) {
      partition = parseBounded(options.value(), "PARTITION", [0, MAX_PARTITION]);
    } else if (options.take("COUNT", 1)) {
      count = parseBounded(options.value(), "COUNT", [1, MAX_COUNT]);
    } else if (options.take("FROM", 1)) from = options.value();
    else throw syntaxError();
  }
  return {
    partition,
    from: from ? parseFrom(from, partition !== undefined) : "latest",
    count: count ?? DEFAULT_COUNT,
    withMeta: withMeta ?? false,
  };
}

/** A number is an offset where there is a partition to have it, else a time. */
function parseFrom(argument: Argument, isOffset: boolean): PageStart {
  const word = new OptionCursor([argument]);
  if (word.take("EARLIEST")) return "earliest";
  if (word.take("LATEST")) return "latest";
  const value = parseWhole(argument);
  if (value !== undefined && isOffset) return { offset: value };
  if (value !== undefined && value <= Number.MAX_SAFE_INTEGER) {
    return { timestampMs: Number(value) };
  }
  throw new CommandError(
    "ERR",
    `FROM is earliest, latest, milliseconds since 1970, or with PARTITION an offset, got '${
      shownStart(argument)
    }'`,
  );
}

/** Headers are a flat list: names may repeat. */
function messageWithMeta({ partition, offset, value, metadata }: Message): Reply {
  const { key, timestampMs, headers } = metadata!;
  return record({
    partition: integer(partition),
    offset: integer(offset),
    timestamp: timestampMs === undefined ? NULL : integer(timestampMs),
    key: orNull(key),
    value: orNull(value),
    headers: array(headers.flatMap(([name, content]) => [bulk(name), orNull(content)])),
  });
}

function orNull(bytes: Uint8Array | null): Reply {
  return bytes === null ? NULL : bulk(bytes);
}

function tooLarge(count: number, limitBytes: number): CommandError {
  return new CommandError(
    "ERR",
    `${count} messages are larger than a reply may be, server.outputLimitBytes is ${limitBytes}: use a smaller COUNT`,
  );
}
