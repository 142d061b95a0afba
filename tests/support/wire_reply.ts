/**
 * A reply of RESP2 or RESP3 as plain data that keeps all differences visible to clients: the type byte, and the kind of
 * null. Strict, and simple rather than fast.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */
import assert from "node:assert/strict";
import { fromBytes, toBytes } from "./wire.ts";

/** One reply; a map alternates keys and values. */
export type WireReply =
  | { readonly type: "+" | "-" | ":" | "," | "$" | "="; readonly text: string }
  | { readonly type: "*" | "~" | "%"; readonly items: readonly WireReply[] }
  | { readonly type: "_" | "$-1" | "*-1" };

/**
 * Parses one reply.
 *
 * @param wire one byte per character; no bytes may follow the reply
 */
export function readWireReply(wire: string): WireReply {
  const { reply, end } = readAt(wire, 0);
  assert.equal(end, wire.length, "where the reply ends");
  return reply;
}

function readAt(wire: string, at: number): { reply: WireReply; end: number } {
  const lineEnd = wire.indexOf("\r\n", at);
  assert.ok(lineEnd > at, "a line that CRLF ends");
  const line = wire.slice(at, lineEnd);
  const [type, rest, end] = [line[0]!, line.slice(1), lineEnd + 2];
  if (line === "_" || line === "$-1" || line === "*-1") return { reply: { type: line }, end };
  switch (type) {
    case ":":
      assert.match(rest, /^(0|-?[1-9][0-9]*)$/);
      return { reply: { type, text: rest }, end };
    case ",":
      assert.match(rest, /^(-?[0-9.]+(e[-+]?[0-9]+)?|-?inf|nan)$/);
      return { reply: { type, text: rest }, end };
    case "+":
    case "-":
      return { reply: { type, text: utf8(rest) }, end };
    case "$":
    case "=": {
      const textEnd = end + readLength(rest);
      assert.equal(wire.slice(textEnd, textEnd + 2), "\r\n", "what ends a bulk");
      return { reply: { type, text: utf8(wire.slice(end, textEnd)) }, end: textEnd + 2 };
    }
    case "*":
    case "~":
    case "%":
      return readItems(wire, end, type, readLength(rest) * (type === "%" ? 2 : 1));
    default:
      assert.fail(`Unexpected reply "${line}"`);
  }
}

function readItems(
  wire: string,
  start: number,
  type: "*" | "~" | "%",
  count: number,
): { reply: WireReply; end: number } {
  const items: WireReply[] = [];
  let end = start;
  while (items.length < count) {
    const item = readAt(wire, end);
    items.push(item.reply);
    end = item.end;
  }
  return { reply: { type, items }, end };
}

function readLength(text: string): number {
  assert.match(text, /^(0|[1-9][0-9]*)$/);
  return Number(text);
}

/** Keeps bytes that are no UTF-8 distinct from each other. */
function utf8(text: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(toBytes(text));
  } catch {
    return `bytes:${fromBytes(toBytes(text))}`;
  }
}
