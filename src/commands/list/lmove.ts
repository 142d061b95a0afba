/**
 * LMOVE and its kin: a pop whose message is kept until it is acked. Where the destination is no topic, it is a list of
 * this gateway, and removing the message from there acks it; where it is one, the message is produced to it, then acked.
 *
 * @see https://redis.io/docs/latest/commands/lmove/
 * @module
 */

import type { KeyUse } from "../../auth/selector.ts";
import { type HeldEntry, release } from "../../groups/held_entries.ts";
import type { ListEnd, ProcessingList } from "../../groups/processing_lists.ts";
import type { StreamGroup } from "../../groups/stream_group.ts";
import type { Message } from "../../kafka/client/message.ts";
import { NULL, NULL_ARRAY, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type Access, useOf } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parseTimeoutMs, shownStart } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import type { Answer } from "../core/later_reply.ts";
import { OptionCursor } from "../core/options.ts";
import { consumeHint } from "../core/topic_hint.ts";
import { hasPlainLists, noIdentity, noList, popUses } from "./list_source.ts";
import { moveToTopic } from "./pending_move.ts";
import { popPlain, type Taken, valueReply } from "./plain_pop.ts";
import { findList, listName } from "../core/own_lists.ts";
import { produceTarget } from "./produce_target.ts";

/** What is moved where. */
interface Move {
  readonly commandName: string;
  readonly source: Argument;
  readonly destination: Argument;
  /** The end of a source that is a list of the gateway. */
  readonly from: ListEnd;
  /** The end of such a destination. */
  readonly to: ListEnd;
  /** undefined for not at all, `Infinity` for ever. */
  readonly timeoutMs: number | undefined;
}

const keys = [arg.key("source"), arg.key("destination")];
const ends = [
  arg.oneOf([arg.pureToken("LEFT"), arg.pureToken("RIGHT")]),
  arg.oneOf([arg.pureToken("LEFT"), arg.pureToken("RIGHT")]),
];
const timeout = arg.double("timeoutSeconds", { display: "<timeoutSeconds>" });

/** The source is popped, the destination written to. */
const access: Access = {
  uses: ([source, destination], context): readonly KeyUse[] => [
    ...popUses(context, [source!]),
    useOf(destination!, "write", context.gateway.topicKeys),
  ],
};

const common = {
  since: "0.9.0",
  group: "list",
  categories: ["consume", "produce"],
  access,
} as const;

const LMOVE: Command = command({
  ...common,
  name: "LMOVE",
  arity: 5,
  arguments: [...keys, ...ends],
  summary:
    "Moves the next message of a topic to a list of this gateway, from which removing it acks it; or to another topic",
  flags: ["write"],
  run: (context, args) =>
    move(context, { commandName: "LMOVE", ...parseMove(args), timeoutMs: undefined }),
});

const BLMOVE: Command = command({
  ...common,
  name: "BLMOVE",
  arity: 6,
  arguments: [...keys, ...ends, timeout],
  summary: "Same as LMOVE; blocks until there is a message, 0 for no timeout",
  flags: ["write", "blocking"],
  run: (context, args) => {
    const parsed = parseMove(args.slice(0, 4));
    return move(context, {
      commandName: "BLMOVE",
      ...parsed,
      timeoutMs: parseTimeoutMs(args[4]!, 1_000),
    });
  },
});

const RPOPLPUSH: Command = command({
  ...common,
  name: "RPOPLPUSH",
  arity: 3,
  arguments: keys,
  summary: "Same as LMOVE with RIGHT LEFT",
  flags: ["write"],
  run: (context, args) =>
    move(context, { commandName: "RPOPLPUSH", ...rightToLeft(args), timeoutMs: undefined }),
});

const BRPOPLPUSH: Command = command({
  ...common,
  name: "BRPOPLPUSH",
  arity: 4,
  arguments: [...keys, timeout],
  summary: "Same as BLMOVE with RIGHT LEFT",
  flags: ["write", "blocking"],
  run: (context, args) =>
    move(context, {
      commandName: "BRPOPLPUSH",
      ...rightToLeft(args),
      timeoutMs: parseTimeoutMs(args[2]!, 1_000),
    }),
});

/** LMOVE, BLMOVE, RPOPLPUSH, BRPOPLPUSH */
export const moveCommands: readonly Command[] = [LMOVE, BLMOVE, RPOPLPUSH, BRPOPLPUSH];

