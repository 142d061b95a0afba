/**
 * Pub/sub of one connection: what it subscribes to, and the messages on their way to it.
 *
 * @module
 */

import type { Subscriber } from "../pubsub/channel.ts";
import { Subscriptions } from "../pubsub/subscriptions.ts";
import { unsubscribed } from "../commands/core/subscription_reply.ts";
import type { ProtocolVersion } from "../resp/reply.ts";
import { encodeReply } from "../resp/reply_writer.ts";
import type { ClientParts } from "./client_parts.ts";

/** The subscriber that a connection is. */
export class ClientPubSub implements Subscriber {
  /** What it subscribes to. */
  readonly subscriptions: Subscriptions;
  readonly #parts: ClientParts;
  readonly #limitBytes: number;
  /** Messages that come behind the reply of the present command; undefined while there is none to wait for. */
  #held: Uint8Array[] | undefined;
  #heldBytes = 0;

  /** Without subscriptions. */
  constructor(parts: ClientParts) {
    const { settings: { pubsub, outputLimitBytes }, channels } = parts.server;
    this.#parts = parts;
    this.#limitBytes = outputLimitBytes;
    this.subscriptions = new Subscriptions(channels, this, pubsub.maxSubscriptions);
  }

  get protocol(): ProtocolVersion {
    return this.#parts.connection.output.protocol;
  }

  deliver(message: Uint8Array): void {
    const { outbox } = this.#parts;
    if (!this.#held) {
      if (!outbox.push(message, this.#limitBytes)) this.#cutOff();
      return;
    }
    this.#heldBytes += message.byteLength;
    if (this.#heldBytes + outbox.unwrittenBytes > this.#limitBytes) this.#cutOff();
    else this.#held.push(message.slice());
  }

  /** The reply of the present command comes before all messages from now on. */
  hold(): void {
    this.#held ??= [];
  }

  /** That reply is on its way. */
  release(): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.#heldBytes = 0;
    for (const message of held) this.deliver(message);
  }

  /** Ends all subscriptions, and tells the client so. */
  end(): void {
    const { subscriptions } = this;
    for (const kind of ["channel", "pattern", "shard"] as const) {
      for (const name of subscriptions.names(kind)) {
        subscriptions.remove(kind, name);
        const message = unsubscribed(kind, name, subscriptions.replyCount(kind));
        this.deliver(encodeReply(message, this.protocol));
      }
    }
  }

  /** In the words of Redis. */
  #cutOff(): void {
    this.subscriptions.clear();
    this.#held = undefined;
    this.#parts.lifecycle.cutOff(
      "outputLimitBytes",
      "it does not read the messages that it has subscribed to: overcoming of output buffer limits",
    );
  }
}
