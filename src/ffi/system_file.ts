/**
 * Files and folders of Linux in /proc and /sys. Deno's own functions read nothing there without `--allow-all`, so these files are read
 * with the C library's.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { toCString } from "./memory.ts";
import { statx } from "./statx.ts";

const O_RDONLY = 0;
const O_CLOEXEC = 0o2000000;
const BUFFER_BYTES = 4_096;
const OPEN_FILES = "/proc/self/fd";
/** Of `struct statx`. */
const STX_SIZE = 40;
/** `.`, `..`, and the folder itself while it is read. */
const NOT_OPEN_BEFORE = 3;

/** Text of such a file; undefined where it is missing or unreadable, and on other systems. */
export function readSystemFile(path: string): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const { open, read, close } = libc();
  const fd = open(toCString(path), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return undefined;
  try {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(BUFFER_BYTES);
    let text = "";
    for (;;) {
      const byteLength = Number(read(fd, buffer, BigInt(BUFFER_BYTES)));
      if (byteLength < 0) return undefined;
      if (byteLength === 0) return text;
      text += decoder.decode(buffer.subarray(0, byteLength), { stream: true });
    }
  } finally {
    close(fd);
  }
}

/**
 * Number of open file descriptors; undefined where it is not known. Linux has it as the size of their folder from 6.2
 * on; to count them takes a millisecond for a thousand.
 *
 * @see https://docs.kernel.org/filesystems/proc.html
 */
export function countOpenFiles(): number | undefined {
  const status = statx(OPEN_FILES);
  const size = status && Number(new DataView(status.buffer).getBigUint64(STX_SIZE, true));
  return size === 0 ? countEntries(OPEN_FILES) : size;
}

function countEntries(path: string): number | undefined {
  const { opendir, readdir, closedir } = libc();
  const folder = opendir(toCString(path));
  if (folder === null) return undefined;
  try {
    let count = 0;
    while (readdir(folder) !== null) count++;
    return count - NOT_OPEN_BEFORE;
  } finally {
    closedir(folder);
  }
}
