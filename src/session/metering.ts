/**
 * What one connection takes of its user's limits.
 *
 * @module
 */

import { Notifier } from "../async/notifier.ts";
import type { User } from "../auth/user.ts";
import type { KafkaClients } from "./kafka_clients.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { UserAccount, UserAccounts } from "./user_account.ts";

/** The account that a connection counts for. */
export class Metering {
  readonly #accounts: UserAccounts;
  /** Entered while the client is logged in. */
  #account: UserAccount | undefined;

  /** Of no user yet. */
  constructor(accounts: UserAccounts) {
    this.#accounts = accounts;
  }

  /** What the user takes of the gateway; undefined before a login. */
  get account(): UserAccount | undefined {
    return this.#account;
  }

  /**
   * Counts for this user from now on.
   *
   * @throws {CommandError} ERR when the user has too many connections; nothing changes then
   */
  enter(user: User): void {
    const account = this.#accounts.of(user.name);
    if (account === this.#account) return;
    account.enter();
    this.leave();
    this.#account = account;
  }

  /** Counts for nobody. */
  leave(): void {
    this.#account?.leave();
    this.#account = undefined;
  }

  /**
   * Takes messages and bytes.
   *
   * @returns resolves when the connection may go on; undefined when it may at once
   */
  pause(
    byteLength: number,
    kafka: Pick<KafkaClients, "takeMessageCount">,
    lifecycle: Pick<Lifecycle, "serving" | "signal">,
  ): Promise<void> | undefined {
    if (!this.#account?.isMetered) return undefined;
    const pauseMs = this.#account.take(kafka.takeMessageCount(), byteLength);
    return pauseMs > 0 ? waitFor(this.#account, pauseMs, lifecycle) : undefined;
  }
}

async function waitFor(
  account: UserAccount,
  firstMs: number,
  lifecycle: Pick<Lifecycle, "serving" | "signal">,
): Promise<void> {
  for (let ms = firstMs; ms > 0 && lifecycle.serving; ms = account.take(0, 0)) {
    await new Notifier().wait(ms, lifecycle.signal);
  }
}
