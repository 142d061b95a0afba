/**
 * One connection: its reading half, its writing half, and a close after which the client still receives the last
 * replies.
 *
 * @module
 */

import type { ConnectionCounters } from "../telemetry/connection_counters.ts";
import type { ByteStream } from "./byte_stream.ts";
import { Input } from "./input.ts";
import { Output } from "./output.ts";

/** Owns a byte stream. */
export class Connection {
  /** What the client sends. */
  readonly input: Input;
  /** What the client receives. */
  readonly output: Output;
  readonly #stream: ByteStream;

  /**
   * Owns the stream; counts its bytes in `counters`.
   *
   * @param outputLimitBytes maximum of bytes buffered for the client
   */
  constructor(
    stream: ByteStream,
    counters: ConnectionCounters,
    outputLimitBytes: number = Infinity,
  ) {
    this.input = new Input(stream, counters);
    this.output = new Output(stream, counters, outputLimitBytes);
    this.#stream = stream;
  }

  /** The client's address, `ip:port`. */
  get address(): string {
    return this.#stream.remoteAddress;
  }

  /** The gateway's address, `ip:port`. */
  get localAddress(): string {
    return this.#stream.localAddress;
  }

  /** The names in the client's certificate; none without one. */
  get peerNames(): readonly string[] {
    return this.#stream.peerNames ?? [];
  }

  /**
   * Prepares the connection, e.g. by a TLS handshake; undefined where there is nothing to do.
   *
   * @throws {TlsError} when that fails, or takes longer than `timeoutMs`
   */
  open(timeoutMs: number): Promise<void> | undefined {
    return this.#stream.open?.(timeoutMs);
  }

  /** Whether the client's machine is still reachable. */
  peerAnswers(): Promise<boolean> {
    return this.#stream.peerAnswers();
  }

  /** Closes the sending side first, and the rest when the client has disconnected or after `lingerMs`. */
  async closeGracefully(lingerMs: number): Promise<void> {
    try {
      if (!this.input.ended) {
        await this.#stream.closeWrite();
        await this.input.drain(lingerMs);
      }
    } catch {
      // the client has closed the connection already
    }
    this.close();
  }

  /** Closes the connection immediately; idempotent. */
  close(): void {
    try {
      this.#stream.close();
    } catch {
      // Deno closes it by itself when the client disconnects
    }
  }
}

/** Whether a write failed because the client disconnected: no fault of the gateway. */
export function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.NotConnected;
}
