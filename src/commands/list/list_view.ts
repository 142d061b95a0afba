/**
 * The messages that a group has not delivered yet, read without consuming them: what LRANGE and LINDEX show of a topic.
 *
 * @module
 */

import type { Message } from "../../kafka/client/message.ts";
import type { RecordPlace } from "../../streams/stream_id.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import type { ListSource } from "./list_source.ts";

/** Messages from an end of the list that a command may read. */
const MAX_MESSAGES = 1_000;
/** Messages that are read at a time. */
const CHUNK_MESSAGES = 100;
/** What is no message, as markers of transactions, is not counted: so many more are read of each partition. */
const SPARE = 16;

/** What is left of a partition. */
interface Rest {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/** The indices of a range of so many elements, as in Redis: -1 is the last one. `from` is above `to` for none. */
export function indexRange(
  total: number,
  first: number,
  last: number,
): { readonly from: number; readonly to: number } {
  return {
    from: Math.max(first < 0 ? total + first : first, 0),
    to: Math.min(last < 0 ? total + last : last, total - 1),
  };
}

/**
 * The messages from `first` to `last`, as in Redis: -1 is the last one.
 *
 * @throws {CommandError} ERR for messages that are too far from both ends, or too large
 * @throws {KafkaError} when Kafka does not answer
 */
export async function viewMessages(
  context: Context,
  source: ListSource,
  first: number,
  last: number,
): Promise<Message[]> {
  const undelivered = await context.kafka.groups.undelivered(source.group, source.topic);
  const rests = await restsOf(context, source.topic, undelivered?.positions);
  const again = undelivered?.again ?? [];
  const total = rests.reduce((sum, { start, end }) => sum + end - start, again.length);
  const { from, to } = indexRange(total, first, last);
  if (from > to) return [];
  const [fromStart, fromEnd] = [to + 1, total - from];
  const count = Math.min(fromStart, fromEnd);
  if (count > MAX_MESSAGES) throw tooFar(from, to, total);
  const isHead = fromStart <= fromEnd;
  const places = [...again, ...placesOf(rests, count, isHead)];
  const messages = await read(context, source.topic, places);
  const near = isHead ? messages.slice(0, count) : messages.slice(-count);
  return isHead ? near.slice(from) : near.slice(0, to - from + 1);
}

/** What the group has not delivered of each partition. */
async function restsOf(
  { kafka: { streams } }: Context,
  topic: string,
  positions: ReadonlyMap<number, number> | undefined,
): Promise<Rest[]> {
  const rests = await streams.offsetsOf(topic, async (offsets) => {
    const [first, end] = await Promise.all([offsets.first(), offsets.end()]);
    return end.map((offset, partition) => {
      const start = Math.max(positions?.get(partition) ?? 0, Number(first[partition]!));
      return { partition, start, end: Math.max(start, Number(offset)) };
    });
  });
  return rests ?? [];
}

function placesOf(rests: readonly Rest[], count: number, isHead: boolean): RecordPlace[] {
  return rests.flatMap(({ partition, start, end }) => {
    const length = Math.min(count + SPARE, end - start);
    const from = isHead ? start : end - length;
    return Array.from({ length }, (_, at) => ({ partition, offset: BigInt(from + at) }));
  });
}

/** In the order of their times. */
async function read(
  { kafka, gateway, client }: Context,
  topic: string,
  places: readonly RecordPlace[],
): Promise<Message[]> {
  const { readBytes } = gateway.settings.streams;
  const messages: Message[] = [];
  let bytes = 0;
  for (let at = 0; at < places.length; at += CHUNK_MESSAGES) {
    const chunk = places.slice(at, at + CHUNK_MESSAGES);
    for (const message of await kafka.streams.messagesAt(topic, chunk, client.ended)) {
      if (!message) continue;
      messages.push(message);
      bytes += message.value?.byteLength ?? 0;
    }
    if (bytes > readBytes) throw tooLarge(readBytes);
  }
  return messages.sort((a, b) => timeOf(a) - timeOf(b));
}

function timeOf({ metadata }: Message): number {
  return metadata?.timestampMs ?? 0;
}

function tooFar(from: number, to: number, total: number): CommandError {
  return new CommandError(
    "ERR",
    `${from} to ${to} of ${total} messages: those within ${MAX_MESSAGES} of an end can be shown; ` +
      "RAFKA READ and XRANGE read any",
  );
}

function tooLarge(readBytes: number): CommandError {
  return new CommandError(
    "ERR",
    `messages with more than server.streams.readBytes, ${readBytes}: fewer of them can be shown`,
  );
}
