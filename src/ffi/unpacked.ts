/**
 * A library inside this program, as a file that the dynamic linker can open. By default the file is in memory
 * (memfd_create): no other program can replace or change it, no disk is written, and nothing is left behind, also after
 * kill -9. Where the system does not allow that, it is in a folder of the user's choice, without a name. Linux only.
 *
 * @module
 */

import { checked, libc } from "./libc.ts";
import { fromBuffer, toCString } from "./memory.ts";

/** memfd_create(2) */
const MFD_CLOEXEC = 1;
/** Since Linux 6.3, where `vm.memfd_noexec` may be on; an older kernel refuses the flag. */
const MFD_EXEC = 0x10;
const O_CLOEXEC = 0o2000000;

/**
 * Calls `use` with the path of a file that holds `chunks`, in order. What `use` has opened stays open.
 *
 * @param folder where the file is made, instead of in memory
 * @throws {Error} when the file can't be made; the message says where
 */
export function unpacked<T>(
  chunks: Iterable<Uint8Array<ArrayBuffer>>,
  folder: string | undefined,
  use: (path: string) => T,
): T {
  const fd = folder ? fileIn(folder) : fileInMemory();
  try {
    for (const chunk of chunks) writeAll(fd, chunk);
    return use(`/proc/self/fd/${fd}`);
  } finally {
    libc().close(fd);
  }
}

function fileInMemory(): number {
  const name = toCString("librdkafka");
  const fd = libc().memfd_create(name, MFD_CLOEXEC | MFD_EXEC);
  if (fd >= 0) return fd;
  return checked("memfd_create", libc().memfd_create(name, MFD_CLOEXEC));
}

/** Removes the name immediately: no other program can replace the file, nothing is left behind. */
function fileIn(folder: string): number {
  const path = toCString(`${folder}/librdkafka-XXXXXX`);
  const fd = checked(`Cannot make a file in ${folder}`, libc().mkostemp(path, O_CLOEXEC));
  checked(`Cannot remove ${fromBuffer(path)}`, libc().unlink(path));
  return fd;
}

function writeAll(fd: number, bytes: Uint8Array<ArrayBuffer>): void {
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.subarray(at);
    at += checked("write", libc().write(fd, rest, BigInt(rest.length)));
  }
}