function parseMove(args: Request): Pick<Move, "source" | "destination" | "from" | "to"> {
  const [source, destination] = args;
  const options = new OptionCursor(args.slice(2));
  const from = options.oneOf("LEFT", "RIGHT");
  const to = options.oneOf("LEFT", "RIGHT");
  return { source: source!, destination: destination!, from, to };
}

function rightToLeft([source, destination]: Request): ReturnType<typeof parseMove> {
  return { source: source!, destination: destination!, from: "RIGHT", to: "LEFT" };
}

function move(context: Context, request: Move): Answer | Promise<Answer> {
  const { topicKeys } = context.gateway;
  if (topicKeys.has(request.source)) return moveFromTopic(context, request);
  if (!hasPlainLists(context)) throw noIdentity(context);
  const list = findList(context, request.source);
  if (!list) return nothingToMove(context, request);
  return moveFromList(context, list, { ...request, destination: request.destination.slice() });
}

function moveFromTopic(context: Context, request: Move): Answer | Promise<Answer> {
  const { commandName, source, to, timeoutMs } = request;
  const destination = request.destination.slice();
  const isTopic = context.gateway.topicKeys.has(destination);
  const name = isTopic ? "" : listName(destination);
  return popPlain(context, {
    commandName,
    keys: [source],
    timeoutMs,
    empty: timeoutMs === undefined || context.executing ? NULL : NULL_ARRAY,
    take: (group) =>
      isTopic ? takeToTopic(context, group, destination) : takeToList(context, group, name, to),
  });
}

function takeToList(
  { kafka: { processing } }: Context,
  group: StreamGroup,
  name: string,
  end: ListEnd,
): Taken | undefined {
  const [entry] = processing.take(name, group, end);
  return entry && { count: 1, answer: valueReply(entry.message) };
}

/** Acked when Kafka has it there. */
function takeToTopic(context: Context, group: StreamGroup, key: Argument): Taken | undefined {
  const target = produceTarget(context, key);
  const { popped } = context.kafka;
  const [taken] = popped.takeInHand(group, 1);
  if (!taken) return undefined;
  const entry: HeldEntry = { group, place: taken.place };
  const answer = moveToTopic(context, target, taken.message, {
    ack: () => group.ended || group.ackPlaces([entry.place]),
    giveBack: () => release(popped.consumer, entry),
  });
  return { count: 1, answer };
}

async function moveFromList(
  context: Context,
  list: ProcessingList,
  request: Move,
): Promise<Answer> {
  const { from, destination, to } = request;
  const isTopic = context.gateway.topicKeys.has(destination);
  const target = isTopic ? produceTarget(context, destination) : undefined;
  const next = await removeNext(list, from);
  if (!next) return nothingToMove(context, request);
  const { entry, message } = next;
  if (!target) {
    list.handOver(entry, context.kafka.processing.of(listName(destination)), to);
    return valueReply(message);
  }
  if (target.topic === entry.group.topic && target.key === null) {
    list.giveBack(entry); // it is there already
    return valueReply(message);
  }
  return await moveToTopic(context, target, message, {
    ack: () => list.ack([entry]),
    giveBack: () => list.putBack([entry], from),
  });
}

/** The next entry that Kafka still has. */
async function removeNext(
  list: ProcessingList,
  end: ListEnd,
): Promise<{ entry: HeldEntry; message: Message } | undefined> {
  for (;;) {
    const removed = list.remove(end, 1);
    if (removed.length === 0) return undefined;
    try {
      const [read] = await list.read(removed);
      if (read) return read;
    } catch (error) {
      list.putBack(removed, end);
      throw error;
    }
    list.ack(removed);
  }
}

/** Nothing is in the source, which is no topic. */
function nothingToMove(context: Context, request: Move): Reply {
  const { source, destination, commandName, timeoutMs } = request;
  const { gateway: { topicKeys }, kafka: { processing } } = context;
  if (!topicKeys.has(destination) && !processing.was(listName(source))) {
    throw noList(source, consumeHint(source));
  }
  if (timeoutMs === undefined || context.executing) return NULL;
  throw new CommandError(
    "ERR",
    `${commandName} waits for messages of topics, and '${
      shownStart(source)
    }' is none: a list of this gateway that is empty`,
  );
}
