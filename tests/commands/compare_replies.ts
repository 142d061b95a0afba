/**
 * @module
 * What of two replies must be the same: everything, or their shape. A comparison picks it from both, and what it has
 * picked must be equal.
 */
import assert from "node:assert/strict";
import type { WireReply } from "../support/wire_reply.ts";

/** What is compared of Redis' reply, and of ours. */
export type Comparison = (theirs: WireReply, ours: WireReply) => [theirs: unknown, ours: unknown];

/** Every byte. */
export const exactly: Comparison = (theirs, ours) => [theirs, ours];

/** Type bytes, how many items, the texts of errors and simple strings. */
export const byType: Comparison = both(shape);

/** The same without how many: the kinds of items that an array has. */
export const itemKinds: Comparison = both((reply) => ({
  type: reply.type,
  kinds: [...new Set(items(reply).map((item) => JSON.stringify(shape(item))))].sort(),
}));

/** HELP: its first line, and the kinds of all. */
export const helpLines: Comparison = both((reply) => ({
  type: reply.type,
  first: items(reply)[0],
  kinds: kinds(reply),
}));

/** COMMAND: which types the fields of its entries have, whatever the commands. */
export const entryTypes: Comparison = both((reply) => ({
  type: reply.type,
  entries: [
    ...new Set(items(reply).map((entry) => entry.type + items(entry).map(({ type }) => type))),
  ],
}));

/** COMMAND INFO: of each entry, the type bytes of its fields; those of what they hold, where we have it too. */
export const commandEntries: Comparison = (theirs, ours) => {
  const pick = (reply: WireReply, other: WireReply): unknown => ({
    type: reply.type,
    entries: items(reply).map((entry, at) => ({
      type: entry.type,
      fields: items(entry).map((field, index) => {
        const comparable = items(items(items(other)[at])[index]).length > 0;
        return { type: field.type, kinds: comparable ? kinds(field) : [] };
      }),
    })),
  });
  return [pick(theirs, ours), pick(ours, theirs)];
};

/** Keys in their order with the types of their values; a map, or in RESP2 a flat array. */
export const pairs: Comparison = both((reply) => ({ type: reply.type, pairs: readPairs(reply) }));

/** The types of keys and values, whatever their names are. */
export const pairKinds: Comparison = both((reply) => ({
  type: reply.type,
  kinds: [...new Set(readPairs(reply).map(([key, type]) => `${key[0]} ${type}`))].sort(),
}));

/** Of the keys that both have, those; at least one. */
export const sharedPairs: Comparison = (theirs, ours) => [
  pickShared(theirs, ours),
  pickShared(ours, theirs),
];

/** The same, whatever their order. */
export const sharedPairsInAnyOrder: Comparison = (theirs, ours) => {
  const sorted = (reply: WireReply, other: WireReply): unknown => {
    const { type, shared } = pickShared(reply, other);
    return { type, shared: shared.sort() };
  };
  return [sorted(theirs, ours), sorted(ours, theirs)];
};

/** Of the keys that both have, in order, those of the map that is the value of the only key. */
export const sharedPairsWithin: Comparison = (theirs, ours) => {
  assert.deepEqual(
    [theirs.type, items(theirs)[0], items(theirs).length],
    [ours.type, items(ours)[0], items(ours).length],
  );
  return sharedPairs(items(theirs)[1]!, items(ours)[1]!);
};

/** Lines of INFO: those that must say the same. */
const SAME_IN_INFO = ["redis_mode", "role", "loading", "arch_bits", "connected_slaves"];

/** INFO: type byte, titles of sections, and of the fields that both have whether they are numbers. */
export const infoFields: Comparison = (theirs, ours) => {
  const pick = (reply: WireReply, other: WireReply): unknown => {
    const known = new Map(readLines(other));
    const shared = readLines(reply).filter(([name]) => known.has(name));
    assert.ok(shared.length > 5, `only ${shared.length} fields that both have`);
    return {
      type: reply.type,
      format: text(reply).slice(0, reply.type === "=" ? 4 : 0),
      end: text(reply).slice(-2),
      shared: shared.map(([name, value]) => [name, valueOf(name, value)]).sort(),
    };
  };
  return [pick(theirs, ours), pick(ours, theirs)];
};

/** CLIENT INFO and LIST: one line a client, and of the fields that both have whether they are numbers. */
export const clientFields: Comparison = (theirs, ours) => {
  const fields = (reply: WireReply): [string, string][] =>
    text(reply).replace(/^txt:/, "").trimEnd().split("\n").at(-1)!.split(" ")
      .map((field) => [field.slice(0, field.indexOf("=")), field.slice(field.indexOf("=") + 1)]);
  const pick = (reply: WireReply, other: WireReply): unknown => {
    const known = new Set(fields(other).map(([name]) => name));
    return {
      type: reply.type,
      end: text(reply).slice(-1),
      shared: fields(reply).filter(([name]) => known.has(name))
        .map(([name, value]) => [name, isNumber(value) ? "number" : "text"]),
    };
  };
  return [pick(theirs, ours), pick(ours, theirs)];
};

/** The same of both. */
function both(pick: (reply: WireReply) => unknown): Comparison {
  return (theirs, ours) => [pick(theirs), pick(ours)];
}

function pickShared(reply: WireReply, other: WireReply): { type: string; shared: unknown[] } {
  const known = new Set(readPairs(other).map(([key]) => key));
  const shared = readPairs(reply).filter(([key]) => known.has(key));
  assert.ok(shared.length > 0, "no key that both have");
  return { type: reply.type, shared };
}

function shape(reply: WireReply): unknown {
  if (reply.type === "+" || reply.type === "-") return reply;
  if (!("items" in reply)) return reply.type;
  return { type: reply.type, items: reply.items.map(shape) };
}

function kinds(reply: WireReply): string[] {
  return [...new Set(items(reply).map(({ type }) => type))].sort();
}

function items(reply: WireReply | undefined): readonly WireReply[] {
  return reply && "items" in reply ? reply.items : [];
}

function text(reply: WireReply): string {
  assert.ok("text" in reply, `a text, not "${reply.type}"`);
  return reply.text;
}

function readPairs(reply: WireReply): [key: string, value: unknown][] {
  if (!("items" in reply)) return [[JSON.stringify(reply), undefined]];
  assert.equal(reply.items.length % 2, 0, "keys and values take turns");
  return Array.from({ length: reply.items.length / 2 }, (_, at) => {
    const [key, value] = [reply.items[2 * at]!, reply.items[2 * at + 1]!];
    return [key.type + text(key), value.type];
  });
}

/** A field of INFO; a section's title is a field without a value. */
function readLines(reply: WireReply): [name: string, value: string][] {
  return text(reply).replace(/^txt:/, "").split("\r\n").filter((line) => line !== "")
    .map((line) => line.startsWith("#") ? [line, ""] : split(line));
}

function split(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1)];
}

function valueOf(name: string, value: string): string {
  if (SAME_IN_INFO.includes(name)) return value;
  return isNumber(value) ? "number" : "text";
}

function isNumber(value: string): boolean {
  return /^-?\d+$/.test(value);
}
