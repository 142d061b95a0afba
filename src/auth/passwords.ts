/**
 * Passwords as their SHA-256, as in Redis: compared in constant time, and never kept.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";

/** A longer password is wrong, unread. */
export const MAX_PASSWORD_BYTES = 4_096;
/** A longer name is no user's. */
export const MAX_NAME_BYTES = 255;

/** Compared where there is nothing to compare with, so that this takes as long. */
const NOBODY = hashOf(crypto.getRandomValues(new Uint8Array(32)));

/** The SHA-256 of a password, 64 hexadecimal digits. */
export function hashOf(password: Uint8Array): string {
  return createHash("sha256").update(password).digest("hex");
}

/** Whether a text has the form of such a hash, as Redis demands it. */
export function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Whether one of the hashes is that of the password; takes as long for none of them as for one. */
export function isOneOf(hashes: Iterable<string>, password: Uint8Array): boolean {
  const given = Buffer.from(hashOf(password.subarray(0, MAX_PASSWORD_BYTES)));
  let found = false;
  let compared = false;
  for (const hash of hashes) {
    compared = true;
    if (timingSafeEqual(given, Buffer.from(hash))) found = true;
  }
  if (!compared) timingSafeEqual(given, Buffer.from(NOBODY));
  return found && password.byteLength <= MAX_PASSWORD_BYTES;
}
