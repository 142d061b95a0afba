/**
 * XREADGROUP: a consumer of a group gets new entries, or those again that it has not acknowledged.
 *
 * @see https://redis.io/docs/latest/commands/xreadgroup/
 * @module
 */

import type { KeyUse } from "../../auth/selector.ts";
import { GroupReadings } from "../../groups/group_readings.ts";
import type { ClaimedEntry, StreamGroup } from "../../groups/stream_group.ts";
import { formatId, type StreamId } from "../../streams/stream_id.ts";
import { KafkaError } from "../../kafka/client/error.ts";
import { DOLLAR, GREATER } from "../../resp/bytes.ts";
import { array, bulk, map, NULL_ARRAY, type Reply } from "../../resp/reply.ts";
import { useOf } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import type { Argument } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, Unblocked } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { knownGroup, noGroup, openGroup } from "./group_lookup.ts";
import { parseConsumerName } from "../core/group_names.ts";
import { parseId } from "./id_arguments.ts";
import { parseReadGroup, type ReadGroupRequest } from "./read_group_arguments.ts";
import { claimIdle, readHistory, ReplyBudget, untilIdleMs } from "./pending_reads.ts";
import { deliveriesReply, idleReply } from "./pending_reply.ts";
import { entryFields, entryReply } from "./entry_mapping.ts";

const XREADGROUP: Command = command({
  name: "XREADGROUP",
  arity: -7,
  arguments: [
    arg.block([arg.group("group"), arg.string("consumer")], { token: "GROUP" }),
    arg.integer("count", { token: "COUNT", optional: true }),
    arg.integer("milliseconds", { token: "BLOCK", optional: true }),
    arg.integer("min-idle-time", { token: "CLAIM", optional: true }),
    arg.pureToken("NOACK", { optional: true }),
    arg.block([
      arg.key("topics:<topic>", { multiple: true }),
      arg.string("id", { multiple: true }),
    ], { token: "STREAMS" }),
  ],
  summary:
    "Returns new entries of streams to a consumer of a group, or its pending ones; blocks only for new ones",
  since: "0.7.0",
  group: "stream",
  flags: ["write", "blocking", "movablekeys"],
  categories: ["consume"],
  access: {
    uses(args, { gateway: { topicKeys } }): KeyUse[] {
      const { groupName, keys } = parseReadGroup(args);
      return [
        ...keys.map((key) => useOf(key, "read", topicKeys)),
        useOf(groupName, "group", topicKeys),
      ];
    },
  },
  run(context, args): Reply | Promise<Reply> {
    const request = parseReadGroup(args);
    const { consumerName } = context.client.memo;
    const consumer = consumerName.text(request.consumerName, parseConsumerName);
    const targets = knownTargets(context, request);
    if (targets) return read(context, { ...request, consumer, targets });
    return openAndRead(context, { ...request, consumer });
  },
});

/** XREADGROUP */
export const readGroupCommands: readonly Command[] = [XREADGROUP];

/** A stream, and what is read of it. */
interface ReadTarget {
  /** As it was sent; of its own memory. */
  readonly key: Argument;
  readonly group: StreamGroup;
  /** The consumer's pending entries behind it; undefined for new entries. */
  readonly after: StreamId | undefined;
}

type ReadOptions =
  & Pick<ReadGroupRequest, "count" | "blockMs" | "noAck" | "claimIdleMs">
  & { readonly consumer: string; readonly targets: readonly ReadTarget[] };

/** Entries of a stream, as in the reply. */
type StreamEntries = readonly [key: Argument, entries: Reply[], group: StreamGroup];

/** The streams, if all of these groups are in use here. */
function knownTargets(context: Context, request: ReadGroupRequest): ReadTarget[] | undefined {
  const targets: ReadTarget[] = [];
  for (const [at, key] of request.keys.entries()) {
    const group = knownGroup(context, key, request.groupName);
    if (!group) return undefined;
    targets.push({ key: key.slice(), group, after: parseReadId(request.ids[at]!) });
  }
  return targets;
}

const IN_READ = " in XREADGROUP with GROUP option";

/** Errors come in the order of the streams, as in Redis. */
async function openAndRead(
  context: Context,
  request: ReadGroupRequest & { readonly consumer: string },
): Promise<Reply> {
  const groupName = request.groupName.slice();
  const keys = request.keys.map((key) => key.slice());
  const ids = request.ids.map((id) => id.slice());
  const targets: ReadTarget[] = [];
  for (const [at, key] of keys.entries()) {
    const group = knownGroup(context, key, groupName) ?? await openGroup(context, key, groupName);
    if (!group) throw noGroup(key, groupName, IN_READ);
    targets.push({ key, group, after: parseReadId(ids[at]!) });
  }
  context.client.ended.throwIfAborted(); // nothing is taken for a client that has gone
  try {
    return await read(context, { ...request, targets });
  } catch (error) {
    const destroyed = isEnd(error) && targets.find(({ group }) => group.ended); // meanwhile
    throw destroyed ? noGroup(destroyed.key, groupName, IN_READ) : error;
  }
}

/** @returns undefined for `>` */
function parseReadId(argument: Argument): StreamId | undefined {
  if (argument.byteLength === 1 && argument[0] === GREATER) return undefined;
  if (argument.byteLength !== 1 || argument[0] !== DOLLAR) return parseId(argument);
  throw new CommandError(
    "ERR",
    "The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying " +
      "a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
  );
}

