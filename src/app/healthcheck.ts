/**
 * `--healthcheck`: sends PING to the gateway on this machine, as a client would: at the plain port if there is
 * one, else with TLS.
 *
 * @module
 */

import { TlsError } from "../ffi/tls_error.ts";
import type { TlsSession } from "../ffi/tls_session.ts";

/** Limit of the whole check. */
const TIMEOUT_MS = 3_000;
/** More than a PONG needs, for the error message. */
const MAX_REPLY_BYTES = 64;
/** More than the headers and a reason need. */
const MAX_READY_BYTES = 8 * 1024;
const PONG = "+PONG\r\n";
/** The gateway has users, and answers nothing else before a login. */
const NO_LOGIN = "-NOAUTH ";
/** The alert of a gateway whose `clientAuth` is "required". */
const CERTIFICATE_REQUIRED = "certificate required";
const CIPHERTEXT_BYTES = 4 * 1024;

/** The gateway does not answer with PONG; the message names its address and the reason. */
export class HealthcheckError extends Error {
  /** Shown in stack traces. */
  override name = "HealthcheckError";
}

/** Where the gateway of this machine listens. */
export interface HealthcheckTarget {
  /** `server.host` */
  readonly host: string;
  /** A plain port, or one with TLS. */
  readonly port: number;
  /** Begins TLS; undefined for a port without it. */
  readonly tls?: (() => TlsSession) | undefined;
}

/**
 * Sends PING to a gateway. One that asks for a login, or for a client certificate, answers as well.
 *
 * @throws {HealthcheckError} when there is no answer within 3 seconds
 */
export async function healthcheck({ host, port, tls }: HealthcheckTarget): Promise<void> {
  const hostname = LOOPBACK[host] ?? host;
  await inTime(ping(hostname, port, tls), `No healthy Rafka at ${hostname}:${port}`);
}

/**
 * Asks the HTTP port of a gateway whether clients can work.
 *
 * @throws {HealthcheckError} with the gateway's reason, or when there is no answer within 3 seconds
 */
export async function readinessCheck({ host, port }: HealthcheckTarget): Promise<void> {
  const hostname = LOOPBACK[host] ?? host;
  await inTime(askReadiness(hostname, port), `No ready Rafka at ${hostname}:${port}`);
}

async function inTime(check: Promise<void>, failure: string): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  try {
    await Promise.race([check, late]);
  } catch (cause) {
    throw new HealthcheckError(`${failure}: ${(cause as Error).message}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

async function askReadiness(hostname: string, port: number): Promise<void> {
  using conn = await Deno.connect({ hostname, port });
  const exchange = new PlainExchange(conn);
  const request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  await exchange.write(new TextEncoder().encode(request));
  const reply = await readAll(exchange);
  if (reply.startsWith("HTTP/1.1 200 ")) return;
  const [, reason] = /\r\n\r\n(.*?)\s*$/s.exec(reply) ?? [];
  throw new Error(reason ?? `it answered ${JSON.stringify(reply.slice(0, MAX_REPLY_BYTES))}`);
}

async function readAll(exchange: Exchange): Promise<string> {
  const buffer = new Uint8Array(MAX_READY_BYTES);
  let length = 0;
  while (length < buffer.length) {
    const byteLength = await exchange.read(buffer.subarray(length));
    if (byteLength === null) break;
    length += byteLength;
  }
  return new TextDecoder().decode(buffer.subarray(0, length));
}

/** The address that reaches a server listening on all addresses. */
const LOOPBACK: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

async function ping(hostname: string, port: number, tls: HealthcheckTarget["tls"]): Promise<void> {
  using conn = await Deno.connect({ hostname, port });
  const exchange = tls ? new TlsExchange(conn, tls()) : new PlainExchange(conn);
  try {
    await exchange.write(new TextEncoder().encode("PING\r\n"));
    const reply = await readLine(exchange);
    if (reply === PONG || reply.startsWith(NO_LOGIN)) return;
    throw new Error(`it answered ${JSON.stringify(reply)} to PING`);
  } catch (error) {
    if (!(error instanceof TlsError && error.alert === CERTIFICATE_REQUIRED)) throw error;
  } finally {
    exchange.close();
  }
}

async function readLine(exchange: Exchange): Promise<string> {
  const buffer = new Uint8Array(MAX_REPLY_BYTES);
  let reply = "";
  while (!reply.includes("\n") && reply.length < MAX_REPLY_BYTES) {
    const byteLength = await exchange.read(buffer);
    if (byteLength === null) throw new Error("it closed the connection");
    reply += new TextDecoder().decode(buffer.subarray(0, byteLength));
  }
  return reply;
}

interface Exchange {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<unknown>;
  read(into: Uint8Array<ArrayBuffer>): Promise<number | null>;
  close(): void;
}

/** Without TLS. */
class PlainExchange implements Exchange {
  readonly #conn: Deno.Conn;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<unknown> {
    return this.#conn.write(bytes);
  }

  read(into: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return this.#conn.read(into);
  }

  close(): void {}
}

/** With TLS; the certificate is not verified, it belongs to this machine. */
class TlsExchange implements Exchange {
  readonly #conn: Deno.Conn;
  readonly #session: TlsSession;

  constructor(conn: Deno.Conn, session: TlsSession) {
    this.#conn = conn;
    this.#session = session;
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    while (!this.#session.handshake()) {
      await this.#send();
      if (!await this.#receive()) throw new Error("it closed the connection in the TLS handshake");
    }
    this.#session.write(bytes);
    await this.#send();
  }

  async read(into: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      const byteLength = this.#session.read(into);
      if (byteLength !== 0) return byteLength;
      if (!await this.#receive()) return null;
    }
  }

  close(): void {
    this.#session.close();
  }

  async #send(): Promise<void> {
    let rest = this.#session.takeOutgoing();
    while (rest.byteLength > 0) rest = rest.subarray(await this.#conn.write(rest));
  }

  async #receive(): Promise<boolean> {
    const buffer = new Uint8Array(CIPHERTEXT_BYTES);
    const byteLength = await this.#conn.read(buffer);
    if (byteLength !== null) this.#session.feed(buffer.subarray(0, byteLength));
    return byteLength !== null;
  }
}
