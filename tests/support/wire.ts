/**
 * Bytes in the notation of test tables, ways to cut them into chunks, and reproducible random numbers. A table's string
 * holds one byte per character (`"\xff"` is the byte 255).
 *
 * @module
 */

/** The bytes of a string of characters up to `\xff`. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The string in which each character is a byte: the reverse of {@linkcode toBytes}. */
export function fromBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A request as clients send it: an array of bulk strings. */
export function encodeRequest(args: string[]): string {
  return `*${args.length}\r\n` + args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join("");
}

/** Cuts `bytes` at the indices, which ascend. Equal indices give an empty chunk. */
export function cutAt(bytes: Uint8Array, ...indices: number[]): Uint8Array[] {
  const starts = [0, ...indices];
  return starts.map((start, i) => bytes.subarray(start, indices[i] ?? bytes.length));
}

/** One chunk per byte. */
export function cutEachByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
}

/** Cuts at up to `maxCuts` random places. */
export function cutRandomly(
  bytes: Uint8Array,
  random: SeededRandom,
  maxCuts: number,
): Uint8Array[] {
  const cuts = Array.from({ length: random.below(maxCuts + 1) }, () => {
    return random.below(bytes.length + 1);
  });
  return cutAt(bytes, ...cuts.sort((a, b) => a - b));
}

/** Name of the environment variable that repeats a random test. */
export const SEED_VARIABLE = "RAFKA_FUZZ_SEED";

/** The seed of `RAFKA_FUZZ_SEED`, else a new one. Belongs in the test's title. */
export function chooseSeed(): number {
  const given = Deno.env.get(SEED_VARIABLE);
  return given === undefined ? crypto.getRandomValues(new Uint32Array(1))[0]! : Number(given);
}

/** Random numbers that are the same for the same seed (mulberry32). */
export class SeededRandom {
  #state: number;

  /** @param seed any unsigned 32-bit integer */
  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * limit);
  }

  /** One of `items`, which is not empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}
