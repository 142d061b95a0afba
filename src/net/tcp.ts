/**
 * TCP connections without encryption.
 *
 * @module
 */

import { keepAlive, peerAnswers } from "../ffi/tcp_socket.ts";
import type { ByteStream, Listener } from "./byte_stream.ts";

/** The listen address cannot be used. */
export class ListenError extends Error {
  /** Shown in stack traces. */
  override name = "ListenError";
}

/** Listens on a port. */
export class TcpListener implements Listener {
  readonly address: string;
  /** Address of the network interface. */
  readonly hostname: string;
  /** The port; for 0 the one that the system chose. */
  readonly port: number;
  readonly #listener: Deno.TcpListener;

  /**
   * Listens immediately.
   *
   * @param hostname an IPv4 address, `localhost`, `::` or `::1`
   * @param port 0 for any free one
   * @param setting what names another port, for the error
   * @throws {ListenError} when the address cannot be used
   */
  constructor(hostname: string, port: number, setting = "--port") {
    this.#listener = listen(hostname, port, setting);
    const addr = this.#listener.addr as Deno.NetAddr;
    this.address = formatAddress(addr);
    this.hostname = addr.hostname;
    this.port = addr.port;
  }

  /**
   * Probes accepted connections after `idleMs` without a packet, and closes them after as long without an answer.
   *
   * @returns false where the system has no such option
   */
  keepAlive(idleMs: number): boolean {
    return keepAlive(this.port, idleMs);
  }

  async accept(): Promise<TcpStream> {
    const conn = await this.#listener.accept();
    try {
      conn.setNoDelay(true);
      conn.setKeepAlive(true);
      return new TcpStream(conn);
    } catch (error) {
      conn.close();
      throw error;
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

function listen(hostname: string, port: number, setting: string): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotCapable
      ? "Rafka may listen on any IPv4 address, on localhost, :: and ::1 only"
      : (cause as Error).message +
        (cause instanceof Deno.errors.AddrInUse ? `; ${setting} names another port` : "");
    throw new ListenError(`Cannot listen on ${hostname}:${port}: ${why}`, { cause });
  }
}

function formatAddress({ hostname, port }: Deno.NetAddr): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
