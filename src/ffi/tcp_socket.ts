/**
 * Options of TCP sockets that Deno does not offer, on Linux. Deno does not expose the descriptor of a socket, so it is
 * found by its port.
 *
 * @see https://man7.org/linux/man-pages/man7/tcp.7.html
 * @module
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
/** `struct tcp_info`, as far as it is needed: in the kernel since 4.6. */
const TCP_INFO = 11;
const TCP_INFO_BYTES = 148;
const TCPI_UNACKED = 24;
const TCPI_LAST_ACK_RECV = 56;
const TCPI_NOTSENT_BYTES = 144;
/** Size of `struct sockaddr_in6`, which is larger than `sockaddr_in`. */
const SOCKADDR_BYTES = 28;
/** Highest descriptor that is looked at: so many take milliseconds. */
const MAX_FD = 16_384;
/** A peer that has answered since then is present. */
const SILENT_MS = 1_000;
/** An answer takes a round trip; a lost probe is repeated each second. */
const ANSWER_MS = 3_000;
const LOOK_MS = 20;
/** As in Redis: number of unanswered probes, in as many parts of the time. */
const PROBES = 3;

/**
 * Turns on TCP keepalive for connections that are accepted from now on at `port`, where this process listens: they are
 * probed after `idleMs` of silence, and end after the same time without an answer. So do those that do not acknowledge
 * what is sent to them.
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

/** An accepted connection, by the ports of its ends. */
export interface Ends {
  /** Port of this process. */
  readonly localPort: number;
  /** Port of the client. */
  readonly remotePort: number;
}

/**
 * Whether the peer of a connection is still present: its machine answers a TCP probe immediately, whatever its program
 * does. True where that can't be found out.
 */
export async function peerAnswers(ends: Ends): Promise<boolean> {
  const fds = Deno.build.os === "linux" ? socketsOf(ends) : [];
  const answers = await Promise.all(fds.map(answersAt));
  return answers.length === 0 || answers.some((answer) => answer);
}

async function answersAt(fd: number): Promise<boolean> {
  const askedAtMs = performance.now();
  const silentMs = silence(fd);
  if (silentMs === undefined || silentMs < SILENT_MS) return true;
  const before = [TCP_KEEPIDLE, TCP_KEEPINTVL].map((name) => ({
    name,
    value: getOption(fd, IPPROTO_TCP, name) ?? 0,
  }));
  // it has been silent for longer, so the first probe is sent immediately
  for (const { name } of before) setOption(fd, IPPROTO_TCP, name, 1);
  try {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const sinceMs = performance.now() - askedAtMs;
      const nowSilentMs = silence(fd);
      if (nowSilentMs === undefined || nowSilentMs < sinceMs) return true;
      if (sinceMs > ANSWER_MS) return false;
    }
  } finally {
    for (const { name, value } of before) setOption(fd, IPPROTO_TCP, name, value);
  }
}

/**
 * Time since the last segment from the peer; undefined where that says nothing: data is unacknowledged, which may be
 * because its program does not read.
 */
function silence(fd: number): number | undefined {
  const info = new Uint8Array(TCP_INFO_BYTES);
  if (!readOption(fd, IPPROTO_TCP, TCP_INFO, info)) return undefined;
  const view = new DataView(info.buffer);
  const onItsWay = view.getUint32(TCPI_UNACKED, true) + view.getUint32(TCPI_NOTSENT_BYTES, true);
  return onItsWay > 0 ? undefined : view.getUint32(TCPI_LAST_ACK_RECV, true);
}

/** Descriptors: one, or several where machines have chosen the same port. */
function socketsOf({ localPort: local, remotePort }: Ends): number[] {
  const found: number[] = [];
  for (let fd = 0; fd < MAX_FD; fd++) {
    if (localPort(fd) === local && portOf(fd, "getpeername") === remotePort) found.push(fd);
  }
  return found;
}

function listeningSocket(port: number): number | undefined {
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

function getOption(fd: number, level: number, name: number): number | undefined {
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

function setOption(fd: number, level: number, name: number, value: number): boolean {
  const bytes = new Uint8Array(new Int32Array([value]).buffer);
  return libc().setsockopt(fd, level, name, bytes, bytes.byteLength) === 0;
}
