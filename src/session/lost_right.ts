/**
 * What a connection does and its user may do no more, after users were replaced.
 *
 * @module
 */

import type { Refusal } from "../auth/selector.ts";
import type { User } from "../auth/user.ts";
import { consumerUses, usesGroup } from "../commands/core/access.ts";
import { SUBSCRIBE_RIGHTS, subscribeUses } from "../commands/core/channel_access.ts";
import type { Command } from "../commands/core/command.ts";
import type { OwnClient } from "../commands/core/context.ts";
import type { TopicKeys } from "../commands/core/topic_keys.ts";

/** The client of a connection, and what it does. */
export interface RightHolder extends
  Pick<
    OwnClient,
    | "waitsWith"
    | "blocked"
    | "monitoring"
    | "identity"
    | "kafka"
    | "isSubscribed"
    | "pubsub"
  > {
  /** The latest command. */
  readonly command: Command | undefined;
}

/** The right to MONITOR. */
const MONITOR = "monitor";
/** Rights that a consumer is of use with. */
const POPS = ["blpop", "blmpop", "lmpop"];

/** The first right that the connection lives on and the user lacks: to its consumer and its name, to what it waits with, to MONITOR. */
export function lostRight(
  client: RightHolder,
  user: User,
  keys: TopicKeys,
): Refusal | undefined {
  if (user.isUnrestricted) return undefined;
  const { kafka: { consumer } } = client;
  if (client.monitoring && !user.mayRun(MONITOR)) return { reason: "command", object: MONITOR };
  // a name keeps others from it, also without a consumer
  const uses = [
    ...(consumer ? consumerUses(consumer) : []),
    ...(client.identity ? [usesGroup(client.identity.groupId)] : []),
  ];
  const lost = uses.find((use) => !user.mayUse(use));
  if (lost) return { reason: "key", object: lost.key };
  if (consumer && !POPS.some((right) => user.mayRun(right))) {
    return { reason: "command", object: POPS[0]! };
  }
  const unsubscribed = lostSubscription(client, user, keys);
  if (unsubscribed) return unsubscribed;
  return client.blocked ? lostWait(client, user) : undefined;
}

/** The right to one of its channels. */
function lostSubscription(
  client: RightHolder,
  user: User,
  keys: TopicKeys,
): Refusal | undefined {
  if (!client.isSubscribed) return undefined;
  for (const kind of ["channel", "pattern", "shard"] as const) {
    for (const name of client.pubsub.subscriptions.names(kind)) {
      const refusal = user.refusal(SUBSCRIBE_RIGHTS[kind], subscribeUses(kind, name, keys));
      if (refusal) return refusal;
    }
  }
  return undefined;
}

/** The right that the command which waits, or is about to, has lost since it was checked. */
export function lostWait(
  { waitsWith, command }: Pick<RightHolder, "waitsWith" | "command">,
  user: User,
): Refusal | undefined {
  if (user.isUnrestricted || !command) return undefined;
  // what an unrestricted user waits with is not known, nor what a command waits with that seldom does
  if (waitsWith?.right !== command.right) return { reason: "command", object: command.right };
  return user.refusal(waitsWith.right, waitsWith.uses);
}
