/**
 * Locks that workers take and release, as in Redis with SET NX. Each gateway has its own, in memory: they end with it.
 *
 * @see https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/
 * @module
 */

import type { Request } from "../../resp/request_parser.ts";
import { CommandError } from "./command_error.ts";
import { sameBytes } from "./memo.ts";

const MAX_LOCKS = 10_000;
/** Of a key with its token. */
const MAX_BYTES = 2_048;
/** Each byte is a character: keys may hold any bytes. */
const decoder = new TextDecoder("latin1");

interface Lock {
  readonly token: Request[number];
  /** On the clock of `performance.now()`; Infinity for a lock that does not expire. */
  endsAtMs: number;
}

/** The locks of a gateway. */
export class Locks {
  readonly #locks = new Map<string, Lock>();

  /**
   * Takes a lock; returns false if it is taken.
   *
   * @param durationMs Infinity for a lock that does not expire
   * @throws {CommandError} ERR for a long key or token, and when there are too many locks
   */
  take(key: Request[number], token: Request[number], durationMs: number): boolean {
    if (this.#find(key)) return false;
    if (key.byteLength + token.byteLength > MAX_BYTES) {
      throw new CommandError("ERR", `key and token of a lock larger than ${MAX_BYTES} bytes`);
    }
    if (this.#locks.size >= MAX_LOCKS) this.#removeExpired();
    if (this.#locks.size >= MAX_LOCKS) {
      throw new CommandError("ERR", `more than ${MAX_LOCKS} locks`);
    }
    const endsAtMs = performance.now() + durationMs;
    this.#locks.set(decoder.decode(key), { token: token.slice(), endsAtMs });
    return true;
  }

  /** The token that a lock was taken with; undefined if it is free. */
  tokenOf(key: Request[number]): Request[number] | undefined {
    return this.#find(key)?.token;
  }

  /** Frees a lock; returns false if it is free, or was taken with another token. */
  release(key: Request[number], token: Request[number]): boolean {
    return this.#owned(key, token) !== undefined && this.delete(key);
  }

  /** Frees a lock, whatever its token is; returns false if it is free. */
  delete(key: Request[number]): boolean {
    return this.#find(key) !== undefined && this.#locks.delete(decoder.decode(key));
  }

  /**
   * Lets a lock expire later or earlier; returns false as `release`.
   *
   * @param durationMs from now on
   */
  expire(key: Request[number], token: Request[number], durationMs: number): boolean {
    const lock = this.#owned(key, token);
    if (lock) lock.endsAtMs = performance.now() + durationMs;
    return lock !== undefined;
  }

  /** How long a lock is still taken; undefined if it is free, Infinity if it does not expire. */
  leftMs(key: Request[number]): number | undefined {
    const lock = this.#find(key);
    return lock && lock.endsAtMs - performance.now();
  }

  #owned(key: Request[number], token: Request[number]): Lock | undefined {
    const lock = this.#find(key);
    return lock && sameBytes(lock.token, token) ? lock : undefined;
  }

  #find(key: Request[number]): Lock | undefined {
    if (this.#locks.size === 0 || key.byteLength > MAX_BYTES) return undefined;
    const lock = this.#locks.get(decoder.decode(key));
    return lock && lock.endsAtMs > performance.now() ? lock : undefined;
  }

  #removeExpired(): void {
    const nowMs = performance.now();
    for (const [key, { endsAtMs }] of this.#locks) {
      if (endsAtMs <= nowMs) this.#locks.delete(key);
    }
  }
}
