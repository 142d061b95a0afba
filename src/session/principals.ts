/**
 * The principals that the gateway is to Kafka: its own, with the login of the configuration, and those of users who have
 * a login of their own. These are opened when one of their users needs Kafka, and closed when nobody has for a while.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { User } from "../auth/user.ts";
import { EmbeddedGroups } from "../groups/embedded_groups.ts";
import type { LiveGroup } from "../groups/live_group.ts";
import { type OpenCluster, Principal, type PrincipalParts } from "./principal.ts";

/** Users with a login of their own. */
export interface PrincipalSource {
  /** Name of the principal. */
  readonly name: string;
  /** Names of its users. */
  readonly users: readonly string[];
  /**
   * Opens Kafka with the login.
   *
   * @throws {KafkaError} when the machine has no threads for it
   */
  open(): OpenCluster;
}

/** What all principals of a gateway are made of. */
export interface PrincipalsParts extends Omit<PrincipalParts, "embeddedGroups"> {
  /** With the gateway's own login. */
  readonly own: OpenCluster;
  /** Users with other logins. */
  readonly sources: readonly PrincipalSource[];
  /** Whether there still is such a user. */
  readonly hasUser: (name: string) => boolean;
}

/** How often principals are looked for that nobody uses. */
const CHECK_MS = 1_000;

const logger = getLogger(["rafka", "kafka"]);

/** All principals of a gateway. */
export class Principals {
  /** The gateway's own. */
  readonly own: Principal;
  readonly #parts: PrincipalParts;
  readonly #hasUser: PrincipalsParts["hasUser"];
  readonly #idleMs: number;
  readonly #sources = new Map<string, PrincipalSource>();
  readonly #open = new Map<PrincipalSource, Principal>();
  readonly #closing = new Set<Promise<void>>();
  #check: ReturnType<typeof setInterval> | undefined;

  /** The gateway's own is open. */
  constructor({ own, sources, hasUser, ...parts }: PrincipalsParts) {
    this.#parts = { ...parts, embeddedGroups: new EmbeddedGroups() };
    this.#hasUser = hasUser;
    this.#idleMs = parts.timeouts.principalIdleMs;
    this.own = new Principal(undefined, own, this.#parts);
    for (const source of sources) {
      for (const user of source.users) this.#sources.set(user, source);
    }
  }

  /** Those that have clients of Kafka, the gateway's own first. */
  get open(): readonly Principal[] {
    return [this.own, ...this.#open.values()];
  }

  /** The name of the principal that a user is to Kafka; undefined for the gateway's own. */
  nameOf({ name }: { readonly name: string }): string | undefined {
    return this.#sources.get(name)?.name;
  }

  /**
   * Whom Kafka sees behind a user's commands.
   *
   * @throws {KafkaError} when it can't be opened
   */
  of({ name }: User): Principal {
    const source = this.#sources.get(name);
    if (!source) return this.own;
    let principal = this.#open.get(source);
    if (!principal) {
      principal = new Principal(source.name, source.open(), this.#parts);
      this.#open.set(source, principal);
      this.#check ??= setInterval(() => this.#closeIdle(), Math.min(this.#idleMs, CHECK_MS));
    }
    return principal;
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

  /** Closes all, whose clients are closed. */
  async close(): Promise<void> {
    this.#endCheck();
    await Promise.all([...this.#closing, ...this.open.map((principal) => principal.close())]);
  }

  /** Logs the pending summaries. */
  closeSummaries(): void {
    for (const principal of this.open) principal.closeSummaries();
  }

  #closeIdle(): void {
    for (const [source, principal] of this.#open) {
      const hasUsers = source.users.some((user) => this.#hasUser(user));
      if (principal.idleMs(hasUsers) < this.#idleMs) continue;
      logger.debug("Principal {name} is closed: nobody uses it", { name: source.name });
      this.#open.delete(source);
      const closing = this.#retire(principal);
      this.#closing.add(closing);
      void closing.then(() => this.#closing.delete(closing));
    }
    if (this.#open.size === 0) this.#endCheck();
  }

  async #retire(principal: Principal): Promise<void> {
    try {
      await principal.retire();
    } catch (error) {
      logger.error("Bug: principal {name} does not end: {error}", {
        name: principal.name,
        error: (error as Error).stack,
      });
    }
  }

  #endCheck(): void {
    clearInterval(this.#check);
    this.#check = undefined;
  }
}
