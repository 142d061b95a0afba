/**
 * What Linux knows of a file, without a permission of Deno's for its path.
 *
 * @see https://man7.org/linux/man-pages/man2/statx.2.html
 * @module
 */

import { libc } from "./libc.ts";
import { toCString } from "./memory.ts";

const AT_FDCWD = -100;
const STATX_BASIC_STATS = 0x7ff;
const STATX_BYTES = 256;

/** `struct statx` of the file, or of what links lead to, the same on every processor; undefined if it cannot be found. */
export function statx(path: string): Uint8Array | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const buffer = new Uint8Array(STATX_BYTES);
  const result = libc().statx(AT_FDCWD, toCString(path), 0, STATX_BASIC_STATS, buffer);
  return result === 0 ? buffer : undefined;
}
