/**
 * A reply as plain values: what a typed client makes of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "./client.ts";
import { readWireReply, type WireReply } from "./wire_reply.ts";

/** A map of RESP3 is an object. Errors are not values. */
export type Plain = string | number | null | Plain[] | { [name: string]: Plain };

/** Sends a request, whose reply must be no error. */
export async function askPlain(client: TestClient, ...args: (string | number)[]): Promise<Plain> {
  return toPlain(readWireReply(await client.ask(...args)), args.join(" "));
}

/** The same of a reply that is an array of maps. */
export async function askRecords(
  client: TestClient,
  ...args: (string | number)[]
): Promise<{ [name: string]: Plain }[]> {
  return await askPlain(client, ...args) as { [name: string]: Plain }[];
}

function toPlain(reply: WireReply, what: string): Plain {
  switch (reply.type) {
    case "_":
    case "$-1":
    case "*-1":
      return null;
    case "%": {
      const values = reply.items.map((item) => toPlain(item, what));
      const pairs = values.flatMap((value, at) => at % 2 === 0 ? [[value, values[at + 1]!]] : []);
      return Object.fromEntries(pairs);
    }
    case "*":
    case "~":
      return reply.items.map((item) => toPlain(item, what));
    case ":":
      return Number(reply.text);
    case "-":
      return assert.fail(`${what}: ${reply.text}`);
    default:
      return reply.text;
  }
}
