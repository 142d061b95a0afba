/**
 * Clients that disconnect again and again before a command is answered: their read timeout is shorter than the command
 * takes. Each disconnect of a worker of BLPOP rebalances its group.
 *
 * @module
 */

/** A client is forgotten after this long without a disconnect. */
const FORGET_MS = 60_000;
/** Maximum number of names; the oldest is dropped. */
const MAX_NAMES = 1_000;

/** Impatient clients by name. */
export class ImpatientClients {
  /** Time of the latest such disconnect of each name, the newest at the end. */
  readonly #hungUpAtMs = new Map<string, number>();

  /**
   * Records a disconnect before a command was answered.
   *
   * @param ageMs of the connection
   * @returns whether there was a recent one before the connection began: several that end at once are not one that
   *   comes again
   */
  hungUp(name: string, ageMs: number): boolean {
    const again = this.has(name) && this.#hungUpAtMs.get(name)! <= performance.now() - ageMs;
    this.#hungUpAtMs.delete(name);
    this.#hungUpAtMs.set(name, performance.now());
    const [oldest] = this.#hungUpAtMs.keys();
    if (this.#hungUpAtMs.size > MAX_NAMES) this.#hungUpAtMs.delete(oldest!);
    return again;
  }

  /** Whether the client has recently disconnected so. */
  has(name: string): boolean {
    const atMs = this.#hungUpAtMs.get(name);
    return atMs !== undefined && performance.now() - atMs < FORGET_MS;
  }
}
