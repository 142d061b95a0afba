/**
 * The wake-up channel where a pipe is not possible: a TCP connection from this process to itself, on 127.0.0.1.
 *
 * @module
 */

import type { Symbols } from "../../ffi/symbols.ts";
import { listenOnLoopback, noLoopback, SystemError } from "./system_error.ts";
import type { EventChannel } from "./event_channel.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;
/** Linux: writes never block, since librdkafka writes while it holds the lock of a queue. */
const SOCK_NONBLOCK = Deno.build.os === "linux" ? 0o4000 : 0;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SOCKADDR_BYTES = 16;
const READ_BUFFER_BYTES = 16 * 1024;
/** The user of the loopback interface, for errors. */
const USER = "the wake-ups of librdkafka";
/** A connection to oneself is immediate, or impossible. */
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Opens the connection.
 *
 * @throws {SystemError} when there is no loopback interface
 */
export async function openLoopback(symbols: Symbols): Promise<EventChannel> {
  const listener = listenOnLoopback(USER);
  const late = setTimeout(() => listener.close(), CONNECT_TIMEOUT_MS);
  const fd = connectTo(symbols, (listener.addr as Deno.NetAddr).port);
  try {
    return new Loopback(symbols, fd, await acceptOwn(symbols, listener, fd));
  } catch (cause) {
    symbols.close(fd);
    throw noLoopback(USER, cause);
  } finally {
    clearTimeout(late);
    close(listener);
  }
}

class Loopback implements EventChannel {
  readonly fd: number;
  readonly #symbols: Symbols;
  readonly #conn: Deno.TcpConn;
  #closed = false;
  #reading: Promise<void> | undefined;

  constructor(symbols: Symbols, fd: number, conn: Deno.TcpConn) {
    this.#symbols = symbols;
    this.fd = fd;
    this.#conn = conn;
  }

  read(onBytes: (bytes: Uint8Array) => void): void {
    this.#reading = this.#read(onBytes);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#conn.close();
    this.#symbols.close(this.fd);
    await this.#reading;
  }

  async #read(onBytes: (bytes: Uint8Array) => void): Promise<void> {
    const buffer = new Uint8Array(READ_BUFFER_BYTES);
    try {
      for (;;) {
        const byteLength = await this.#conn.read(buffer);
        if (byteLength === null) throw new Error("the other end is closed");
        onBytes(buffer.subarray(0, byteLength));
      }
    } catch (cause) {
      // without wake-ups every consumer would hang in silence: better to end with a reason
      if (!this.#closed) throw new SystemError("Cannot read the wake-ups of librdkafka", { cause });
    }
  }
}

function close(listener: Deno.TcpListener): void {
  try {
    listener.close();
  } catch {
    // the timeout has closed it
  }
}

/** A socket of our own, connected to a port on loopback; its descriptor. */
function connectTo(symbols: Symbols, port: number): number {
  const fd = symbols.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) throw new SystemError("Cannot make the wake-up socket: too many open files?");
  const on = new Uint8Array(new Int32Array([1]).buffer);
  // each wake-up counts at once: without this, one waits for the acknowledgement of the one before
  symbols.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, on, on.byteLength);
  // a non-blocking connect returns before it is established; accepting it is the proof
  symbols.connect(fd, loopbackAddress(port), SOCKADDR_BYTES);
  return fd;
}

/** Accepts the other end of `fd`, and closes connections of other programs to the port. */
async function acceptOwn(
  symbols: Symbols,
  listener: Deno.TcpListener,
  fd: number,
): Promise<Deno.TcpConn> {
  for (;;) {
    const conn = await listener.accept();
    if ((conn.remoteAddr as Deno.NetAddr).port === localPort(symbols, fd)) return conn;
    conn.close();
  }
}

/** `struct sockaddr_in` for 127.0.0.1. */
function loopbackAddress(port: number): Uint8Array<ArrayBuffer> {
  const address = new Uint8Array(SOCKADDR_BYTES);
  // Linux: sin_family in two bytes; macOS: sin_len, then sin_family in one byte
  if (Deno.build.os === "linux") address[0] = AF_INET;
  else address.set([SOCKADDR_BYTES, AF_INET]);
  new DataView(address.buffer).setUint16(2, port);
  address.set([127, 0, 0, 1], 4);
  return address;
}

function localPort(symbols: Symbols, fd: number): number {
  const address = new Uint8Array(SOCKADDR_BYTES);
  symbols.getsockname(fd, address, new Uint32Array([SOCKADDR_BYTES]));
  return new DataView(address.buffer).getUint16(2);
}
