/**
 * Locks that workers take and release, as in Redis with SET NX. Each gateway has its own, in memory.
 *
 * @see https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/
 * @module
 */

import { CommandError } from "./command_error.ts";

const MAX_LOCKS = 10_000;
/** Of a key with its token, in characters. */
const MAX_LENGTH = 2_048;

interface Lock {
  readonly token: string;
  /** On the clock of `performance.now()`; Infinity for a lock that does not expire. */
  readonly endsAtMs: number;
}

/** The locks of a gateway. */
export class Locks {
  readonly #locks = new Map<string, Lock>();

  /**
   * Takes a lock; returns false if somebody has it.
   *
   * @param durationMs Infinity for a lock that does not expire
   * @throws {CommandError} ERR for a long key or token, and when there are too many locks
   */
  take(key: string, token: string, durationMs: number): boolean {
    if (this.tokenOf(key) !== undefined) return false;
    if (key.length + token.length > MAX_LENGTH) {
      throw new CommandError("ERR", `key and token of a lock larger than ${MAX_LENGTH} characters`);
    }
    if (this.#locks.size >= MAX_LOCKS) this.#removeExpired();
    if (this.#locks.size >= MAX_LOCKS) {
      throw new CommandError("ERR", `more than ${MAX_LOCKS} locks`);
    }
    this.#locks.set(key, { token, endsAtMs: performance.now() + durationMs });
    return true;
  }

  /** The token of who has a lock; undefined if nobody has it. */
  tokenOf(key: string): string | undefined {
    const lock = this.#locks.get(key);
    return lock && lock.endsAtMs > performance.now() ? lock.token : undefined;
  }

  /** Releases a lock; returns whether this token had it. */
  release(key: string, token: string): boolean {
    return this.tokenOf(key) === token && this.#locks.delete(key);
  }

  #removeExpired(): void {
    const nowMs = performance.now();
    for (const [key, { endsAtMs }] of this.#locks) {
      if (endsAtMs <= nowMs) this.#locks.delete(key);
    }
  }
}
