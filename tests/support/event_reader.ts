/**
 * The gateway's server-sent events, as a browser reads them.
 *
 * @module
 */
import assert from "node:assert/strict";

/** A browser's EventSource. */
export class EventReader {
  readonly #conn: Deno.Conn;
  #text = "";

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  static async open(port: number): Promise<EventReader> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(
      new TextEncoder().encode("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    );
    const reader = new EventReader(conn);
    await reader.#read("\r\n\r\n");
    if (reader.#text.startsWith("HTTP/1.1 200 ")) {
      reader.#text = reader.#text.split(/\r\n\r\n(.*)/s)[1]!;
      return reader;
    }
    conn.close();
    throw new Error(reader.#text);
  }

  // deno-lint-ignore no-explicit-any
  async next(): Promise<any> {
    await this.#read("\n\n");
    const [event, rest] = this.#text.split(/\n\n(.*)/s);
    this.#text = rest!;
    const [, data] = /^event: status\ndata: (.*)$/.exec(event!)!;
    return JSON.parse(data!);
  }

  close(): void {
    this.#conn.close();
  }

  async #read(end: string): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    while (!this.#text.includes(end)) {
      const byteLength = await this.#conn.read(buffer);
      assert.ok(byteLength !== null, "the stream has ended");
      this.#text += new TextDecoder().decode(buffer.subarray(0, byteLength));
    }
  }
}
