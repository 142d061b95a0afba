/**
 * What of the gateway a user is shown: topics that it has a right to, messages that it may read, groups that it may
 * consume as, its own connections. One who may read every topic is shown everything but groups.
 *
 * @module
 */

import type { User } from "../../auth/user.ts";
import { asksTopic, readsTopic, usesGroup } from "./access.ts";
import type { Context } from "./context.ts";

/** Whether the user is shown that there is such a topic. */
export function seesTopic(user: User, topic: string): boolean {
  return user.isUnrestricted || user.mayUse(asksTopic(topic));
}

/** Whether the user is shown messages of a topic, and what becomes of them. */
export function readsMessages(user: User, topic: string): boolean {
  return user.isUnrestricted || user.mayUse(readsTopic(topic));
}

/** Whether the user is shown a group that reads a topic which it is shown. */
export function seesGroup(user: User, group: string): boolean {
  return user.isUnrestricted || user.mayUse(usesGroup(group));
}

/** Whether the user is shown what any user does. */
export function seesEverybody(user: User): boolean {
  return user.isUnrestricted || user.mayUse(readsTopic("^"));
}

/** Whether the user is shown a connection and what it sends, and may end it if it may end any. */
export function seesClient(user: User, other: { readonly user: User }): boolean {
  return other.user.name === user.name || seesEverybody(user);
}

/** The connections that the asking one is shown. */
export function visibleClients({ client, gateway }: Context): Context["gateway"]["clientList"] {
  return gateway.clientList.filter((other) => seesClient(client.user, other));
}

/** The names of the topics that the asking connection is shown. */
export async function visibleTopics({ client: { user }, kafka }: Context): Promise<string[]> {
  const topics = await kafka.cluster.topicNames();
  return user.isUnrestricted ? topics : topics.filter((topic) => seesTopic(user, topic));
}
