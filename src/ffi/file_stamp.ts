/**
 * Whether a file has changed, without reading it and without a permission of Deno's for its path. Known on Linux only.
 *
 * @see https://man7.org/linux/man-pages/man2/statx.2.html
 * @module
 */

import { libc } from "./libc.ts";
import { toCString } from "./memory.ts";

const AT_FDCWD = -100;
const STATX_BASIC_STATS = 0x7ff;
/** `struct statx`, the same on every processor. */
const STATX_BYTES = 256;
/** Inode and size; times of the last change of the inode and of the content, with nanoseconds; the device. */
const FIELDS = [[32, 48], [96, 108], [112, 124], [136, 144]] as const;

/**
 * Text that differs when the file behind a path, or what links lead to, is another one or was written to; undefined when
 * it cannot be found.
 */
export function fileStamp(path: string): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const buffer = new Uint8Array(STATX_BYTES);
  if (libc().statx(AT_FDCWD, toCString(path), 0, STATX_BASIC_STATS, buffer) !== 0) return undefined;
  return FIELDS.map(([from, to]) => buffer.subarray(from, to).join(".")).join("|");
}