/** Entries at hand are answered at once. */
function read(context: Context, options: ReadOptions): Reply | Promise<Reply> {
  const { targets, claimIdleMs, consumer } = options;
  const readings = context.client.readings ??= new GroupReadings();
  for (const { group } of targets) readings.note(group, consumer);
  const readsNew = targets.some(({ after }) => after === undefined);
  if (readsNew) requireReplies(context);
  const looksBack = claimIdleMs !== undefined || targets.some(({ after }) => after !== undefined);
  if (looksBack) return readAll(context, options);
  const streams = takeNew(options);
  return streams.length > 0 ? reply(context, streams) : nothingNew(context, options);
}

/** An entry that is taken and not shown would be pending without anybody knowing of it. */
function requireReplies({ client }: Context): void {
  if (client.replyMode === "on") return;
  throw new CommandError(
    "CONS",
    "XREADGROUP takes no entries while CLIENT REPLY is OFF or SKIP",
  );
}

function takeNew({ targets, consumer, count, noAck }: ReadOptions): StreamEntries[] {
  const streams: StreamEntries[] = [];
  const budget = targets.length > 1 ? new ReplyBudget() : undefined; // one stream has a bound of its own
  for (const { key, group } of targets) {
    if (budget?.spent) break;
    const entries = group.take(consumer, count, noAck);
    if (entries.length === 0) continue;
    budget?.spend(entries);
    streams.push([key, entries.map(({ message }) => entryReply(message)), group]);
  }
  return streams;
}

/** Of each stream what is asked for, one after the other; pending entries stand in the reply even if there are none. */
async function readEach(options: ReadOptions): Promise<StreamEntries[]> {
  const { targets, consumer, count } = options;
  const budget = new ReplyBudget();
  const streams: StreamEntries[] = [];
  for (const { key, group, after } of targets) {
    if (after) {
      const entries = await readHistory(group, consumer, after, count, budget);
      streams.push([key, entries.map(historyReply), group]);
    } else if (!budget.spent) {
      const entries = await claimAndTake(group, options, budget);
      if (entries.length > 0) streams.push([key, entries, group]);
    }
  }
  return streams;
}

/** Entries that have been idle for long first, then new ones. */
async function claimAndTake(
  group: StreamGroup,
  { consumer, count, noAck, claimIdleMs }: ReadOptions,
  budget: ReplyBudget,
): Promise<Reply[]> {
  const idle = claimIdleMs === undefined
    ? []
    : await claimIdle(group, consumer, claimIdleMs, count, budget);
  const left = budget.spent ? 0 : count - idle.length;
  const entries = left > 0 ? group.take(consumer, left, noAck) : [];
  budget.spend(entries);
  if (claimIdleMs === undefined) return entries.map(({ message }) => entryReply(message));
  return [
    ...idle.map((entry) => countedReply(entry, entry.idleMs, entry.deliveries)),
    ...entries.map((entry) => countedReply(entry, 0, entry.deliveries)),
  ];
}

async function readAll(context: Context, options: ReadOptions): Promise<Reply> {
  const streams = await readEach(options);
  return streams.length > 0 ? reply(context, streams) : await nothingNew(context, options);
}

/** In EXEC nothing waits, as in Redis: nobody could send what ends it. */
function nothingNew(context: Context, options: ReadOptions): Reply | Promise<Reply> {
  const { blockMs } = options;
  if (blockMs === undefined || context.executing) return NULL_ARRAY;
  return waitForNew(context, options, performance.now() + blockMs);
}

async function waitForNew(context: Context, options: ReadOptions, endMs: number): Promise<Reply> {
  const { targets, claimIdleMs } = options;
  const groups = targets.map(({ group }) => group);
  const wait = async (signal: AbortSignal): Promise<Reply> => {
    for (;;) {
      const claimMs = claimIdleMs === undefined ? Infinity : untilIdleMs(groups, claimIdleMs);
      const leftMs = Math.max(endMs - performance.now(), 0);
      await context.kafka.groups.wait(groups, Math.min(leftMs, claimMs), signal);
      signal.throwIfAborted(); // nothing is taken for a client that has gone
      const streams = claimIdleMs === undefined ? takeNew(options) : await readEach(options);
      if (streams.length > 0) return reply(context, streams);
      if (performance.now() >= endMs) return NULL_ARRAY;
    }
  };
  try {
    return await context.client.blockForMessages(wait);
  } catch (cause) {
    if (cause instanceof Unblocked && !cause.withError) return NULL_ARRAY;
    throw whyEnded(cause);
  }
}

/** The group was destroyed meanwhile. */
function whyEnded(cause: unknown): unknown {
  if (!isEnd(cause)) return cause;
  return new CommandError(
    "NOGROUP",
    "the consumer group this client was blocked on no longer exists",
    { cause },
  );
}

/** Of a group, or of its use of a topic. */
function isEnd(error: unknown): boolean {
  return error instanceof KafkaError && error.codeName === "GROUP_ID_NOT_FOUND";
}

/** RESP3 has a map of streams, RESP2 an array of pairs. */
function reply({ client, kafka }: Context, streams: readonly StreamEntries[]): Reply {
  for (const [, entries, { name, topic }] of streams) kafka.replying(name, topic, entries.length);
  const pairs = streams.map(([key, entries]): [Reply, Reply] => [bulk(key), array(entries)]);
  return client.protocol === 3 ? map(pairs) : array(pairs.map(array));
}

/** Of an entry that Kafka no longer has, only the id. */
function historyReply({ id, message }: ClaimedEntry): Reply {
  return message ? entryReply(message) : array([bulk(formatId(id)), NULL_ARRAY]);
}

/** With CLAIM an entry has the milliseconds since its last delivery, and the number of deliveries before this one. */
function countedReply({ id, message }: ClaimedEntry, idleMs: number, deliveries: number): Reply {
  return array([
    bulk(formatId(id)),
    array(entryFields(message!).map(bulk)),
    idleReply(idleMs),
    deliveriesReply(deliveries),
  ]);
}
