/**
 * A transparent Redis client for tests: requests as bytes, replies as the bytes received, each within a deadline. A
 * table's string holds one byte per character, see wire.ts.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fromBytes, toBytes } from "./wire.ts";

/** Timeout of a reply, unless a call gives another. */
const DEADLINE_MS = 20_000;

/** An argument: bytes, or a string of one byte per character. */
export type Argument = string | number | Uint8Array;

/** A message returned by BLPOP. */
export interface PoppedMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** One byte per character; null for a null. */
  readonly value: string | null;
}

/** What a client with TLS trusts, and its own certificate. */
export interface TlsOptions {
  readonly caFile: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly bufferBytes?: number;
}

/** One connection to a gateway. */
export class TestClient implements Disposable {
  readonly #conn: Deno.Conn;
  /** Grows; tests with thousands of connections start with a small one. */
  #received: Uint8Array<ArrayBuffer>;
  #length = 0;

  private constructor(conn: Deno.Conn, bufferBytes: number) {
    this.#conn = conn;
    this.#received = new Uint8Array(bufferBytes);
  }

  static async connect(
    port: number,
    hostname = "127.0.0.1",
    bufferBytes = 64 * 1024,
  ): Promise<TestClient> {
    return new TestClient(await Deno.connect({ hostname, port }), bufferBytes);
  }

  /** Connects with TLS, and completes the handshake. */
  static async connectTls(port: number, options: TlsOptions): Promise<TestClient> {
    const { caFile, certFile, keyFile } = options;
    const cert = certFile === undefined
      ? {}
      : { cert: await Deno.readTextFile(certFile), key: await Deno.readTextFile(keyFile!) };
    const caCerts = [await Deno.readTextFile(caFile)];
    const conn = await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts, ...cert });
    await conn.handshake();
    return new TestClient(conn, options.bufferBytes ?? 64 * 1024);
  }

  /** As CLIENT GETNAME shows it. */
  get address(): string {
    const { hostname, port } = this.#conn.localAddr as Deno.NetAddr;
    return `${hostname}:${port}`;
  }

  /** Sends a request and returns its reply as it is on the wire, e.g. ":1\r\n". */
  async ask(...args: Argument[]): Promise<string> {
    await this.send(...args);
    return await this.reply();
  }

  /** Sends a request without awaiting its reply. */
  async send(...args: Argument[]): Promise<void> {
    await this.write(encode(args));
  }

  /** Sends bytes unchanged. */
  async write(bytes: string | Uint8Array): Promise<void> {
    let rest = typeof bytes === "string" ? toBytes(bytes) : bytes;
    while (rest.byteLength > 0) rest = rest.subarray(await this.#conn.write(rest));
  }

  /** Reads the next reply as it is on the wire. */
  async reply(deadlineMs = DEADLINE_MS): Promise<string> {
    return fromBytes(await this.replyBytes(deadlineMs));
  }

  /** The same as bytes, for large replies. */
  async replyBytes(deadlineMs = DEADLINE_MS): Promise<Uint8Array> {
    return await withDeadline(this.#conn, deadlineMs, "a reply", async () => {
      for (;;) {
        const end = endOfReply(this.#received.subarray(0, this.#length), 0);
        if (end !== undefined) return this.#take(end);
        const more = await this.#readMore();
        if (!more) assert.fail(`The connection was closed after ${JSON.stringify(this.#rest())}`);
      }
    });
  }

  /** Sends BLPOP; undefined after a timeout. */
  async pop(topics: string, timeoutSeconds: number): Promise<PoppedMessage | undefined> {
    await this.send("BLPOP", topics, timeoutSeconds);
    return readPopped(await this.reply(timeoutSeconds * 1_000 + DEADLINE_MS));
  }

  /** Reads all bytes until the gateway closes the connection. */
  async untilClosed(deadlineMs = DEADLINE_MS): Promise<string> {
    return await withDeadline(this.#conn, deadlineMs, "the end of the connection", async () => {
      while (await this.#readMore());
      return fromBytes(this.#take(this.#length));
    });
  }

  /** Closes the sending side; replies still arrive. */
  async endWriting(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Disconnects. */
  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // a deadline has closed the connection already
    }
  }

  async #readMore(): Promise<boolean> {
    if (this.#length === this.#received.byteLength) {
      const larger = new Uint8Array(this.#length * 2);
      larger.set(this.#received);
      this.#received = larger;
    }
    let byteLength: number | null;
    try {
      byteLength = await this.#conn.read(this.#received.subarray(this.#length));
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      byteLength = null;
    }
    this.#length += byteLength ?? 0;
    return byteLength !== null;
  }

  #take(byteLength: number): Uint8Array {
    const taken = this.#received.slice(0, byteLength);
    this.#received.copyWithin(0, byteLength, this.#length);
    this.#length -= byteLength;
    return taken;
  }

  #rest(): string {
    return fromBytes(this.#received.subarray(0, this.#length));
  }
}

