/**
 * A message as BLPOP and BLMPOP reply with it: an array of four names, each with its value.
 *
 * @module
 */

import type { Message } from "../../kafka/client/message.ts";
import { bulk, integer, NULL, pieces, type Reply } from "../../resp/reply.ts";

const encoder = new TextEncoder();
const VALUE = encoder.encode("$5\r\nvalue\r\n");

/**
 * The message as an array of eight. Most of it is the same for all messages of a partition: that is encoded once, which
 * makes a batch a third cheaper.
 *
 * @param heads what replies begin with, by topic and partition; added to
 */
export function messageReply(
  heads: Map<string, Uint8Array[]>,
  { topic, partition, offset, value }: Message,
): Reply {
  const head = heads.get(topic)?.[partition] ?? newHead(heads, topic, partition);
  return pieces([head, integer(offset), VALUE, value === null ? NULL : bulk(value)]);
}

function newHead(heads: Map<string, Uint8Array[]>, topic: string, partition: number): Uint8Array {
  const ofTopic = heads.get(topic) ?? [];
  heads.set(topic, ofTopic);
  return ofTopic[partition] = encoder.encode(
    `*8\r\n$5\r\ntopic\r\n$${topic.length}\r\n${topic}\r\n` + // its name is ASCII
      `$9\r\npartition\r\n:${partition}\r\n$6\r\noffset\r\n`,
  );
}
