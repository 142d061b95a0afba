/**
 * Streams as tests see them: entries as plain data, topics with a known number of partitions, messages where a test wants
 * them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import type { Argument, TestClient } from "../../support/client.ts";
import { type TestGateway, uniqueName } from "../../support/gateway.ts";
import { readWireReply, type WireReply } from "../../support/wire_reply.ts";

/** An entry of a reply. */
export interface Entry {
  readonly id: string;
  readonly fields: readonly string[];
}

/** The entries of XRANGE's reply. */
export function entriesIn(reply: string): Entry[] {
  return readEntries(readWireReply(reply));
}

/** The ids of them. */
export function idsIn(reply: string): string[] {
  return entriesIn(reply).map(({ id }) => id);
}

/** The values of their first fields. */
export function valuesIn(reply: string): string[] {
  return entriesIn(reply).map(({ fields }) => fields[1]!);
}

/** The entries of XREAD's reply by key; none for a null. */
export function streamsIn(reply: string): Record<string, Entry[]> {
  const wire = readWireReply(reply);
  if (wire.type === "*-1" || wire.type === "_") return {};
  assert.ok("items" in wire, reply);
  const pairs = wire.type === "%"
    ? wire.items.flatMap((item, at) => at % 2 === 0 ? [[item, wire.items[at + 1]!]] : [])
    : wire.items.map(itemsOf);
  return Object.fromEntries(pairs.map(([key, entries]) => [textIn(key!), readEntries(entries!)]));
}

/** The entries of one stream in XREAD's reply. */
export function readIn(reply: string): Entry[] {
  return Object.values(streamsIn(reply))[0] ?? [];
}

/** An error without its first byte and its end. */
export function errorIn(reply: string): string {
  assert.match(reply, /^-.*\r\n$/);
  return reply.slice(1, -2);
}

/** Creates a topic. */
export async function newStream(gateway: TestGateway, partitions: number): Promise<string> {
  const topic = uniqueName("stream");
  const { admin } = gateway.rafka.server.state.principals.own.cluster;
  assert.equal(await admin.createTopic(topic, { partitions }), true);
  return topic;
}

/** A message key that Kafka puts into this partition of so many. */
export function keyFor(partition: number, partitions: number): string {
  for (let n = 0;; n++) if (crc32(`key${n}`) % partitions === partition) return `key${n}`;
}

/** Adds an entry to a partition, `at` this time; returns its id. */
export async function addTo(
  client: TestClient,
  topic: string,
  place: { readonly partition: number; readonly of: number; readonly ms?: number },
  value: Argument,
): Promise<string> {
  const key = keyFor(place.partition, place.of);
  const id = place.ms === undefined ? "*" : `${place.ms}-*`;
  const reply = await client.ask("XADD", `topics:${topic}:${key}`, id, "value", value);
  const added = textIn(readWireReply(reply));
  const partition = BigInt(added.split("-")[1]!) % 2048n;
  assert.equal(partition, BigInt(place.partition), `${key} goes to partition ${partition}`);
  return added;
}

function readEntries(reply: WireReply): Entry[] {
  return itemsOf(reply).map((entry) => {
    const [id, fields] = itemsOf(entry);
    return { id: textIn(id!), fields: itemsOf(fields!).map(textIn) };
  });
}

function itemsOf(reply: WireReply): readonly WireReply[] {
  return "items" in reply ? reply.items : assert.fail(JSON.stringify(reply));
}

function textIn(reply: WireReply): string {
  return "text" in reply && reply.type !== "-" ? reply.text : assert.fail(JSON.stringify(reply));
}
