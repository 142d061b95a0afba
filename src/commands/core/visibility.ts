/**
 * What of the gateway a user is shown: topics that it has a right to, messages that it may read, groups that it may
 * consume as, its own connections. One who may read every topic is shown everything but groups, of its own principal:
 * what Kafka keeps from its login, Rafka does. The gateway's own principal is shown that of all.
 *
 * @module
 */

import type { User } from "../../auth/user.ts";
import { asksTopic, readsTopic, usesGroup } from "./access.ts";
import type { Context, PrincipalView } from "./context.ts";

/** Whether the user is shown that there is such a topic. */
export function seesTopic(user: User, topic: string): boolean {
  return user.isUnrestricted || user.mayUse(asksTopic(topic));
}

/** Who is shown something. */
export interface Viewer {
  /** Whose rights count. */
  readonly user: User;
  /** Whom Kafka sees; undefined for the gateway's own. */
  readonly principal: string | undefined;
}

/** What is known of a message. */
export interface SeenMessage {
  /** Its topic. */
  readonly topic: string;
  /** Whose it is; undefined for the gateway's own. */
  readonly principal?: string | undefined;
}

/** Whether somebody is shown what is done as a principal. */
export function seesPrincipal(viewer: Viewer, principal: string | undefined): boolean {
  return viewer.principal === undefined || viewer.principal === principal;
}

/** The principals that the asking connection is shown. */
export function visiblePrincipals({ gateway, client }: Context): readonly PrincipalView[] {
  return gateway.principals.open.filter(({ name }) => seesPrincipal(client, name));
}

/** Whether somebody is shown messages of a topic, and what becomes of them. */
export function readsMessages(viewer: Viewer, { topic, principal }: SeenMessage): boolean {
  if (!seesPrincipal(viewer, principal)) return false;
  return viewer.user.isUnrestricted || viewer.user.mayUse(readsTopic(topic));
}

/** Whether the user is shown a group that reads a topic which it is shown. */
export function seesGroup(user: User, group: string): boolean {
  return user.isUnrestricted || user.mayUse(usesGroup(group));
}

/** Whether somebody is shown what a user does. */
export function seesUser(
  viewer: Viewer,
  other: { readonly name: string; readonly principal: string | undefined },
): boolean {
  const { user } = viewer;
  if (other.name === user.name) return true;
  return seesPrincipal(viewer, other.principal) &&
    (user.isUnrestricted || user.mayUse(readsTopic("^")));
}

/** Whether somebody is shown a connection and what it sends, and may end it if it may end any. */
export function seesClient(viewer: Viewer, { user, principal }: Viewer): boolean {
  return seesUser(viewer, { name: user.name, principal });
}

/** The connections that the asking one is shown. */
export function visibleClients({ client, gateway }: Context): Context["gateway"]["clientList"] {
  return gateway.clientList.filter((other) => seesClient(client, other));
}

/** The names of the topics that the asking connection is shown. */
export async function visibleTopics({ client: { user }, kafka }: Context): Promise<string[]> {
  const topics = await kafka.cluster.topicNames();
  return user.isUnrestricted ? topics : topics.filter((topic) => seesTopic(user, topic));
}
