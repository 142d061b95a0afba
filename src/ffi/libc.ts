/**
 * Functions of Linux' C library for which Deno has no permission-free or no stable counterpart: files in memory, files of
 * /proc, datagrams to systemd, pipes, options of sockets, and the state of files that librdkafka and OpenSSL read. Opened
 * when first needed.
 *
 * @see https://man7.org/linux/man-pages/man2/memfd_create.2.html
 * @module
 */

import { fromCString, toCString } from "./memory.ts";

/** Types of the functions. */
export const LIBC_SYMBOLS = {
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  mkostemp: { parameters: ["buffer", "i32"], result: "i32" },
  access: { parameters: ["buffer", "i32"], result: "i32" },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  opendir: { parameters: ["buffer"], result: "pointer" },
  readdir: { parameters: ["pointer"], result: "pointer" },
  closedir: { parameters: ["pointer"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  strerror: { parameters: ["i32"], result: "pointer" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

let opened: Deno.DynamicLibrary<typeof LIBC_SYMBOLS> | undefined;

/** The opened functions. */
export function libc(): Deno.DynamicLibrary<typeof LIBC_SYMBOLS>["symbols"] {
  opened ??= Deno.dlopen("libc.so.6", LIBC_SYMBOLS);
  return opened.symbols;
}

/** access(2): readable. */
const R_OK = 4;

/**
 * Why a file cannot be read, as the system says it; undefined if it can. Deno requires a permission for the path, which
 * librdkafka does not need to read it. Known on Linux only.
 *
 * @param isFolderAllowed a folder is readable, too
 */
export function whyUnreadable(
  path: string,
  { isFolderAllowed }: { isFolderAllowed: boolean },
): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  if (libc().access(toCString(path), R_OK) !== 0) return lastError();
  const isFolder = libc().access(toCString(`${path}/`), 0) === 0;
  return isFolder && !isFolderAllowed ? "it is a folder" : undefined;
}

/**
 * Returns the result of a successful call.
 *
 * @param what names the call in the error
 * @throws {Error} with the system's text for errno when the result is negative
 */
export function checked(what: string, result: number | bigint): number {
  if (result >= 0) return Number(result);
  throw new Error(`${what}: ${lastError()}`);
}

function lastError(): string {
  const errno = new Deno.UnsafePointerView(libc().__errno_location()!).getInt32();
  return fromCString(libc().strerror(errno));
}
