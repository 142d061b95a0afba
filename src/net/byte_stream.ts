/**
 * A connection as the gateway sees it, whatever carries it: bytes in, bytes out, and who is at the other end. TCP is
 * one of them; TLS and Unix sockets are one more constructor each.
 *
 * @module
 */

/** A connection of a client. Errors of its methods are those of Deno's network functions. */
export interface ByteStream {
  /** The client's address, `ip:port`. */
  readonly remoteAddress: string;
  /** The gateway's address that the client is connected to, `ip:port`. */
  readonly localAddress: string;
  /** The client is on this machine. */
  readonly isLocal: boolean;
  /** Reads some bytes; how many, null at the end of what the client sends. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes; how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the sending side: the client reads what was written, then the end. */
  closeWrite(): Promise<void>;
  /** Ends both sides at once. */
  close(): void;
  /** Whether the client's machine is still reachable; true where that can't be found out. */
  peerAnswers(): Promise<boolean>;
}

/** Accepts connections on one address. */
export interface Listener {
  /** As logs show it, e.g. `127.0.0.1:6380`. */
  readonly address: string;
  /** The next connection. Rejects when accepting fails, and after `close`. */
  accept(): Promise<ByteStream>;
  /** Accepts no more. */
  close(): void;
}
