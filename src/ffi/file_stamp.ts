/**
 * Whether a file has changed, without reading it and without a permission of Deno's for its path. Known on Linux only.
 *
 * @module
 */

import { statx } from "./statx.ts";

/** Of `struct statx`. Inode and size; times of the last change of the inode and of the content, with nanoseconds; the device. */
const FIELDS = [[32, 48], [96, 108], [112, 124], [136, 144]] as const;

/**
 * Text that differs when the file behind a path, or what links lead to, is another one or was written to; undefined when
 * it cannot be found.
 */
export function fileStamp(path: string): string | undefined {
  const status = statx(path);
  return status && FIELDS.map(([from, to]) => status.subarray(from, to).join(".")).join("|");
}
