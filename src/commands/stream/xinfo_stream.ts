/**
 * XINFO STREAM: a stream as a whole. Exactly the fields of Redis 7.0: some clients fail on others. A topic is no radix
 * tree: in place of its keys the partitions are counted.
 *
 * @see https://redis.io/docs/latest/commands/xinfo-stream/
 * @module
 */

import type { GroupInfo, PendingEntry, StreamGroup } from "../../groups/stream_group.ts";
import { formatId, MAX_ID, MIN_ID } from "../../streams/stream_id.ts";
import type { ReadEntry } from "../../streams/stream_order.ts";
import type { PageBounds } from "../../streams/stream_range.ts";
import type { RangePage, StreamExtent } from "../../streams/streams.ts";
import { array, bulk, integer, NULL, record, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, tooManyArguments } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { OptionCursor } from "../core/options.ts";
import { entryReply } from "./entry_mapping.ts";
import { deliveriesReply } from "./pending_reply.ts";
import { describeEach, visibleGroups } from "./group_lookup.ts";
import { streamTopic } from "./stream_key.ts";

/** Entries, and pending entries of a group and of a consumer, without COUNT. */
const DEFAULT_COUNT = 10;

/** XINFO STREAM */
export const infoStreamCommand: Command = command({
  name: "XINFO STREAM",
  arity: -3,
  arguments: [
    arg.key("topics:<topic>", { access: "read" }),
    arg.block([arg.integer("count", { token: "COUNT", optional: true })], {
      token: "FULL",
      optional: true,
    }),
  ],
  summary:
    "Returns the length of a stream, its first and its last entry; with FULL its groups, too",
  since: "0.7.0",
  group: "stream",
  flags: ["readonly"],
  categories: ["consume"],
  async run(context, [key, ...words]): Promise<Reply> {
    const topic = streamTopic(context, key!);
    const extent = await context.kafka.streams.extent(topic);
    if (!extent) throw new CommandError("ERR", "no such key");
    const full = parseFull(words);
    return full
      ? await fullReply(context, topic, extent, full.count)
      : await plainReply(context, topic, extent);
  },
});

/** undefined without FULL; as in Redis the key is looked for first. */
function parseFull(words: Request): { readonly count: number } | undefined {
  if (words.length === 0) return undefined;
  const options = new OptionCursor(words);
  const isFull = options.take("FULL");
  if (!isFull || ![1, 3].includes(words.length)) throw tooManyArguments("XINFO", "STREAM");
  if (!options.more) return { count: DEFAULT_COUNT };
  if (!options.take("COUNT", 1)) throw tooManyArguments("XINFO", "STREAM");
  const count = options.integer();
  return { count: count < 0 ? DEFAULT_COUNT : count === 0 ? Infinity : count };
}

async function plainReply(context: Context, topic: string, extent: StreamExtent): Promise<Reply> {
  const groups = await visibleGroups(context, topic) ?? [];
  const [first, last] = await edges(context, topic);
  return record({
    ...commonFields(extent, first, last),
    "groups": integer(groups.length),
    "first-entry": entryOrNull(first),
    "last-entry": entryOrNull(last),
  });
}

async function fullReply(
  context: Context,
  topic: string,
  extent: StreamExtent,
  count: number,
): Promise<Reply> {
  const groups = await visibleGroups(context, topic) ?? [];
  const [first, last] = await edges(context, topic);
  const { settings } = context.gateway;
  const limits = { maxCount: count, maxBytes: settings.streams.readBytes };
  const { entries } = await range(context, topic, limits);
  return record({
    ...commonFields(extent, first, last),
    "entries": array(entries.map(({ message }) => entryReply(message))),
    "groups": array(await describeEach(context, groups, (group) => groupReply(group, count))),
  });
}

function commonFields(
  { length, end }: StreamExtent,
  first: ReadEntry | undefined,
  last: ReadEntry | undefined,
): Record<string, Reply> {
  return {
    "length": integer(length),
    "radix-tree-keys": integer(end.length),
    "radix-tree-nodes": integer(end.length + 1),
    "last-generated-id": bulk(formatId(last?.id ?? MIN_ID)),
    "max-deleted-entry-id": bulk(formatId(MIN_ID)),
    "entries-added": integer(end.reduce((sum, offset) => sum + offset, 0n)),
    "recorded-first-entry-id": bulk(formatId(first?.id ?? MIN_ID)),
  };
}

/** The first entry and the last one. */
async function edges(
  context: Context,
  topic: string,
): Promise<[ReadEntry | undefined, ReadEntry | undefined]> {
  const limits = { maxCount: 1, maxBytes: 1 };
  const [first, last] = await Promise.all([
    range(context, topic, limits),
    range(context, topic, limits, { reverse: true }),
  ]);
  return [first.entries[0], last.entries[0]];
}

function range(
  { kafka, client }: Context,
  topic: string,
  limits: PageBounds,
  { reverse = false } = {},
): Promise<RangePage> {
  const { connectionId } = client;
  const query = { ...limits, start: MIN_ID, end: MAX_ID, reverse, connectionId };
  return kafka.streams.range(topic, query, client.ended);
}

function entryOrNull(entry: ReadEntry | undefined): Reply {
  return entry ? entryReply(entry.message) : NULL;
}

async function groupReply(group: StreamGroup, count: number): Promise<Reply> {
  const { name, lastDelivered, entriesRead, lag, pending }: GroupInfo = await group.info();
  const all = { start: MIN_ID, end: MAX_ID, count };
  return record({
    "name": bulk(name),
    "last-delivered-id": bulk(formatId(lastDelivered)),
    "entries-read": orNull(entriesRead),
    "lag": orNull(lag),
    "pel-count": integer(pending),
    "pending": array(
      group.pending(all).map((entry) => pendingReply(entry, [bulk(entry.consumer)])),
    ),
    "consumers": array(
      group.consumers().map((consumer) =>
        record({
          "name": bulk(consumer.name),
          "seen-time": integer(timeOf(consumer.idleMs)),
          "pel-count": integer(consumer.pending),
          "pending": array(
            group.pending({ ...all, consumer: consumer.name }).map((entry) => pendingReply(entry)),
          ),
        })
      ),
    ),
  });
}

function pendingReply({ id, idleMs, deliveries }: PendingEntry, owner: Reply[] = []): Reply {
  const deliveredAtMs = integer(timeOf(idleMs));
  return array([bulk(formatId(id)), ...owner, deliveredAtMs, deliveriesReply(deliveries)]);
}

/** Milliseconds since 1970; 0 for an entry that XNACK has given back. */
function timeOf(idleMs: number): number {
  return idleMs < Infinity ? Math.floor(Date.now() - idleMs) : 0;
}

function orNull(value: number | undefined): Reply {
  return value === undefined ? NULL : integer(value);
}
