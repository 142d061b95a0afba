/**
 * @module
 * The few functions of Linux' C library that Deno has no permission-free or no stable counterpart for: files that
 * are nowhere but in memory, datagrams to systemd, pipes, options of sockets. Opened when first needed.
 * @see https://man7.org/linux/man-pages/man2/memfd_create.2.html
 */

import { fromCString } from "./memory.ts";

/** Their types. */
export const LIBC_SYMBOLS = {
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  mkostemp: { parameters: ["buffer", "i32"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
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

/** The functions. */
export function libc(): Deno.DynamicLibrary<typeof LIBC_SYMBOLS>["symbols"] {
  opened ??= Deno.dlopen("libc.so.6", LIBC_SYMBOLS);
  return opened.symbols;
}

/**
 * The result of a call, unless it says that the call failed.
 *
 * @param what names the call in the error
 * @throws {Error} with the system's words for errno
 */
export function checked(what: string, result: number | bigint): number {
  if (result >= 0) return Number(result);
  const errno = new Deno.UnsafePointerView(libc().__errno_location()!).getInt32();
  throw new Error(`${what}: ${fromCString(libc().strerror(errno))}`);
}
