/**
 * Files and folders of Linux in /proc and /sys. Deno's own functions read nothing there without `--allow-all`, so these files are read
 * with the C library's.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { toCString } from "./memory.ts";

const O_RDONLY = 0;
const O_CLOEXEC = 0o2000000;
const BUFFER_BYTES = 4_096;

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

/** Number of entries of such a folder, without `.` and `..`; undefined where it cannot be read. */
export function countSystemFolder(path: string): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const { opendir, readdir, closedir } = libc();
  const folder = opendir(toCString(path));
  if (folder === null) return undefined;
  try {
    let count = 0;
    while (readdir(folder) !== null) count++;
    return count - 2;
  } finally {
    closedir(folder);
  }
}
