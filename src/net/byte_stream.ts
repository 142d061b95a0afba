/**
 * The transport of a connection: bytes in, bytes out, the addresses. TCP is one; TLS and Unix sockets are one more
 * class each.
 *
 * @module
 */

/** A connection of a client. Errors of its methods are those of Deno's network functions. */
export interface ByteStream {
  /** The client's address, `ip:port`. */
  readonly remoteAddress: string;
  /** The gateway's address that the client is connected to, `ip:port`. */
  readonly localAddress: string;
  /** Whether the client is on this machine. */
  readonly isLocal: boolean;
  /** The names in the client's verified certificate under which it may log in, after `open`; absent without one. */
  readonly peerNames?: readonly string[];
  /**
   * Prepares the connection, e.g. by a handshake, before the first `read` and `write`; missing where there is nothing to
   * do.
   *
   * @param timeoutMs the connection is closed when it takes longer
   * @throws {TlsError} when that fails
   */
  open?(timeoutMs: number): Promise<void>;
  /**
   * Reads into a buffer.
   *
   * @returns the number of bytes read; null at the end of input
   */
  read(into: Uint8Array): Promise<number | null>;
  /**
   * Writes the first of the bytes, maybe all.
   *
   * @returns the number of bytes written
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Closes the sending side; the client still receives everything written before. */
  closeWrite(): Promise<void>;
  /** Closes both sides immediately. */
  close(): void;
  /** Whether the client's machine is still reachable; true where that is unknown. */
  peerAnswers(): Promise<boolean>;
}

/** Accepts connections on one address. */
export interface Listener {
  /** As logs show it, e.g. `127.0.0.1:6380`. */
  readonly address: string;
  /** Number of connections that wait for `accept`; undefined where that is not known. */
  readonly waiting?: number | undefined;
  /** Waits for the next connection. Rejects when accept fails, and after `close`. */
  accept(): Promise<ByteStream>;
  /**
   * Leaves an address to the other processes that listen on it: connections that are under way come still, no others,
   * and `close` harms none when it has resolved. Missing where there are no others.
   *
   * @param deadlineMs it resolves by then
   */
  leave?(deadlineMs: number): Promise<void>;
  /** Stops listening. */
  close(): void;
}
