/**
 * A message as BLPOP and BLMPOP reply with it: an array of four names, each with its value, and behind them what
 * `rafka.fields` asks for.
 *
 * @module
 */

import type { Message, MessageMetadata } from "../../kafka/client/message.ts";
import type { TakenMessages } from "../../kafka/client/taken_messages.ts";
import {
  array,
  bulk,
  integer,
  NULL,
  pieces,
  type ProtocolVersion,
  type Reply,
} from "../../resp/reply.ts";
import { ReplyWriter } from "../../resp/reply_writer.ts";
import type { Context } from "../core/context.ts";
import type { MessageField } from "./consumer_settings.ts";

const encoder = new TextEncoder();
const VALUE = encoder.encode("$5\r\nvalue\r\n");
const FIXED_ITEMS = 8;

/**
 * The message as an array of eight, and two for each field. Most of it is the same for all messages of a partition: that
 * is encoded once, which makes a batch a third cheaper.
 *
 * @param heads what replies begin with, by topic and partition; added to
 * @param fields the same for all replies with these heads
 */
export function messageReply(
  heads: Map<string, Uint8Array[]>,
  { topic, partition, offset, value, metadata }: Message,
  fields: readonly MessageField[] = [],
): Reply {
  const head = heads.get(topic)?.[partition] ??
    newHead(heads, topic, partition, FIXED_ITEMS + 2 * fields.length);
  const parts = [head, integer(offset), VALUE, orNull(value)];
  for (const field of fields) parts.push(bulk(field), fieldReply(field, metadata!));
  return pieces(parts);
}

/**
 * The replies of BLPOPs that get a message each, in one. The messages are noted: they count as consumed when the replies
 * are written, and as unread where they can't be.
 */
export function poppedReplies({ kafka, client }: Context, taken: TakenMessages): Reply {
  const { groupId } = kafka.consumer!;
  for (const { topic, count } of taken.ranges) kafka.replying(groupId, topic, count);
  const { memo: { replyHeads, replyFields }, protocol } = client;
  return messageReplies(replyHeads, taken.parts, replyFields, protocol);
}

/** What a list of so many replies begins with. */
export function listHead(count: number): Uint8Array {
  return encoder.encode(`*${count}\r\n`);
}

/**
 * Replies of messages, one behind the other. Each message is encoded at once: the objects of hundreds of replies would
 * all be alive together, and the garbage collector copies what is alive. A batch takes a third less processor time so.
 *
 * @param parts messages, and replies that are encoded already
 */
function messageReplies(
  heads: Map<string, Uint8Array[]>,
  parts: readonly (Uint8Array | Message)[],
  fields: readonly MessageField[],
  protocol: ProtocolVersion,
): Reply {
  if (parts.every((part) => part instanceof Uint8Array)) return pieces([...parts]);
  if (parts.length === 1) return messageReply(heads, parts[0] as Message, fields);
  const writer = new ReplyWriter();
  writer.protocol = protocol;
  for (const part of parts) {
    if (part instanceof Uint8Array) writer.writeEncoded(part);
    else writer.write(messageReply(heads, part, fields));
  }
  return pieces([writer.take()]);
}

function newHead(
  heads: Map<string, Uint8Array[]>,
  topic: string,
  partition: number,
  items: number,
): Uint8Array {
  const ofTopic = heads.get(topic) ?? [];
  heads.set(topic, ofTopic);
  return ofTopic[partition] = encoder.encode(
    `*${items}\r\n$5\r\ntopic\r\n$${topic.length}\r\n${topic}\r\n` + // its name is ASCII
      `$9\r\npartition\r\n:${partition}\r\n$6\r\noffset\r\n`,
  );
}

/** Headers are a flat list: names may repeat. */
function fieldReply(field: MessageField, { key, timestampMs, headers }: MessageMetadata): Reply {
  switch (field) {
    case "key":
      return orNull(key);
    case "timestamp":
      return timestampMs === undefined ? NULL : integer(timestampMs);
    case "headers":
      return array(headers.flatMap(([name, content]) => [bulk(name), orNull(content)]));
  }
}

function orNull(bytes: Uint8Array | null): Reply {
  return bytes === null ? NULL : bulk(bytes);
}
