/**
 * @module
 * Waiting for librdkafka without a thread and without polling: librdkafka writes a few bytes to a socket when
 * one of its queues goes from empty to non-empty (rd_kafka_queue_io_event_enable in rdkafka.h), and the event
 * loop reads them. One loopback TCP connection serves the whole process; the payload says which queue it is.
 */

import type { Library } from "../ffi/library.ts";
import type { Symbols } from "../ffi/symbols.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;
/** Linux: the writing side never blocks, since librdkafka writes while it holds the lock of a queue. */
const SOCK_NONBLOCK = Deno.build.os === "linux" ? 0o4000 : 0;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SOCKADDR_BYTES = 16;
const PAYLOAD_BYTES = 4;
const READ_BUFFER_BYTES = 16 * 1024;

/** One queue's place in a `Wakeup`. */
export interface WakeupRegistration {
  /** Ends the wake-ups; the queue must still exist. */
  unregister(): void;
}

/** The socket behind all wake-ups. Owns both ends of it. */
export class Wakeup {
  readonly #library: Library;
  readonly #fd: number;
  readonly #conn: Deno.TcpConn;
  readonly #callbacks = new Map<number, () => void>();
  readonly #reading: Promise<void>;
  #nextId = 1;
  #closed = false;

  private constructor(library: Library, fd: number, conn: Deno.TcpConn) {
    this.#library = library;
    this.#fd = fd;
    this.#conn = conn;
    library.handles.opened("wake-up socket");
    this.#reading = this.#read();
  }

  /** Opens the socket. */
  static async open(library: Library): Promise<Wakeup> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    try {
      const fd = connectTo(library.symbols, (listener.addr as Deno.NetAddr).port);
      return new Wakeup(library, fd, await acceptOwn(library.symbols, listener, fd));
    } finally {
      listener.close();
    }
  }

  /**
   * Calls `onWake` each time that `queue` goes from empty to non-empty. The queue has to be drained then:
   * there is no further call before it was empty again.
   */
  register(queue: Deno.PointerValue, onWake: () => void): WakeupRegistration {
    const { symbols } = this.#library;
    const id = this.#nextId;
    this.#nextId = this.#nextId % 0xffff_ffff + 1;
    this.#callbacks.set(id, onWake);
    const payload = new Uint8Array(PAYLOAD_BYTES);
    new DataView(payload.buffer).setUint32(0, id, true);
    symbols.rd_kafka_queue_io_event_enable(queue, this.#fd, payload, BigInt(PAYLOAD_BYTES));
    return {
      unregister: () => {
        symbols.rd_kafka_queue_io_event_enable(queue, -1, null, 0n);
        this.#callbacks.delete(id);
      },
    };
  }

  /** Closes both ends. All queues must have been unregistered. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
    this.#library.symbols.close(this.#fd);
    this.#library.handles.closed("wake-up socket");
    await this.#reading;
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BUFFER_BYTES);
    const view = new DataView(buffer.buffer);
    let kept = 0; // bytes of a payload that arrived in two parts
    while (!this.#closed) {
      const byteLength = await this.#readSome(buffer.subarray(kept));
      if (byteLength === undefined) return;
      const end = kept + byteLength;
      const whole = end - end % PAYLOAD_BYTES;
      for (let at = 0; at < whole; at += PAYLOAD_BYTES) {
        this.#callbacks.get(view.getUint32(at, true))?.();
      }
      buffer.copyWithin(0, whole, end);
      kept = end - whole;
    }
  }

  async #readSome(into: Uint8Array<ArrayBuffer>): Promise<number | undefined> {
    try {
      const byteLength = await this.#conn.read(into);
      if (byteLength === null && !this.#closed) throw new Error("the other end is closed");
      return byteLength ?? undefined;
    } catch (cause) {
      if (this.#closed) return undefined;
      // without wake-ups every consumer would hang in silence: better to end with a reason
      throw new Error("Cannot read the wake-up socket of librdkafka", { cause });
    }
  }
}

/** A socket of our own, connected to a port on loopback; its descriptor. */
function connectTo(symbols: Symbols, port: number): number {
  const fd = symbols.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) throw new Error("Cannot make the wake-up socket: too many open files?");
  const on = new Uint8Array(new Int32Array([1]).buffer);
  // each wake-up counts at once: without this, one waits for the acknowledgement of the one before
  symbols.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, on, on.byteLength);
  // a non-blocking connect is still under way when it returns; accepting it is the proof
  symbols.connect(fd, loopbackAddress(port), SOCKADDR_BYTES);
  return fd;
}

/** The accepted end of `fd`. Whoever else connects to the port in that moment is turned away. */
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
