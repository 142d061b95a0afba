/**
 * A few connections above `maxClients`, for those on this machine who look after the gateway: a healthcheck, an
 * administrator who wants to know who has all the others. They may ask and manage, neither produce nor consume, and
 * the next one takes the place of the oldest that has its answer: it is no way around the limit.
 *
 * @module
 */

import type { Command } from "../commands/core/command.ts";

/** As Redis says it. */
export const REJECTED = "max number of clients reached";
/** How many there are. */
export const RESERVED_CONNECTIONS = 3;

/** A connection, as the reserve sees it. */
export interface Reserved {
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
  /** Something has been written to it. */
  readonly answered: boolean;
  /** Ends it at once, without a word. */
  disconnect(): void;
}

/** Who has one. */
export class Reserve {
  /** The oldest first. */
  readonly #held: Reserved[] = [];
  #ending = 0;

  /** How many connections are in it, or were and are ending. */
  get count(): number {
    return this.#held.length + this.#ending;
  }

  /**
   * Takes a connection in; when there are too many the oldest that has its answer gives way. Where none has one it is the
   * oldest: three that say nothing must not keep all others out.
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

/** What may be asked of the gateway there: what connections are for themselves, and INFO, CONFIG and COMMAND. */
export function isReservedFor({ group, name }: Pick<Command, "group" | "name">): boolean {
  return group === "connection" || /^(INFO|CONFIG|COMMAND)\b/.test(name);
}
