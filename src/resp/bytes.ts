/**
 * Byte values of the protocol, and its strict decimal numbers, parsed from bytes without allocation.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */

/** `\t` */
export const TAB = 0x09;
/** `\n` */
export const LF = 0x0a;
/** `\r` */
export const CR = 0x0d;
/** ` ` */
export const SPACE = 0x20;
/** `"` */
export const DOUBLE_QUOTE = 0x22;
/** `$`, the type of bulk strings. */
export const DOLLAR = 0x24;
/** `'` */
export const SINGLE_QUOTE = 0x27;
/** `*`, the type of arrays. */
export const STAR = 0x2a;
/** `+`, the type of simple strings. */
export const PLUS = 0x2b;
/** `-`, the type of errors, and the sign of a negative number. */
export const MINUS = 0x2d;
/** `0` */
export const ZERO = 0x30;
/** `:`, the type of integers. */
export const COLON = 0x3a;
/** `=`, the type of verbatim strings. */
export const EQUALS = 0x3d;
/** `>`, the type of pushes. */
export const GREATER = 0x3e;
/** `%`, the type of maps. */
export const PERCENT = 0x25;
/** `~`, the type of sets. */
export const TILDE = 0x7e;
/** `_`, the null of RESP3. */
export const UNDERSCORE = 0x5f;
/** `\` */
export const BACKSLASH = 0x5c;

/** An empty array, for buffers before their first use. */
export const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** A sign and the 16 digits of the largest safe integer. */
const MAX_DECIMAL_BYTES = 17;

/**
 * Reads a whole number from `bytes[start, end)`, as strictly as Redis' `string2ll`: an optional
 * `-`, then digits without leading zeros, and nothing else. `-0`, `+1`, `01`, ` 1` and the empty
 * range are not numbers.
 *
 * @returns the number; undefined for anything else, and beyond the safe integers
 */
export function parseDecimal(
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): number | undefined {
  if (end - start === 1 && bytes[start] === ZERO) return 0;
  if (end - start > MAX_DECIMAL_BYTES) return undefined;
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  if (first >= end || bytes[first] === ZERO) return undefined;
  let value = 0;
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  // Rounding never brings a larger number below this.
  if (value > Number.MAX_SAFE_INTEGER) return undefined;
  return negative ? -value : value;
}

/** Whether C's `isspace` holds: space, `\t`, `\n`, `\v`, `\f` or `\r`. */
export function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR);
}

/** The value (0-15) of a hexadecimal digit of either case, or undefined for any other byte. */
export function hexDigit(byte: number | undefined): number | undefined {
  if (byte === undefined) return undefined;
  if (byte >= ZERO && byte <= ZERO + 9) return byte - ZERO;
  const letter = (byte | 0x20) - 0x61; // the bit distinguishes "a" from "A"
  return letter >= 0 && letter < 6 ? letter + 10 : undefined;
}

/** A byte as errors show it: itself, or `\xNN` if it is not printable. */
export function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f
    ? String.fromCharCode(byte)
    : `\\x${byte.toString(16).padStart(2, "0")}`;
}
