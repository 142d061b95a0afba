/**
 * Clients that hang up while their BLPOP waits, and come back to do so again: their read timeout is shorter than they let
 * BLPOP wait. Each time their group is rebalanced.
 *
 * @module
 */

/** Who has not done so for this long is no such client any more. */
const FORGET_MS = 60_000;
/** More names are not remembered, the oldest is forgotten. */
const MAX_NAMES = 1_000;

/** By their names. */
export class ImpatientClients {
  /** When they last did so, the latest at the end. */
  readonly #hungUpAtMs = new Map<string, number>();

  /** It has hung up while its BLPOP waited; whether it had done so before. */
  hungUp(name: string): boolean {
    const again = this.has(name);
    this.#hungUpAtMs.delete(name);
    this.#hungUpAtMs.set(name, performance.now());
    const [oldest] = this.#hungUpAtMs.keys();
    if (this.#hungUpAtMs.size > MAX_NAMES) this.#hungUpAtMs.delete(oldest!);
    return again;
  }

  /** It has done so lately. */
  has(name: string): boolean {
    const atMs = this.#hungUpAtMs.get(name);
    return atMs !== undefined && performance.now() - atMs < FORGET_MS;
  }
}
