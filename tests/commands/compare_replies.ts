/**
 * What of two replies must be the same: everything, or their shape. A comparison picks it from both, and what it has
 * picked must be equal.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { WireReply } from "../support/wire_reply.ts";

/** What is compared of Redis' reply, and of ours. */
export type Comparison = (theirs: WireReply, ours: WireReply) => [theirs: unknown, ours: unknown];

/** Every byte. */
export const exactly: Comparison = both((reply) => reply);

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
  ].sort(),
}));

/** COMMAND INFO: of each entry name, arity, place of the keys, and of lists that neither leaves empty the kinds of items. */
export const commandEntries: Comparison = both((reply, other) => ({
  type: reply.type,
  entries: items(reply).map((entry, at) => ({
    type: entry.type,
    fields: items(entry).map((field, index) => {
      const comparable = items(items(items(other)[at])[index]).length > 0;
      return "items" in field ? [field.type, comparable ? kinds(field) : []] : field;
    }),
  })),
}));

/** Keys in their order with the types of their values; a map, or in RESP2 a flat array. */
export const pairs: Comparison = both((reply) => ({ type: reply.type, pairs: readPairs(reply) }));

/** The types of keys and values, whatever their names are. */
export const pairKinds: Comparison = both((reply) => ({
  type: reply.type,
  kinds: [...new Set(readPairs(reply).map(([key, type]) => `${key[0]} ${type}`))].sort(),
}));

/** Of the keys that both have, those, whatever their order; at least one. */
export const sharedPairsInAnyOrder: Comparison = both((reply, other) => {
  const { type, shared } = pickShared(reply, other);
  return { type, shared: shared.sort() };
});

/** Of the keys that both have, in order, those of the map that is the value of the only key. */
export const sharedPairsWithin: Comparison = both((reply, other) => {
  const [name, docs] = items(reply);
  assert.ok(docs, "a value");
  const count = items(reply).length;
  return { type: reply.type, name, count, docs: pickShared(docs, items(other)[1] ?? docs) };
});

/** COMMAND DOCS of one command: how its arguments nest, and how each is written; not what they are called. */
export const argumentTree: Comparison = both((reply) => {
  const docs = pickValue(items(reply)[1], "arguments");
  assert.ok(docs, "arguments");
  return describeArguments(docs);
});

/** Fields of INFO that must be there and say the same. */
const SAME_IN_INFO = ["redis_mode", "role", "loading", "arch_bits", "connected_slaves"];

/** INFO: type byte, titles of sections, and of the fields that both have whether they are numbers. */
export const infoFields: Comparison = both((reply, other) => {
  const known = new Set([...readLines(other).map(([name]) => name), ...SAME_IN_INFO]);
  const shared = readLines(reply).filter(([name]) => known.has(name));
  assert.ok(shared.length > 5, `only ${shared.length} fields that both have`);
  return {
    type: reply.type,
    format: text(reply).slice(0, reply.type === "=" ? 4 : 0),
    end: text(reply).slice(-2),
    shared: shared.map(([name, value]) => [name, valueOf(name, value)]).sort(),
  };
});

/** Of CLIENT LIST in Redis 7.0; 7.2 has lib-name and lib-ver behind them. */
const REDIS_CLIENT_FIELDS = (
  "id addr laddr fd name age idle flags db sub psub ssub multi qbuf qbuf-free argv-mem multi-mem rbs rbp obl oll omem " +
  "tot-mem events cmd user redir resp"
).split(" ");

/** CLIENT INFO and LIST: all fields of Redis are there, in its order, and are numbers where its are. */
export const clientFields: Comparison = both((reply, other) => {
  const known = new Set(readClientFields(other).map(([name]) => name));
  return {
    type: reply.type,
    end: text(reply).slice(-1),
    missing: REDIS_CLIENT_FIELDS.filter((name) =>
      !readClientFields(reply).some(([one]) => one === name)
    ),
    shared: readClientFields(reply).filter(([name]) => known.has(name))
      .map(([name, value]) => [name, isNumber(value) ? "number" : "text"]),
  };
});

/** INFO commandstats and latencystats: the same lines in any order, whatever the microseconds. */
export const statLines: Comparison = both((reply) => ({
  type: reply.type,
  lines: text(reply).split("\r\n").sort()
    .map((line) => line.replaceAll(/(usec|usec_per_call|p[\d.]+)=[\d.]+/g, "$1=…")),
}));

/** LATENCY HISTOGRAM: of each command, in any order, the names and types of what is told of it. */
export const histograms: Comparison = both((reply) => ({
  type: reply.type,
  commands: Array.from({ length: items(reply).length / 2 }, (_, at) => {
    const [name, told] = items(reply).slice(2 * at);
    return JSON.stringify([name, told!.type, items(told).map(shapeOfTold)]);
  }).sort(),
}));

/** Picks the same from both; what the other one has too may decide. */
function both(pick: (reply: WireReply, other: WireReply) => unknown): Comparison {
  return (theirs, ours) => [pick(theirs, ours), pick(ours, theirs)];
}

function shapeOfTold(told: WireReply): unknown {
  return "items" in told ? [told.type, kinds(told)] : told;
}

/** What stands for a value has many types in Redis. */
const STRUCTURE = ["oneof", "block", "pure-token"];

function describeArguments(list: WireReply): unknown {
  return {
    type: list.type,
    arguments: items(list).map((argument) => {
      const type = pickValue(argument, "type");
      const nested = pickValue(argument, "arguments");
      return {
        keys: [argument.type, pickValue(argument, "name")?.type, type?.type],
        type: type && STRUCTURE.includes(text(type)) ? text(type) : "value",
        token: pickValue(argument, "token"),
        flags: pickValue(argument, "flags"),
        nested: nested && describeArguments(nested),
      };
    }),
  };
}

/** Of a map, or in RESP2 of a flat array. */
function pickValue(reply: WireReply | undefined, key: string): WireReply | undefined {
  const all = items(reply);
  const at = all.findIndex((item, index) => index % 2 === 0 && text(item) === key);
  return at < 0 ? undefined : all[at + 1];
}

/** Those of the keys that the other one has too. */
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
    .map((line) => line.startsWith("#") ? [line, ""] : split(line, ":"));
}

/** Those of the last line. */
function readClientFields(reply: WireReply): [name: string, value: string][] {
  const line = text(reply).replace(/^txt:/, "").trimEnd().split("\n").at(-1)!;
  return line.split(" ").map((field) => split(field, "="));
}

function split(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return [line.slice(0, at), line.slice(at + 1)];
}

function valueOf(name: string, value: string): string {
  if (SAME_IN_INFO.includes(name)) return value;
  return isNumber(value) ? "number" : "text";
}

function isNumber(value: string): boolean {
  return /^-?\d+$/.test(value);
}
