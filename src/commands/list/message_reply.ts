/**
 * A message as BLPOP and BLMPOP reply with it: an array of four names, each with its value, and behind them what
 * `rafka.fields` asks for.
 *
 * @module
 */

import type { Message, MessageMetadata } from "../../kafka/client/message.ts";
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
 * A list of messages. Each is encoded at once: the objects of hundreds of replies would all be alive together, and the
 * garbage collector copies what is alive. A batch takes a third less processor time so.
 */
export function messageList(
  heads: Map<string, Uint8Array[]>,
  messages: readonly Message[],
  fields: readonly MessageField[],
  protocol: ProtocolVersion,
): Reply {
  const writer = new ReplyWriter();
  writer.protocol = protocol;
  for (const message of messages) writer.write(messageReply(heads, message, fields));
  return pieces([encoder.encode(`*${messages.length}\r\n`), writer.take()]);
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
