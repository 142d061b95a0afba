/**
 * TCP connections without encryption.
 *
 * @module
 */

import { dropNewConnections, waitingConnections } from "../ffi/shared_port.ts";
import { listeningSocket } from "../ffi/socket_options.ts";
import { keepAlive, peerAnswers, setInherited } from "../ffi/tcp_socket.ts";
import type { ByteStream, Listener } from "./byte_stream.ts";

/** By then a connection that has begun is there to accept, or its client has lost packets. */
const HANDSHAKE_MS = 200;
const LOOK_MS = 5;

/** The listen address cannot be used. */
export class ListenError extends Error {
  /** Shown in stack traces. */
  override name = "ListenError";
}

/** How to listen. */
export interface TcpListenOptions {
  /** What names another port, for the error; `--port` unless given. */
  readonly setting?: string;
  /** Other processes may listen on the port, too: requires Linux, and `--unstable-net` of Deno. */
  readonly reusePort?: boolean;
}

/** Listens on a port. */
export class TcpListener implements Listener {
  readonly address: string;
  /** Address of the network interface. */
  readonly hostname: string;
  /** The port; for 0 the one that the system chose. */
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #isShared: boolean;
  /** The descriptor; undefined where options of sockets are not known. */
  readonly #fd: number | undefined;
  /** Connections have the socket's options when they are accepted. */
  readonly #inherits: boolean;

  /**
   * Listens immediately.
   *
   * @param hostname an IPv4 address, `localhost`, `::` or `::1`
   * @param port 0 for any free one
   * @throws {ListenError} when the address cannot be used
   */
  constructor(hostname: string, port: number, options: TcpListenOptions = {}) {
    this.#isShared = options.reusePort ?? false;
    this.#listener = listen(hostname, port, options);
    const addr = this.#listener.addr as Deno.NetAddr;
    this.address = formatAddress(addr);
    this.hostname = addr.hostname;
    this.port = addr.port;
    this.#fd = Deno.build.os === "linux" ? listeningSocket(addr.port) : undefined;
    this.#inherits = this.#fd !== undefined && setInherited(this.#fd);
  }

  get waiting(): number | undefined {
    return this.#fd === undefined ? undefined : waitingConnections(this.#fd);
  }

  /**
   * Probes accepted connections after `idleMs` without a packet, and closes them after as long without an answer.
   *
   * @returns false where the system has no such option
   */
  keepAlive(idleMs: number): boolean {
    return this.#fd !== undefined && keepAlive(this.#fd, idleMs);
  }

  async accept(): Promise<TcpStream> {
    const conn = await this.#listener.accept();
    try {
      if (!this.#inherits) {
        conn.setNoDelay(true);
        conn.setKeepAlive(true);
      }
      return new TcpStream(conn);
    } catch (error) {
      conn.close();
      throw error;
    }
  }

  /** The kernel gives new connections to the others as soon as this socket is closed, but resets those of its queue. */
  async leave(deadlineMs: number): Promise<void> {
    if (!this.#isShared || this.#fd === undefined) return;
    const startMs = performance.now();
    const isSparing = dropNewConnections(this.#fd);
    if (isSparing) await sleep(Math.min(HANDSHAKE_MS, deadlineMs));
    while ((this.waiting ?? 0) > 0 && performance.now() - startMs < deadlineMs) {
      await sleep(LOOK_MS);
    }
  }

  close(): void {
    this.#listener.close();
  }
}

/** One TCP connection. */
export class TcpStream implements ByteStream {
  readonly #conn: Deno.TcpConn;

  /** Owns the connection. */
  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  get remoteAddress(): string {
    return formatAddress(this.#conn.remoteAddr as Deno.NetAddr);
  }

  get localAddress(): string {
    return formatAddress(this.#conn.localAddr as Deno.NetAddr);
  }

  get isLocal(): boolean {
    const { remoteAddr, localAddr } = this.#conn;
    return isSameMachine(
      (remoteAddr as Deno.NetAddr).hostname,
      (localAddr as Deno.NetAddr).hostname,
    );
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#conn.read(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#conn.close();
  }

  peerAnswers(): Promise<boolean> {
    return peerAnswers({
      localPort: portOf(this.localAddress),
      remotePort: portOf(this.remoteAddress),
    });
  }
}

/** Whether a client is on this machine: its address is a loopback address or the one that it connected to. */
export function isSameMachine(remote: string, local: string): boolean {
  return remote === local || /^(::ffff:)?127\./.test(remote) || remote === "::1";
}

/** Why a port cannot be shared here; undefined where it can. */
export function reusePortProblem(): string | undefined {
  if (Deno.build.os !== "linux") return "only Linux divides connections among processes";
  // a part of the same unstable API: without it `Deno.listen` ends the process
  if (!("listenDatagram" in Deno)) {
    return "Deno takes --unstable-net for it, as `deno task start` has";
  }
  return undefined;
}

function listen(
  hostname: string,
  port: number,
  { setting = "--port", reusePort = false }: TcpListenOptions,
): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port, reusePort });
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotCapable
      ? "Rafka may listen on any IPv4 address, on localhost, :: and ::1 only"
      : (cause as Error).message;
    const remedy = cause instanceof Deno.errors.AddrInUse ? remedyFor(setting, reusePort) : "";
    throw new ListenError(`Cannot listen on ${hostname}:${port}: ${why}${remedy}`, { cause });
  }
}

function remedyFor(setting: string, reusePort: boolean): string {
  const another = `; ${setting} names another port`;
  if (!reusePort) return another;
  return `${another}. Gateways that share one must all have server.reusePort, and run as the same user`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function formatAddress({ hostname, port }: Deno.NetAddr): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
