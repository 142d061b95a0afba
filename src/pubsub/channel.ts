/**
 * One channel or pattern with its subscribers. A message is encoded once for all that speak the same protocol.
 *
 * @see https://redis.io/docs/latest/develop/pubsub/
 * @module
 */

import { bulk, type ProtocolVersion, push, type Reply } from "../resp/reply.ts";
import { encodeReply } from "../resp/reply_writer.ts";

/** What is subscribed to: a name, a pattern of names, or a name among those of SSUBSCRIBE. */
export type ChannelKind = "channel" | "pattern" | "shard";

/** A connection that gets messages. */
export interface Subscriber {
  /** What it is written in. */
  readonly protocol: ProtocolVersion;
  /** Takes an encoded message, which must not be changed. */
  deliver(message: Uint8Array<ArrayBuffer>): void;
}

/** What a message begins with. */
const WORDS: Readonly<Record<ChannelKind, Reply>> = {
  channel: bulk("message"),
  pattern: bulk("pmessage"),
  shard: bulk("smessage"),
};

/** A channel or a pattern. */
export class Channel {
  /** What it is. */
  readonly kind: ChannelKind;
  /** Any bytes; never changed. */
  readonly name: Uint8Array<ArrayBuffer>;
  /** In the order in which they came. */
  readonly subscribers = new Set<Subscriber>();

  /** Without subscribers. */
  constructor(kind: ChannelKind, name: Uint8Array<ArrayBuffer>) {
    this.kind = kind;
    this.name = name;
  }

  /**
   * Gives a message to all subscribers.
   *
   * @param from the channel that it was published to
   * @returns number of subscribers
   */
  publish(payload: Uint8Array<ArrayBuffer>, from: Uint8Array<ArrayBuffer>): number {
    const message = new SharedMessage(this.#messageReply(payload, from));
    for (const subscriber of this.subscribers) {
      subscriber.deliver(message.bytes(subscriber.protocol));
    }
    return this.subscribers.size;
  }

  #messageReply(payload: Uint8Array<ArrayBuffer>, from: Uint8Array<ArrayBuffer>): Reply {
    const pattern = this.kind === "pattern" ? [bulk(this.name)] : [];
    return push([WORDS[this.kind], ...pattern, bulk(from), bulk(payload)]);
  }
}

/** Encoded at the first subscriber of each protocol. */
class SharedMessage {
  readonly #reply: Reply;
  readonly #encoded: Partial<Record<ProtocolVersion, Uint8Array<ArrayBuffer>>> = {};

  constructor(reply: Reply) {
    this.#reply = reply;
  }

  bytes(protocol: ProtocolVersion): Uint8Array<ArrayBuffer> {
    return this.#encoded[protocol] ??= encodeReply(this.#reply, protocol);
  }
}

/** A name as a text in which each character is a byte: names need not be UTF-8, and are compared as bytes. */
export function byteText(name: Uint8Array<ArrayBuffer>): string {
  let text = "";
  for (const byte of name) text += String.fromCharCode(byte);
  return text;
}
