/**
 * The other end of the wire for tests: whole RESP2 replies back into plain data. Strict, and
 * simple rather than fast.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Reply } from "../../src/resp/reply.ts";
import { fromBytes } from "../support/wire.ts";

/** Reads all replies; bulks come as bytes. Throws on a reply that is wrong or not complete. */
export function readReplies(bytes: Uint8Array): Reply[] {
  const reader = new ReplyReader(bytes);
  const replies: Reply[] = [];
  while (!reader.done) replies.push(reader.read());
  return replies;
}

class ReplyReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  read(): Reply {
    const line = this.#readLine();
    const rest = line.slice(1);
    switch (line[0]) {
      case "+":
        return { kind: "simple", text: rest };
      case "-":
        return { kind: "error", text: rest };
      case ":":
        return { kind: "integer", value: readInteger(rest) };
      case "$":
        return rest === "-1" ? { kind: "null" } : { kind: "bulk", value: this.#readBulk(rest) };
      case "*":
        if (rest === "-1") return { kind: "nullArray" };
        return {
          kind: "array",
          items: Array.from({ length: Number(readInteger(rest)) }, () => this.read()),
        };
      default:
        assert.fail(`Unexpected reply "${line}"`);
    }
  }

  /** A line as UTF-8, without its CRLF. */
  #readLine(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    assert.ok(end > this.#at && this.#bytes[end - 1] === 0x0d, "a line that CRLF ends");
    const line = new TextDecoder().decode(this.#bytes.subarray(this.#at, end - 1));
    this.#at = end + 1;
    return line;
  }

  #readBulk(length: string): Uint8Array {
    const end = this.#at + Number(readInteger(length));
    const value = this.#bytes.slice(this.#at, end);
    assert.equal(fromBytes(this.#bytes.subarray(end, end + 2)), "\r\n", "a bulk that CRLF ends");
    this.#at = end + 2;
    return value;
  }
}

function readInteger(text: string): number | bigint {
  assert.match(text, /^(0|-?[1-9][0-9]*)$/);
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
