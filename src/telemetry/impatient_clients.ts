/**
 * Clients that repeatedly disconnect while their BLPOP waits: their read timeout is shorter than BLPOP's. Each
 * disconnect rebalances their group.
 *
 * @module
 */

/** A client is forgotten after this long without a disconnect. */
const FORGET_MS = 60_000;
/** Maximum number of names; the oldest is dropped. */
const MAX_NAMES = 1_000;

/** Impatient clients by name. */
export class ImpatientClients {
  /** Time of the latest such disconnect of each, the newest at the end. */
  readonly #hungUpAtMs = new Map<string, number>();

  /**
   * Records a disconnect while BLPOP waited.
   *
   * @returns whether there was a recent one before
   */
  hungUp(name: string): boolean {
    const again = this.has(name);
    this.#hungUpAtMs.delete(name);
    this.#hungUpAtMs.set(name, performance.now());
    const [oldest] = this.#hungUpAtMs.keys();
    if (this.#hungUpAtMs.size > MAX_NAMES) this.#hungUpAtMs.delete(oldest!);
    return again;
  }

  /** Whether the client has recently disconnected while its BLPOP waited. */
  has(name: string): boolean {
    const atMs = this.#hungUpAtMs.get(name);
    return atMs !== undefined && performance.now() - atMs < FORGET_MS;
  }
}
