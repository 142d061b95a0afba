/**
 * Names of consuming connections: unique on the gateway, released with their connection.
 *
 * @module
 */

import { CommandError } from "../commands/core/command_error.ts";
import { settlesWithin } from "../async/settles_within.ts";

/** A connection that holds a name. */
export interface NameHolder {
  /** The holder gives up its name because of its end or RESET; at most its consumer is still leaving the group. */
  readonly leaving: boolean;
  /** Whether the client's machine is still reachable; true where that is unknown. */
  answers(): Promise<boolean>;
  /** Closes the connection immediately. */
  disconnect(): void;
  /** Another connection asks for the name: the holder ends if its client has disconnected. */
  giveNameUp(): void;
  /** Resolves when the connection ends. */
  readonly gone: Promise<void>;
  /** Resolves when the consumer has left its group, or takes long. Valid while `leaving`. */
  readonly consumerClosed: Promise<void>;
}

/** Names and their holders. */
export class NameRegistry {
  readonly #holders = new Map<string, NameHolder>();
  readonly #graceMs: number;

  /**
   * Holds no names.
   *
   * @param graceMs how long the gateway may take to notice the disconnect of a holder
   */
  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /**
   * Takes a name. Waits for a holder that is leaving: after a reconnect the old consumer may still be leaving the
   * group. A holder whose machine does not answer is disconnected.
   *
   * @throws {CommandError} CONS, when a live connection holds the name
   */
  async take(name: string, holder: NameHolder): Promise<void> {
    for (;;) {
      const current = this.#holders.get(name);
      if (!current || current === holder) break;
      if (!current.leaving) {
        current.giveNameUp();
        // the disconnect may be noticed slightly later than the new connection
        await settlesWithin(current.gone, this.#graceMs);
      }
      if (this.#holders.get(name) !== current) continue; // released meanwhile
      if (!current.leaving) {
        if (await current.answers()) throw new CommandError("CONS", `id ${name} is already taken`);
        current.disconnect();
        await current.gone;
        continue;
      }
      await current.consumerClosed;
      this.release(name, current);
    }
    this.#holders.set(name, holder);
  }

  /** Releases a name, if `holder` holds it. */
  release(name: string, holder: NameHolder): void {
    if (this.#holders.get(name) === holder) this.#holders.delete(name);
  }
}
