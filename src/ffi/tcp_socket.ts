/**
 * @module
 * Options of TCP sockets that Deno has no name for, on Linux. Deno does not tell which descriptor a socket of its own
 * has, so it is found by its port.
 * @see https://man7.org/linux/man-pages/man7/tcp.7.html
 */

import { libc } from "./libc.ts";

const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;
const SO_ACCEPTCONN = 30;
const IPPROTO_TCP = 6;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
const TCP_USER_TIMEOUT = 18;
/** Of `struct sockaddr_in6`, which is the larger one. */
const SOCKADDR_BYTES = 28;
/** A socket that was just opened has one of the lowest free descriptors. */
const MAX_FD = 4_096;
/** As Redis does it: so many questions without an answer, in as many parts of the time. */
const PROBES = 3;

/**
 * Connections that are accepted from now on at `port`, where this process listens, are asked whether they are there when
 * nothing has come for `idleMs`, and end after the same time without an answer. So do those that do not take what is
 * sent to them.
 *
 * @returns false where that can't be set
 */
export function keepAlive(port: number, idleMs: number): boolean {
  if (Deno.build.os !== "linux") return false;
  const fd = listeningSocket(port);
  if (fd === undefined) return false;
  const idleSeconds = Math.max(1, Math.round(idleMs / 1_000));
  return [
    setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1),
    setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds),
    setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, Math.max(1, Math.round(idleSeconds / PROBES))),
    setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES),
    setOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 2 * idleMs),
  ].every((done) => done);
}

function listeningSocket(port: number): number | undefined {
  for (let fd = 0; fd < MAX_FD; fd++) {
    if (localPort(fd) === port && isListening(fd)) return fd;
  }
  return undefined;
}

/** Undefined for what is no socket of a network. */
function localPort(fd: number): number | undefined {
  const address = new Uint8Array(SOCKADDR_BYTES);
  const size = new Uint32Array([SOCKADDR_BYTES]);
  if (libc().getsockname(fd, address, new Uint8Array(size.buffer)) !== 0) return undefined;
  return new DataView(address.buffer).getUint16(2);
}

function isListening(fd: number): boolean {
  const value = new Int32Array(1);
  const size = new Uint32Array([value.byteLength]);
  const [bytes, sizeBytes] = [new Uint8Array(value.buffer), new Uint8Array(size.buffer)];
  return libc().getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, bytes, sizeBytes) === 0 && value[0] === 1;
}

function setOption(fd: number, level: number, name: number, value: number): boolean {
  const bytes = new Uint8Array(new Int32Array([value]).buffer);
  return libc().setsockopt(fd, level, name, bytes, bytes.byteLength) === 0;
}
