/**
 * Names of consuming connections: each is unique on the gateway, and free again when its holder is gone.
 *
 * @module
 */

import { CommandError } from "../commands/core/command_error.ts";
import { settlesWithin } from "../async/settles_within.ts";

/** A connection that holds a name. */
export interface NameHolder {
  /** It gives its name up, since it ends or by RESET; only its consumer may still be leaving its group. */
  readonly leaving: boolean;
  /** Whether its machine is still there, as far as can be said. */
  answers(): Promise<boolean>;
  /** Ends the connection at once. */
  disconnect(): void;
  /** Another connection wants the name: a client that has hung up gets no further replies. */
  giveNameUp(): void;
  /** Resolves when the connection ends. */
  readonly gone: Promise<void>;
  /** Resolves when its consumer has left its group, or takes long; to be asked for when it is leaving. */
  readonly consumerClosed: Promise<void>;
}

/** Who holds which name. */
export class NameRegistry {
  readonly #holders = new Map<string, NameHolder>();
  readonly #graceMs: number;

  /** A holder that is asked for its name has `graceMs` to turn out to be disconnected. */
  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /**
   * Takes a name. Waits for a holder whose connection is gone already: a client that reconnects finds its old
   * consumer still leaving the group. One whose machine is gone without a word loses it.
   *
   * @throws {CommandError} when a living connection holds it
   */
  async take(name: string, holder: NameHolder): Promise<void> {
    for (;;) {
      const current = this.#holders.get(name);
      if (!current || current === holder) break;
      if (!current.leaving) {
        current.giveNameUp();
        // a hang-up that is under way may be seen a moment later than the connection that comes after it
        await settlesWithin(current.gone, this.#graceMs);
      }
      if (this.#holders.get(name) !== current) continue; // RESET has freed it meanwhile
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

  /** Frees a name, if this is its holder. */
  release(name: string, holder: NameHolder): void {
    if (this.#holders.get(name) === holder) this.#holders.delete(name);
  }
}
