/**
 * A reserve of connections above `maxClients` for clients on this machine: a healthcheck, an administrator who inspects
 * the other connections. Reserved connections inspect and manage the gateway; they neither produce nor consume. A new
 * one replaces the oldest that has been answered, so the reserve is no way around the limit.
 *
 * @module
 */

import type { Command } from "../commands/core/command.ts";

/** Redis' text. */
export const REJECTED = "max number of clients reached";
/** Size of the reserve. */
export const RESERVED_CONNECTIONS = 3;

/** A reserved connection. */
export interface Reserved {
  /** Resolves when the connection and its resources are closed. */
  readonly ended: Promise<void>;
  /** Whether any bytes of a reply have been written. */
  readonly answered: boolean;
  /** Closes the connection immediately, without a reply. */
  disconnect(): void;
}

/** The reserved connections. */
export class Reserve {
  /** Oldest first. */
  readonly #held: Reserved[] = [];
  #ending = 0;

  /** Connections in the reserve, including replaced ones that are still closing. */
  get count(): number {
    return this.#held.length + this.#ending;
  }

  /**
   * Adds a connection until it has ended. A full reserve drops its oldest answered connection, or the oldest of all:
   * three silent connections must not block the reserve.
   */
  async hold(connection: Reserved): Promise<void> {
    if (this.#held.length === RESERVED_CONNECTIONS) {
      const next = this.#held.find(({ answered }) => answered) ?? this.#held[0]!;
      this.#release(next).disconnect();
    }
    this.#held.push(connection);
    await connection.ended;
    if (this.#held.includes(connection)) this.#release(connection);
    this.#ending--;
  }

  #release(connection: Reserved): Reserved {
    this.#held.splice(this.#held.indexOf(connection), 1);
    this.#ending++;
    return connection;
  }
}

/** Whether a reserved connection may run a command: the group of connection commands, INFO, CONFIG and COMMAND. */
export function isReservedFor({ group, name }: Pick<Command, "group" | "name">): boolean {
  return group === "connection" || /^(INFO|CONFIG|COMMAND)\b/.test(name);
}
