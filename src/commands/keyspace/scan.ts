/**
 * A cursor that needs no memory between two calls. Keys are gone through in the order of their hashes, and the cursor
 * is the hash to go on from: a key that is there all the time is shown, whatever comes and goes beside it.
 *
 * @see https://redis.io/docs/latest/commands/scan/
 * @module
 */

/** Some keys, and where to go on. */
export interface Page {
  /** In no order that means anything. */
  readonly keys: readonly string[];
  /** The next cursor, 0 at the end. */
  readonly next: number;
}

/** About `count` keys from `cursor` on: those of one hash stay together. */
export function scan(keys: readonly string[], cursor: number, count: number): Page {
  const left = keys.map((key) => ({ key, hash: hash(key) }))
    .filter((entry) => entry.hash >= cursor)
    .sort((a, b) => a.hash - b.hash);
  const next = left.slice(count).find((entry) => entry.hash > left[count - 1]!.hash)?.hash;
  const page = next === undefined ? left : left.filter((entry) => entry.hash < next);
  return { keys: page.map(({ key }) => key), next: next ?? 0 };
}

/** FNV-1a of 32 bits, from 1 on: 0 is the cursor of the beginning. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) {
    value = Math.imul(value ^ key.charCodeAt(at), 0x01000193);
  }
  return (value >>> 0) + 1;
}
