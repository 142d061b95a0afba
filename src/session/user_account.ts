/**
 * What a user takes of the gateway, all its connections together, and its limits (`server.userLimits`).
 *
 * @module
 */

import type { UserLimits } from "../config/schema.ts";
import { CommandError } from "../commands/core/command_error.ts";

/** Where a rate is exceeded, a connection pauses for at most so long before it looks again. */
const MAX_PAUSE_MS = 1_000;
/** What may be taken at once, in seconds of the rate. */
const BURST_SECONDS = 1;

/** An amount for each second. Taking more than there is leaves a debt, which has to be waited for. */
export class Allowance {
  readonly #perSecond: number;
  #left: number;
  #atMs: number;

  /** Starts with the amount of a second. */
  constructor(perSecond: number, nowMs: number = performance.now()) {
    this.#perSecond = perSecond;
    this.#left = perSecond * BURST_SECONDS;
    this.#atMs = nowMs;
  }

  /** Takes an amount; returns the milliseconds to wait until nothing is owed. */
  take(amount: number, nowMs: number = performance.now()): number {
    const refill = (nowMs - this.#atMs) / 1_000 * this.#perSecond;
    this.#left = Math.min(this.#left + refill, this.#perSecond * BURST_SECONDS) - amount;
    this.#atMs = nowMs;
    return this.#left < 0 ? -this.#left / this.#perSecond * 1_000 : 0;
  }
}

/** The account of one user. */
export class UserAccount {
  /** Whether its connections have to say what they take. */
  readonly isMetered: boolean;
  readonly #name: string;
  readonly #limits: UserLimits;
  readonly #messages: Allowance | undefined;
  readonly #bytes: Allowance | undefined;
  #connections = 0;
  #consumers = 0;

  /** Nothing is taken yet. */
  constructor(name: string, limits: UserLimits) {
    this.#name = name;
    this.#limits = limits;
    const { messagesPerSecond, bytesPerSecond } = limits;
    this.#messages = messagesPerSecond === undefined ? undefined : new Allowance(messagesPerSecond);
    this.#bytes = bytesPerSecond === undefined ? undefined : new Allowance(bytesPerSecond);
    this.isMetered = this.#messages !== undefined || this.#bytes !== undefined;
  }

  /**
   * One more connection.
   *
   * @throws {CommandError} ERR when there are too many
   */
  enter(): void {
    const { connections = Infinity } = this.#limits;
    if (this.#connections >= connections) {
      throw new CommandError(
        "ERR",
        `max number of clients reached: user ${this.#name} may have ${connections}`,
      );
    }
    this.#connections++;
  }

  /** One connection less. */
  leave(): void {
    this.#connections--;
  }

  /**
   * One more consumer.
   *
   * @throws {CommandError} CONS when there are too many
   */
  addConsumer(): void {
    const { consumers = Infinity } = this.#limits;
    if (this.#consumers >= consumers) {
      throw new CommandError(
        "CONS",
        `max number of consumers reached: user ${this.#name} may have ${consumers}`,
      );
    }
    this.#consumers++;
  }

  /** One consumer less. */
  removeConsumer(): void {
    this.#consumers--;
  }

  /** Takes messages and bytes; returns for how many milliseconds the connection pauses. */
  take(messages: number, bytes: number): number {
    const pauseMs = Math.max(
      this.#messages?.take(messages) ?? 0,
      this.#bytes?.take(bytes) ?? 0,
    );
    return Math.min(pauseMs, MAX_PAUSE_MS);
  }
}

/** The accounts of all users. */
export class UserAccounts {
  readonly #limits: Readonly<Record<string, UserLimits>>;
  readonly #accounts = new Map<string, UserAccount>();

  /** Limits by user. */
  constructor(limits: Readonly<Record<string, UserLimits>>) {
    this.#limits = limits;
  }

  /** The account of a user, made on its first use. */
  of(name: string): UserAccount {
    let account = this.#accounts.get(name);
    if (!account) {
      const limits = Object.hasOwn(this.#limits, name) ? this.#limits[name]! : {};
      this.#accounts.set(name, account = new UserAccount(name, limits));
    }
    return account;
  }
}
