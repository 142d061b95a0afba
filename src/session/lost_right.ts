/**
 * What a connection does and its user may do no more, after users were replaced.
 *
 * @module
 */

import type { Refusal } from "../auth/selector.ts";
import type { User } from "../auth/user.ts";
import { consumerUses, usesGroup } from "../commands/core/access.ts";
import type { ClientState } from "./client_state.ts";

/** The right to MONITOR. */
const MONITOR = "monitor";
/** Rights that a consumer is of use with. */
const POPS = ["blpop", "blmpop", "lmpop"];

/** The first right that the connection lives on and the user lacks: to its consumer and its name, to what it waits with, to MONITOR. */
export function lostRight(client: ClientState, user: User): Refusal | undefined {
  if (user.isUnrestricted) return undefined;
  const { waitsWith, command, kafka: { consumer } } = client;
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
  if (!client.blocked || !command) return undefined;
  // what an unrestricted user waits with is not known
  if (!waitsWith) return { reason: "command", object: command.right };
  return user.refusal(waitsWith.right, waitsWith.uses);
}
