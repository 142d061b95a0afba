/**
 * XGROUP: makes, moves and removes consumer groups of a stream, and their consumers. A group is Kafka's of the same name.
 *
 * @see https://redis.io/docs/latest/commands/xgroup/
 * @module
 */

import type { StreamGroup } from "../../groups/stream_group.ts";
import type { GroupStart } from "../../groups/stream_groups.ts";
import { integer, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { useOf } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, tooManyArguments } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import type { Context } from "../core/context.ts";
import { ok } from "../core/dialect.ts";
import { OptionCursor } from "../core/options.ts";
import { findGroup, knownGroup, noGroupOfKey, openGroup } from "./group_lookup.ts";
import { parseConsumerName, parseGroupName } from "../core/group_names.ts";
import { invalidId, tryParseId } from "./id_arguments.ts";
import { streamTopic } from "./stream_key.ts";

const KEY_AND_GROUP = [arg.key("topics:<topic>", { access: "read" }), arg.group("group")];
const START = arg.oneOf([arg.string("id"), arg.pureToken("$")]);
const ENTRIES_READ = arg.integer("entries-read", { token: "ENTRIESREAD", optional: true });

/** MKSTREAM and ENTRIESREAD with its value. */
const MAX_OPTIONS = 3;

const CREATE: Command = command({
  name: "XGROUP CREATE",
  arity: -5,
  arguments: [
    ...KEY_AND_GROUP,
    START,
    arg.pureToken("MKSTREAM", { optional: true }),
    ENTRIES_READ,
  ],
  summary: "Makes a group of Kafka that begins behind this entry; ENTRIESREAD has no effect",
  since: "0.7.0",
  group: "stream",
  flags: ["write"],
  categories: ["consume"],
  access: {
    uses: ([key, group, , ...options], { gateway: { topicKeys } }) => [
      useOf(key!, "read", topicKeys),
      useOf(group!, "group", topicKeys),
      ...(parseOptions("CREATE", options) ? [useOf(key!, "write", topicKeys)] : []),
    ],
  },
  async run(context, args): Promise<Reply> {
    const makeTopic = parseOptions("CREATE", args.slice(3));
    const { topic, name, start } = parseTarget(context, args);
    if (start === undefined) {
      if (!makeTopic) await requireTopic(context, topic);
      throw invalidId();
    }
    const result = await context.kafka.groups.create(name, topic, start, { makeTopic });
    if (result === "no topic") throw noTopic();
    if (result === "exists") {
      throw new CommandError("BUSYGROUP", "Consumer Group name already exists");
    }
    return ok(context);
  },
});

const SETID: Command = command({
  name: "XGROUP SETID",
  arity: -5,
  arguments: [...KEY_AND_GROUP, START, ENTRIES_READ],
  summary: "Makes a group go on behind this entry; ENTRIESREAD has no effect",
  since: "0.7.0",
  group: "stream",
  flags: ["write"],
  categories: ["consume"],
  async run(context, args): Promise<Reply> {
    parseOptions("SETID", args.slice(3));
    const missing = noGroupOfKey(args[0]!, args[1]!);
    const { topic, name, start } = parseTarget(context, args);
    if (start === undefined) {
      const groups = await requireTopic(context, topic);
      throw groups.some((group) => group.name === name) ? invalidId() : missing;
    }
    const result = await context.kafka.groups.setId(name, topic, start);
    if (result === "no topic") throw noTopic();
    if (result === "no group") throw missing;
    return ok(context);
  },
});

const DESTROY: Command = command({
  name: "XGROUP DESTROY",
  arity: 4,
  arguments: KEY_AND_GROUP,
  summary: "Removes a group; returns how many were removed",
  since: "0.7.0",
  group: "stream",
  flags: ["write"],
  categories: ["consume"],
  async run(context, [key, name]): Promise<Reply> {
    const topic = streamTopic(context, key!);
    const result = await context.kafka.groups.destroy(parseGroupName(name!), topic);
    if (result === "no topic") throw noTopic();
    return integer(result === "destroyed" ? 1 : 0);
  },
});

const CREATECONSUMER: Command = command({
  name: "XGROUP CREATECONSUMER",
  arity: 5,
  arguments: [...KEY_AND_GROUP, arg.string("consumer")],
  summary: "Makes a consumer in a group; returns how many were made",
  since: "0.7.0",
  group: "stream",
  flags: ["write"],
  categories: ["consume"],
  run: (context, args) =>
    onConsumer(
      context,
      args,
      openGroup,
      (group, consumer) => group.createConsumer(consumer) ? 1 : 0,
    ),
});

const DELCONSUMER: Command = command({
  name: "XGROUP DELCONSUMER",
  arity: 5,
  arguments: [...KEY_AND_GROUP, arg.string("consumer")],
  summary:
    "Removes a consumer from a group; returns how many entries it had pending: they are delivered again",
  since: "0.7.0",
  group: "stream",
  flags: ["write"],
  categories: ["consume"],
  run: (context, args) =>
    onConsumer(context, args, findGroup, (group, consumer) => group.deleteConsumer(consumer)),
});

/** XGROUP */
export const groupCommands: readonly Command[] = [
  container("XGROUP", "stream", "A container for commands of consumer groups", [
    CREATE,
    SETID,
    DESTROY,
    CREATECONSUMER,
    DELCONSUMER,
  ]),
];

/** @returns whether MKSTREAM is among them */
function parseOptions(subcommand: "CREATE" | "SETID", args: Request): boolean {
  if (args.length > MAX_OPTIONS) throw tooManyArguments("XGROUP", subcommand);
  const options = new OptionCursor(args);
  let makesTopic = false;
  while (options.more) {
    if (subcommand === "CREATE" && options.take("MKSTREAM")) makesTopic = true;
    else if (options.take("ENTRIESREAD", 1)) requireEntriesRead(options.integer());
    else throw tooManyArguments("XGROUP", subcommand);
  }
  return makesTopic;
}

function requireEntriesRead(count: number): void {
  if (count < -1) throw new CommandError("ERR", "value for ENTRIESREAD must be positive or -1");
}

interface GroupTarget {
  readonly topic: string;
  readonly name: string;
  /** undefined for what is no id. */
  readonly start: GroupStart | undefined;
}

/** Key, group and id. That the id is none is Redis' last error: before it, Kafka is asked what there is. */
function parseTarget(context: Context, [key, group, id]: Request): GroupTarget {
  const topic = streamTopic(context, key!);
  return { topic, name: parseGroupName(group!), start: parseStart(id!) };
}

function parseStart(id: Argument): GroupStart | undefined {
  return toText(id.subarray(0, 2)) === "$" ? "end" : tryParseId(id);
}

async function requireTopic({ kafka }: Context, topic: string): Promise<StreamGroup[]> {
  const groups = await kafka.groups.ofTopic(topic);
  if (!groups) throw noTopic();
  return groups;
}

/** Key, group and consumer. */
async function onConsumer(
  context: Context,
  [key, name, consumerName]: Request,
  lookUp: typeof openGroup,
  act: (group: StreamGroup, consumer: string) => number,
): Promise<Reply> {
  const topic = streamTopic(context, key!);
  const missing = noGroupOfKey(key!, name!);
  const consumer = parseConsumerName(consumerName!);
  const group = knownGroup(context, key!, name!) ?? await lookUp(context, key!, name!);
  if (group) return integer(act(group, consumer));
  await requireTopic(context, topic);
  throw missing;
}

function noTopic(): CommandError {
  return new CommandError(
    "ERR",
    "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to " +
      "create an empty stream automatically.",
  );
}
