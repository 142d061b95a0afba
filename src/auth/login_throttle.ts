/**
 * How many passwords may be tried for a user from an address, over however many connections. Each name and address has an
 * allowance of its own, so that guesses for one user delay neither the others behind the same address nor anyone
 * elsewhere. The same wrong password again is no guess: a client that is configured wrongly costs its neighbours nothing.
 *
 * The memory is fixed: names and addresses are told apart by a keyed hash of a few bits, not kept.
 *
 * @module
 */

import { createHash, randomBytes } from "node:crypto";
import { MAX_PASSWORD_BYTES } from "./passwords.ts";

/** Places for pairs of a name and an address; pairs of the same place share it. */
const PLACES = 4_096;
/** Guesses that need not wait. */
const FREE_GUESSES = 20;
/** The distance at which further ones are checked, in times of what a failed login takes. */
const INTERVAL_FAILURES = 5;
/** One that would wait longer is refused; in the same unit. */
const MAX_WAIT_FAILURES = 50;

/** One login. */
export interface LoginAttempt {
  /** How long to wait before the password is checked; undefined: it is refused unchecked. */
  readonly waitMs: number | undefined;
  /** Where the allowance is. */
  readonly place: number;
  /** A hash of the password. */
  readonly password: number;
  /** It is the latest wrong password again. */
  readonly isRepeated: boolean;
}

/** The allowances of all names and addresses. */
export class LoginThrottle {
  readonly #secret = randomBytes(32);
  /** When the next guess would be due if all had waited for their time. */
  readonly #dueAtMs = new Float64Array(PLACES).fill(-Infinity);
  /** Of the latest wrong password, 48 bits of a keyed hash. */
  readonly #wrong = new Float64Array(PLACES);
  readonly #intervalMs: number;
  readonly #maxWaitMs: number;

  /**
   * Nothing has been guessed yet.
   *
   * @param failureMs how long a failed login takes
   */
  constructor(failureMs: number) {
    this.#intervalMs = INTERVAL_FAILURES * failureMs;
    this.#maxWaitMs = MAX_WAIT_FAILURES * failureMs;
  }

  /**
   * Takes a guess from the allowance.
   *
   * @param address `ip:port`
   */
  begin(
    address: string,
    name: string,
    password: Uint8Array,
    nowMs: number = performance.now(),
  ): LoginAttempt {
    const place = this.#hash(`${networkOf(address)} ${name}`) % PLACES;
    const attempt = {
      place,
      // a longer one is wrong, unread
      password: this.#hash(password.subarray(0, MAX_PASSWORD_BYTES + 1)),
      isRepeated: false,
    };
    if (attempt.password === this.#wrong[place]) return { ...attempt, isRepeated: true, waitMs: 0 };
    const dueAtMs = this.#intervalMs +
      Math.max(this.#dueAtMs[place]!, nowMs - FREE_GUESSES * this.#intervalMs);
    if (dueAtMs - nowMs > this.#maxWaitMs) return { ...attempt, waitMs: undefined };
    this.#dueAtMs[place] = dueAtMs;
    return { ...attempt, waitMs: Math.max(dueAtMs - nowMs, 0) };
  }

  /** It was the right password: no guess, which is given back. */
  succeeded({ place, isRepeated }: LoginAttempt): void {
    if (!isRepeated) this.#dueAtMs[place]! -= this.#intervalMs;
  }

  /** It was a wrong one. */
  failed({ place, password }: LoginAttempt): void {
    this.#wrong[place] = password;
  }

  #hash(data: string | Uint8Array): number {
    return createHash("sha256").update(this.#secret).update(data).digest().readUIntBE(0, 6);
  }
}

/** The address without its port; the first half of one of IPv6, of which a client has a whole network. */
function networkOf(address: string): string {
  const host = address.slice(0, address.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1")
    .replace(/^::ffff:(?=\d+\.)/, "");
  if (!host.includes(":")) return host;
  const [head, tail] = host.split("::").map((part) => part === "" ? [] : part.split(":"));
  if (!tail) return head!.slice(0, 4).join(":");
  const zeros = Array<string>(Math.max(8 - head!.length - tail.length, 0)).fill("0");
  return [...head!, ...zeros, ...tail].slice(0, 4).join(":");
}
