/**
 * One channel or pattern with its subscribers. A message is encoded once for all that speak the same protocol.
 *
 * @see https://redis.io/docs/latest/develop/pubsub/
 * @module
 */

import { bulk, pieces, type ProtocolVersion, type Reply } from "../resp/reply.ts";
import { encodeForNow, encodeReply, recycle } from "../resp/reply_writer.ts";

/** What is subscribed to: a name, a pattern of names, or a name among those of SSUBSCRIBE. */
export type ChannelKind = "channel" | "pattern" | "shard";

/** A connection that gets messages. */
export interface Subscriber {
  /** What it is written in. */
  readonly protocol: ProtocolVersion;
  /** Takes an encoded message, which is only valid until this returns. */
  deliver(message: Uint8Array<ArrayBuffer>): void;
}

/** One call has room for so many; names that are subscribed to are shorter. */
const MAX_ARGUMENTS = 4_096;
const encoder = new TextEncoder();

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
  readonly #heads: Partial<Record<ProtocolVersion, Uint8Array<ArrayBuffer>>> = {};

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
    const rest = this.kind === "pattern" ? [bulk(from), bulk(payload)] : [bulk(payload)];
    const message = new SharedMessage(this, rest);
    for (const subscriber of this.subscribers) {
      subscriber.deliver(message.bytes(subscriber.protocol));
    }
    message.free();
    return this.subscribers.size;
  }

  /** What all messages in a protocol begin with, up to the name. */
  head(protocol: ProtocolVersion): Uint8Array<ArrayBuffer> {
    return this.#heads[protocol] ??= this.#encodeHead(protocol);
  }

  #encodeHead(protocol: ProtocolVersion): Uint8Array<ArrayBuffer> {
    const words = this.kind === "pattern" ? 4 : 3;
    const type = encoder.encode(`${protocol === 3 ? ">" : "*"}${words}\r\n`);
    return encodeReply(pieces([type, WORDS[this.kind], bulk(this.name)]), protocol);
  }
}

/** Encoded at the first subscriber of each protocol. */
class SharedMessage {
  readonly #channel: Channel;
  readonly #rest: readonly Reply[];
  readonly #encoded: Partial<Record<ProtocolVersion, Uint8Array<ArrayBuffer>>> = {};

  constructor(channel: Channel, rest: readonly Reply[]) {
    this.#channel = channel;
    this.#rest = rest;
  }

  bytes(protocol: ProtocolVersion): Uint8Array<ArrayBuffer> {
    return this.#encoded[protocol] ??= encodeForNow(
      pieces([this.#channel.head(protocol), ...this.#rest]),
      protocol,
    );
  }

  free(): void {
    for (const bytes of Object.values(this.#encoded)) recycle(bytes);
  }
}

/** A name as a text in which each character is a byte: names need not be UTF-8, and are compared as bytes. */
export function byteText(name: Uint8Array<ArrayBuffer>): string {
  return name.byteLength <= MAX_ARGUMENTS
    ? String.fromCharCode.apply(null, name as unknown as number[]) // in less time than a loop takes
    : Array.from(name, (byte) => String.fromCharCode(byte)).join("");
}
