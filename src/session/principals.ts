/**
 * The principals that the gateway is to Kafka: its own, with the login of the configuration.
 *
 * @module
 */

import type { User } from "../auth/user.ts";
import type { LiveGroup } from "../groups/live_group.ts";
import type { Cluster } from "../kafka/cluster.ts";
import { Principal, type PrincipalParts } from "./principal.ts";

/** All principals of a gateway. */
export class Principals {
  /** The gateway's own. */
  readonly own: Principal;

  /** The gateway's own alone. */
  constructor(cluster: Cluster, parts: PrincipalParts) {
    this.own = new Principal(cluster, parts);
  }

  /** Those that have clients of Kafka, the gateway's own first. */
  get open(): readonly Principal[] {
    return [this.own];
  }

  /** Whom Kafka sees behind a user's commands. */
  of(_user: User): Principal {
    return this.own;
  }

  /** The stream groups that the gateway is a member of. */
  get liveGroups(): readonly LiveGroup[] {
    return this.open.flatMap(({ groups }) => groups.live);
  }

  /** Number of outstanding messages. */
  get outstanding(): number {
    return this.open.reduce((sum, { outstanding }) => sum + outstanding, 0);
  }

  /** Consumers and groups commit and leave, within `timeoutMs`. */
  async leaveGroups(timeoutMs: number): Promise<void> {
    await Promise.all(this.open.map((principal) => principal.leaveGroups(timeoutMs)));
  }

  /** Closes producers and readers; outstanding messages have `timeoutMs`. What is being read fails with `reason`. */
  async closeClients(timeoutMs: number, reason: Error): Promise<void> {
    await Promise.all(this.open.map((principal) => principal.closeClients(timeoutMs, reason)));
  }
}
