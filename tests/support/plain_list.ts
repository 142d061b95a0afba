/**
 * What pops of connections without a name `<group>:<name>` return.
 *
 * @module
 */
import type { Argument, TestClient } from "./client.ts";
import { readWireReply, type WireReply } from "./wire_reply.ts";

/** A real Kafka needs 3 s to form a group. */
const PATIENCE_SECONDS = 20;

/** What BLPOP returns, as `key value`; null for a null. */
export async function blpop(client: TestClient, ...keys: string[]): Promise<string | null> {
  return joined(await client.ask("BLPOP", ...keys, PATIENCE_SECONDS));
}

/** The texts of an array; null for a null. */
export function joined(reply: string): string | null {
  const texts = textsOf(readWireReply(reply));
  return texts && texts.join(" ");
}

/** What a command returns: a text, or null. */
export async function askText(client: TestClient, ...args: Argument[]): Promise<string | null> {
  const reply = readWireReply(await client.ask(...args));
  return "text" in reply ? reply.text : null;
}

/** Number of entries of a group on a topic that somebody has. */
export async function pendingCount(
  client: TestClient,
  key: string,
  group: string,
): Promise<number> {
  return Number(textsOf(readWireReply(await client.ask("XPENDING", key, group)))?.[0]);
}

function textsOf(reply: WireReply): string[] | null {
  if (!("items" in reply)) return null;
  return reply.items.map((item) => "text" in item ? item.text : "?");
}
