/**
 * What a client is told of its subscriptions.
 *
 * @module
 */

import type { ChannelKind } from "../../pubsub/channel.ts";
import { bulk, integer, NULL, push, type Reply } from "../../resp/reply.ts";

/** What a reply to each kind of SUBSCRIBE begins with. */
const SUBSCRIBED: Readonly<Record<ChannelKind, Reply>> = {
  channel: bulk("subscribe"),
  pattern: bulk("psubscribe"),
  shard: bulk("ssubscribe"),
};

/** The same of UNSUBSCRIBE. */
const UNSUBSCRIBED: Readonly<Record<ChannelKind, Reply>> = {
  channel: bulk("unsubscribe"),
  pattern: bulk("punsubscribe"),
  shard: bulk("sunsubscribe"),
};

/**
 * A subscription has begun.
 *
 * @param count number of subscriptions that are counted with it
 */
export function subscribed(kind: ChannelKind, name: Uint8Array<ArrayBuffer>, count: number): Reply {
  return push([SUBSCRIBED[kind], bulk(name), integer(count)]);
}

/**
 * A subscription has ended.
 *
 * @param name undefined where there was none
 * @param count number of those that are left
 */
export function unsubscribed(
  kind: ChannelKind,
  name: Uint8Array<ArrayBuffer> | undefined,
  count: number,
): Reply {
  return push([UNSUBSCRIBED[kind], name ? bulk(name) : NULL, integer(count)]);
}
