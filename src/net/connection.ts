/**
 * @module
 * One TCP connection: its reading half, its writing half, and an end at which the client gets to see the last replies.
 */

import { Input } from "./input.ts";
import { Output } from "./output.ts";
import type { Traffic } from "../telemetry/connection_counters.ts";

/** How long a client may go on sending what nobody reads, so that it gets to see the last replies. */
const LINGER_MS = 5_000;

/** Owns a `Deno.TcpConn`. */
export class Connection {
  /** What the client sends. */
  readonly input: Input;
  /** What the client gets. */
  readonly output: Output;
  readonly #conn: Deno.TcpConn;

  /** Takes the connection, for good; counts its bytes in `traffic`. At most `outputLimitBytes` wait for the client. */
  constructor(conn: Deno.TcpConn, traffic: Traffic, outputLimitBytes: number = Infinity) {
    this.input = new Input(conn, traffic);
    this.output = new Output(conn, traffic, outputLimitBytes);
    this.#conn = conn;
  }

  /** Remote address, `ip:port`. */
  get address(): string {
    return formatAddress(this.#conn.remoteAddr as Deno.NetAddr);
  }

  /** The gateway's side of it, `ip:port`. */
  get localAddress(): string {
    return formatAddress(this.#conn.localAddr as Deno.NetAddr);
  }

  /** Ends it: the sending half first, then, when the client has hung up or time is over, the rest. */
  async hangUp(): Promise<void> {
    try {
      if (!this.input.ended) {
        await this.#conn.closeWrite();
        await this.input.drain(LINGER_MS);
      }
    } catch {
      // the client was faster: the connection is gone already
    }
    this.close();
  }

  /** Ends it at once; idempotent. */
  close(): void {
    try {
      this.#conn.close();
    } catch {
      // Deno closes it by itself when the client hangs up
    }
  }
}

function formatAddress({ hostname, port }: Deno.NetAddr): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** Whether the client hung up while something was written to it: not our fault, and no reason for an alarm. */
export function isConnectionError(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.NotConnected;
}