/** A request as clients send it: an array of bulk strings. */
export function encode(args: readonly Argument[]): Uint8Array<ArrayBuffer> {
  const parts = [toBytes(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = arg instanceof Uint8Array ? arg : toBytes(String(arg));
    parts.push(toBytes(`$${bytes.byteLength}\r\n`), new Uint8Array(bytes), toBytes("\r\n"));
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** The text of a bulk or verbatim reply. */
export function readText(reply: string): string {
  const match = /^(\$|=)\d+\r\n(?:txt:)?([^]*)\r\n$/.exec(reply);
  assert.ok(match, `Not a text: ${JSON.stringify(reply.slice(0, 300))}`);
  return match[2]!;
}

/** BLPOP's reply as a message, undefined for the null array. */
export function readPopped(reply: string): PoppedMessage | undefined {
  if (reply === "*-1\r\n" || reply === "_\r\n") return undefined;
  const match =
    /^\*8\r\n\$5\r\ntopic\r\n\$\d+\r\n([^\r]+)\r\n\$9\r\npartition\r\n:(\d+)\r\n\$6\r\noffset\r\n:(\d+)\r\n\$5\r\nvalue\r\n(\$-1|\$\d+\r\n([^]*))\r\n$/
      .exec(reply);
  assert.ok(match, `Not a message: ${JSON.stringify(reply.slice(0, 300))}`);
  const [, topic, partition, offset, , value] = match;
  return {
    topic: topic!,
    partition: Number(partition),
    offset: Number(offset),
    value: value ?? null,
  };
}

/** The end of the reply that begins at `at`; undefined when it is incomplete. */
function endOfReply(bytes: Uint8Array, at: number): number | undefined {
  const lineEnd = bytes.indexOf(0x0a, at);
  if (lineEnd < 0) return undefined;
  const type = String.fromCharCode(bytes[at]!);
  if ("+-:_,".includes(type)) return lineEnd + 1;
  const count = Number(fromBytes(bytes.subarray(at + 1, lineEnd - 1)));
  if ("$=".includes(type)) {
    const end = count < 0 ? lineEnd + 1 : lineEnd + 1 + count + 2;
    return end <= bytes.byteLength ? end : undefined;
  }
  assert.match(type, /[*~%>]/, "the first byte of a reply");
  const items = type === "%" ? 2 * count : count;
  let end: number | undefined = lineEnd + 1;
  for (let item = 0; item < items && end !== undefined; item++) end = endOfReply(bytes, end);
  return end;
}

async function withDeadline<T>(
  conn: Deno.Conn,
  deadlineMs: number,
  what: string,
  action: () => Promise<T>,
): Promise<T> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    conn.close();
  }, deadlineMs);
  try {
    return await action();
  } catch (cause) {
    if (late) throw new Error(`Waited ${deadlineMs} ms for ${what}`, { cause });
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}
