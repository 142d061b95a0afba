/**
 * Options of TCP sockets that Deno does not offer, on Linux.
 *
 * @see https://man7.org/linux/man-pages/man7/tcp.7.html
 * @module
 */

import {
  type Ends,
  getOption,
  IPPROTO_TCP,
  setOption,
  socketsOf,
  SOL_SOCKET,
  tcpInfo,
} from "./socket_options.ts";

const SO_KEEPALIVE = 9;
const TCP_NODELAY = 1;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
const TCP_USER_TIMEOUT = 18;
const TCPI_UNACKED = 24;
const TCPI_LAST_ACK_RECV = 56;
const TCPI_NOTSENT_BYTES = 144;
/** A peer that has answered since then is present. */
const SILENT_MS = 1_000;
/** An answer takes a round trip; a lost probe is repeated each second. */
const ANSWER_MS = 3_000;
const LOOK_MS = 20;
/** As in Redis: number of unanswered probes, in as many parts of the time. */
const PROBES = 3;

/**
 * Connections that are accepted from now on at the listening socket `fd` send small packets immediately and have TCP
 * keepalive, at the system's times: they inherit its options, without a call for each.
 *
 * @returns false where that can't be set
 */
export function setInherited(fd: number): boolean {
  return setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1) && setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

/**
 * Sets the times of TCP keepalive for connections that are accepted from now on at the listening socket `fd`: they are
 * probed after `idleMs` of silence, and end after the same time without an answer. So do those that do not acknowledge
 * what is sent to them.
 *
 * @returns false where that can't be set
 */
export function keepAlive(fd: number, idleMs: number): boolean {
  const idleSeconds = Math.max(1, Math.round(idleMs / 1_000));
  return [
    setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds),
    setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, Math.max(1, Math.round(idleSeconds / PROBES))),
    setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES),
    setOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 2 * idleMs),
  ].every((done) => done);
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
  const info = tcpInfo(fd);
  if (!info) return undefined;
  const onItsWay = info.getUint32(TCPI_UNACKED, true) + info.getUint32(TCPI_NOTSENT_BYTES, true);
  return onItsWay > 0 ? undefined : info.getUint32(TCPI_LAST_ACK_RECV, true);
}
