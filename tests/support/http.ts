/**
 * HTTP requests as bytes, so that a test decides about each of them.
 *
 * @module
 */
import assert from "node:assert/strict";

/** A response as it was received. */
export interface Response {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const DEADLINE_MS = 20_000;

/** GET with these headers; the host is localhost unless given. */
export function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const all = { Host: `localhost:${port}`, Connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return ask(port, `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
}

/** GET of JSON. */
// deno-lint-ignore no-explicit-any
export async function getJson(port: number, path: string): Promise<any> {
  const { status, body } = await get(port, path);
  assert.equal(status, 200, body);
  return JSON.parse(body);
}

/** Sends a text and reads until the server closes. */
export async function ask(port: number, request: string): Promise<Response> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const written = writeAll(conn, new TextEncoder().encode(request)).catch(() => {}); // it may close before
  const text = await readAll(conn);
  await written;
  const [head = "", body = ""] = text.split(/\r\n\r\n(.*)/s);
  const [line = "", ...lines] = head.split("\r\n");
  const headers = lines.map((one): [string, string] => {
    const colon = one.indexOf(": ");
    return [one.slice(0, colon).toLowerCase(), one.slice(colon + 2)];
  });
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(line)?.[1]), headers: new Map(headers), body };
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}

async function readAll(conn: Deno.Conn): Promise<string> {
  const timer = setTimeout(() => conn.close(), DEADLINE_MS);
  try {
    const decoder = new TextDecoder();
    let text = "";
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const byteLength = await conn.read(buffer);
      if (byteLength === null) return text;
      text += decoder.decode(buffer.subarray(0, byteLength), { stream: true });
    }
  } finally {
    clearTimeout(timer);
  }
}
