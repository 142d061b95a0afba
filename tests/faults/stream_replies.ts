/**
 * Replies to commands of streams as plain data, for clients that write down what they are told.
 *
 * @module
 */
import { TestClient } from "../support/client.ts";
import { itemsOf } from "../support/rafka_errors.ts";
import { readWireReply, type WireReply } from "../support/wire_reply.ts";

/** As in src/streams/stream_id.ts: a checker takes nothing from what it checks. */
const PARTITIONS = 2048n;

/** An entry as a reply has it; undefined fields where Kafka no longer has it. */
export interface Entry {
  readonly entryId: string;
  /** Names and values in turns. */
  readonly fields: readonly string[] | undefined;
}

/** A reply that is an error. */
export class ErrorReply extends Error {
  override name = "ErrorReply";
}

/** What an id says of its message. */
export interface EntryPlace {
  readonly timestampMs: number;
  readonly partition: number;
  readonly offset: number;
}

/** Takes an id apart; undefined for what is none. */
export function placeIn(entryId: string): EntryPlace | undefined {
  const [, ms, seq] = /^(\d+)-(\d+)$/.exec(entryId) ?? [];
  if (ms === undefined) return undefined;
  return {
    timestampMs: Number(ms),
    partition: Number(BigInt(seq!) % PARTITIONS),
    offset: Number(BigInt(seq!) / PARTITIONS),
  };
}

/**
 * Sends a command and parses its reply.
 *
 * @throws {ErrorReply} for an error
 */
export async function askFor(
  client: TestClient,
  deadlineMs: number,
  ...args: (string | number)[]
): Promise<WireReply> {
  await client.send(...args);
  const reply = readWireReply(await client.reply(deadlineMs));
  if (reply.type === "-") throw new ErrorReply(reply.text);
  return reply;
}

/** A text or a number; a null is an empty one. */
export function textOf(reply: WireReply): string {
  return "text" in reply ? reply.text : "";
}

/** A list; a null is an empty one. */
export function listOf(reply: WireReply): readonly WireReply[] {
  return "items" in reply ? reply.items : [];
}

/** Entries of XRANGE, XCLAIM, or of one stream. */
export function entriesOf(reply: WireReply): Entry[] {
  return itemsOf(reply).map((entry) => {
    const [entryId, fields] = itemsOf(entry);
    return {
      entryId: textOf(entryId!),
      fields: "items" in fields! ? fields.items.map(textOf) : undefined,
    };
  });
}

/** Entries of XREADGROUP of one stream; undefined for a null. */
export function entriesRead(reply: WireReply): Entry[] | undefined {
  const [stream] = listOf(reply);
  return stream && entriesOf(itemsOf(stream)[1]!);
}

/** Names and values in turns, as a map. */
export function fieldsOf(reply: WireReply): Map<string, WireReply> {
  const items = itemsOf(reply);
  const names = items.filter((_, at) => at % 2 === 0);
  return new Map(names.map((name, at) => [textOf(name), items[2 * at + 1]!]));
}
