/**
 * Notifies systemd of the state of the service: one datagram to the Unix socket that NOTIFY_SOCKET names. Linux only.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 * @module
 */

import { checked, libc } from "../ffi/libc.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SUN_PATH_BYTES = 108;
/** A receiver that does not read must not block the gateway. */
const MSG_DONTWAIT = 0x40;

/**
 * Sends assignments as `sd_notify(3)` lists them.
 *
 * @param socketPath a path, or with a leading `@` a name in the abstract namespace
 * @param state e.g. `{ READY: "1", STATUS: "Listening on 127.0.0.1:6380" }`
 * @throws {Error} when the datagram cannot be sent
 */
export function sendNotification(
  socketPath: string,
  state: Readonly<Record<string, string>>,
): void {
  const address = unixAddress(socketPath);
  const lines = Object.entries(state).map(([name, value]) => `${name}=${value}`);
  const message = new TextEncoder().encode(lines.join("\n"));
  const fd = checked("socket", libc().socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  try {
    checked(
      `Cannot notify ${socketPath}`,
      libc().sendto(fd, message, BigInt(message.length), MSG_DONTWAIT, address, address.length),
    );
  } finally {
    libc().close(fd);
  }
}

/**
 * How often systemd's watchdog is to be fed: half of WATCHDOG_USEC.
 *
 * @param watchdog the variables WATCHDOG_USEC and WATCHDOG_PID
 * @returns undefined when it watches another process, or none
 */
export function watchdogIntervalMs(
  { usec, pid }: { readonly usec: string | undefined; readonly pid: string | undefined },
): number | undefined {
  const timeoutMs = Number(usec) / 1_000;
  if (!(timeoutMs > 0) || (pid !== undefined && pid !== String(Deno.pid))) return undefined;
  return Math.max(1, timeoutMs / 2);
}

/** `struct sockaddr_un`, unix(7). */
function unixAddress(socketPath: string): Uint8Array<ArrayBuffer> {
  const path = new TextEncoder().encode(socketPath.replace(/^@/, "\0"));
  if (path.length === 0 || path.length >= SUN_PATH_BYTES) {
    throw new Error(`Cannot notify ${socketPath}: it is no path of a socket`);
  }
  const address = new Uint8Array(2 + path.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(path, 2);
  return address;
}
