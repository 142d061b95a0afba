/**
 * Sockets of this process by their ports, and their options: Deno does not expose the descriptor of a socket. On Linux.
 *
 * @see https://man7.org/linux/man-pages/man7/socket.7.html
 * @module
 */

import { libc } from "./libc.ts";

/** Level of options of any socket. */
export const SOL_SOCKET = 1;
/** Level of options of TCP, and its protocol number. */
export const IPPROTO_TCP = 6;
/** `struct tcp_info`, as far as it is needed: in the kernel since 4.6. */
const TCP_INFO = 11;
const TCP_INFO_BYTES = 148;
const SO_ACCEPTCONN = 30;
/** Size of `struct sockaddr_in6`, which is larger than `sockaddr_in`. */
const SOCKADDR_BYTES = 28;
/** Highest descriptor that is looked at: so many take milliseconds. */
const MAX_FD = 16_384;

/** An accepted connection, by the ports of its ends. */
export interface Ends {
  /** Port of this process. */
  readonly localPort: number;
  /** Port of the client. */
  readonly remotePort: number;
}

/** Descriptors: one, or several where machines have chosen the same port. */
export function socketsOf({ localPort: local, remotePort }: Ends): number[] {
  const found: number[] = [];
  for (let fd = 0; fd < MAX_FD; fd++) {
    if (localPort(fd) === local && portOf(fd, "getpeername") === remotePort) found.push(fd);
  }
  return found;
}

/** The descriptor that listens at a port; undefined without one. */
export function listeningSocket(port: number): number | undefined {
  for (let fd = 0; fd < MAX_FD; fd++) {
    if (localPort(fd) === port && isListening(fd)) return fd;
  }
  return undefined;
}

/** Undefined for what is not a network socket. */
function localPort(fd: number): number | undefined {
  return portOf(fd, "getsockname");
}

function portOf(fd: number, name: "getsockname" | "getpeername"): number | undefined {
  const address = new Uint8Array(SOCKADDR_BYTES);
  const size = new Uint32Array([SOCKADDR_BYTES]);
  if (libc()[name](fd, address, new Uint8Array(size.buffer)) !== 0) return undefined;
  return new DataView(address.buffer).getUint16(2);
}

function isListening(fd: number): boolean {
  return getOption(fd, SOL_SOCKET, SO_ACCEPTCONN) === 1;
}

/** The state of a TCP socket; undefined for any other. */
export function tcpInfo(fd: number): DataView | undefined {
  const info = new Uint8Array(TCP_INFO_BYTES);
  return readOption(fd, IPPROTO_TCP, TCP_INFO, info) ? new DataView(info.buffer) : undefined;
}

/** The number that an option is; undefined where it can't be read. */
export function getOption(fd: number, level: number, name: number): number | undefined {
  const value = new Int32Array(1);
  const bytes = new Uint8Array(value.buffer);
  return readOption(fd, level, name, bytes) ? value[0] : undefined;
}

function readOption(
  fd: number,
  level: number,
  name: number,
  into: Uint8Array<ArrayBuffer>,
): boolean {
  const size = new Uint8Array(new Uint32Array([into.byteLength]).buffer);
  return libc().getsockopt(fd, level, name, into, size) === 0;
}

/** Sets an option that is a number; returns whether that was possible. */
export function setOption(fd: number, level: number, name: number, value: number): boolean {
  return writeOption(fd, level, name, new Uint8Array(new Int32Array([value]).buffer));
}

/** Sets an option that is a structure; returns whether that was possible. */
export function writeOption(
  fd: number,
  level: number,
  name: number,
  bytes: Uint8Array<ArrayBuffer>,
): boolean {
  return libc().setsockopt(fd, level, name, bytes, bytes.byteLength) === 0;
}
