/**
 * The arguments of commands: how people read them, how clients read them, and which of them are keys.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as arg from "../../../src/commands/core/arguments.ts";
import { commands } from "../../../src/commands/registry.ts";
import type { Reply } from "../../../src/resp/reply.ts";

type Specs = readonly arg.ArgumentSpec[];

const ON_OFF = [arg.pureToken("ON"), arg.pureToken("OFF")];
const COUNT = arg.integer("count", { token: "COUNT", optional: true });

/** Whole syntaxes of Redis: the usage as redis.io shows it. */
const USAGES: readonly { usage: string; of: Specs }[] = [
  { usage: "DBSIZE", of: [] },
  { usage: "ECHO message", of: [arg.string("message")] },
  { usage: "PING [message]", of: [arg.string("message", { optional: true })] },
  { usage: "EXISTS key [key ...]", of: [arg.key("key", { multiple: true })] },
  {
    usage: "INFO [section [section ...]]",
    of: [arg.string("section", { optional: true, multiple: true })],
  },
  { usage: "REPLY <ON | OFF>", of: [arg.oneOf(ON_OFF)] },
  { usage: "UNBLOCK [ON | OFF]", of: [arg.oneOf(ON_OFF, { optional: true })] },
  { usage: "LIST [BY <ON | OFF>]", of: [arg.oneOf(ON_OFF, { optional: true, token: "BY" })] },
  {
    usage: "MSET key value [key value ...]",
    of: [arg.block([arg.key("key"), arg.string("value")], { multiple: true })],
  },
  {
    usage: "HELLO [protover [AUTH username password] [SETNAME clientname]]",
    of: [arg.block([
      arg.integer("protover"),
      arg.block([arg.string("username"), arg.string("password")], {
        token: "AUTH",
        optional: true,
      }),
      arg.string("clientname", { token: "SETNAME", optional: true }),
    ], { optional: true })],
  },
  {
    usage: "XADD key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> " +
      "field value [field value ...]",
    of: [
      arg.key("key"),
      arg.pureToken("NOMKSTREAM", { optional: true }),
      arg.block([
        arg.oneOf([arg.pureToken("MAXLEN"), arg.pureToken("MINID")]),
        arg.oneOf([arg.pureToken("="), arg.pureToken("~")], { optional: true }),
        arg.string("threshold"),
        arg.integer("count", { token: "LIMIT", optional: true }),
      ], { optional: true }),
      arg.oneOf([arg.pureToken("*"), arg.string("id")]),
      arg.block([arg.string("field"), arg.string("value")], { multiple: true }),
    ],
  },
  {
    usage:
      "XREADGROUP GROUP group consumer [COUNT count] [NOACK] STREAMS key [key ...] id [id ...]",
    of: [
      arg.block([arg.string("group"), arg.string("consumer")], { token: "GROUP" }),
      COUNT,
      arg.pureToken("NOACK", { optional: true }),
      arg.block([arg.key("key", { multiple: true }), arg.string("id", { multiple: true })], {
        token: "STREAMS",
      }),
    ],
  },
  {
    usage: "RPUSHX <topic> <message> [<message> ...]",
    of: [arg.key("<topic>"), arg.string("message", { display: "<message>", multiple: true })],
  },
  {
    usage: "DEL <a | b> [b ...]",
    of: [arg.oneOf([arg.key("a"), arg.key("b")], { multiple: true, repetition: "[b ...]" })],
  },
];

for (const { usage, of } of USAGES) {
  Deno.test(`usageOf() writes ${usage}`, () => {
    assert.equal(arg.usageOf({ name: usage.split(" ")[0]!, arguments: of }), usage);
  });
}

/** A value, as `plain` shows it: a `string`, whatever it stands for. */
function value(name: string, rest: Record<string, unknown> = {}): unknown {
  return { name, type: "string", display_text: name, ...rest };
}

function token(name: string): unknown {
  return { name, type: "pure-token", token: name };
}

const REPLIES: readonly { of: Specs; title: string; want: unknown }[] = [
  { title: "nothing for no arguments", of: [], want: undefined },
  { title: "a value", of: [arg.key("key")], want: [value("key")] },
  {
    title: "a value with a token",
    of: [COUNT],
    want: [value("count", { token: "COUNT", flags: ["optional"] })],
  },
  {
    title: "a repetition as a flag",
    of: [arg.string("section", { optional: true, multiple: true })],
    want: [value("section", { flags: ["optional", "multiple"] })],
  },
  {
    title: "a name without the brackets of the usage",
    of: [arg.string("message", { display: "<message>" })],
    want: [value("message")],
  },
  {
    title: "a choice",
    of: [arg.oneOf(ON_OFF, { optional: true })],
    want: [{
      name: "ON | OFF",
      type: "oneof",
      flags: ["optional"],
      arguments: [token("ON"), token("OFF")],
    }],
  },
  {
    title: "a block with a token, named by that",
    of: [arg.block([arg.string("username"), arg.string("password")], { token: "AUTH" })],
    want: [{
      name: "auth",
      type: "block",
      token: "AUTH",
      arguments: [value("username"), value("password")],
    }],
  },
  {
    title: "a block without a token, named by its beginning",
    of: [arg.block([arg.string("protover"), COUNT])],
    want: [{
      name: "protover",
      type: "block",
      arguments: [value("protover"), value("count", { token: "COUNT", flags: ["optional"] })],
    }],
  },
];

for (const { title, of, want } of REPLIES) {
  Deno.test(`argumentsReply() shows ${title}`, () => {
    assert.deepEqual(plain(arg.argumentsReply({ name: "X", arguments: of })), want);
  });
}

const KEYS: readonly { title: string; name: string; of: Specs; want: unknown }[] = [
  { title: "none", name: "ECHO", of: [arg.string("message")], want: undefined },
  {
    title: "one, behind the words of the name and a number",
    name: "MEMORY USAGE",
    of: [arg.integer("1"), arg.key("key"), COUNT],
    want: { first: 3, last: 3 },
  },
  {
    title: "one behind a token and its value",
    name: "X",
    of: [arg.integer("seconds", { token: "FOR" }), arg.key("key")],
    want: { first: 3, last: 3 },
  },
  {
    title: "as many as there are words",
    name: "DEL",
    of: [arg.oneOf([arg.key("a"), arg.key("b")], { multiple: true })],
    want: { first: 1, last: -1 },
  },
  {
    title: "as many as there are words but the last",
    name: "BLPOP",
    of: [arg.key("key", { multiple: true }), arg.double("timeout")],
    want: { first: 1, last: -2 },
  },
  {
    title: "those that follow each other",
    name: "LMOVE",
    of: [arg.key("source"), arg.key("destination"), arg.string("where")],
    want: { first: 1, last: 2 },
  },
  {
    title: "none behind their number",
    name: "LMPOP",
    of: [arg.integer("numkeys"), arg.key("key", { multiple: true })],
    want: undefined,
  },
  {
    title: "none at a place that varies",
    name: "X",
    of: [COUNT, arg.key("key")],
    want: undefined,
  },
  {
    title: "none where it may be something else",
    name: "X",
    of: [arg.oneOf([arg.key("key"), arg.string("id")])],
    want: undefined,
  },
];

for (const { title, name, of, want } of KEYS) {
  Deno.test(`keyPositions() finds ${title}`, () => {
    assert.deepEqual(arg.keyPositions({ name, arguments: of }), want);
  });
}

/** Redis takes other numbers of words than these would mean, or refuses them in other words. */
const OTHER_ARITY = [
  "QUIT",
  "MONITOR",
  "CLUSTER",
  "COMMAND",
  "CLIENT KILL",
  "SET",
  "EVAL",
  "EVALSHA",
];

Deno.test("every command takes as many words as its arguments say", () => {
  for (const command of commands) {
    const [least, most] = wordsOf(command.arguments ?? []);
    const own = command.name.split(" ").length;
    const arity = least === most ? own + least : -(own + least);
    const says = `${command.usage}: ${command.arity}`;
    if (OTHER_ARITY.includes(command.name)) assert.notEqual(arity, command.arity, says);
    else assert.equal(arity, command.arity, says);
  }
});

Deno.test("every command that writes to a key or reads one says where the key is", () => {
  const keyed = commands.filter(({ keys, group }) => keys && group !== "stream")
    .map(({ name, keys }) => [name, keys]);
  const one = { first: 1, last: 1 };
  assert.deepEqual(Object.fromEntries(keyed), {
    "RPUSHX": one,
    "LPUSH": one,
    "LPUSHX": one,
    "BLPOP": { first: 1, last: -2 },
    "BRPOP": { first: 1, last: -2 },
    "LPOP": one,
    "RPOP": one,
    "LMOVE": { first: 1, last: 2 },
    "BLMOVE": { first: 1, last: 2 },
    "RPOPLPUSH": { first: 1, last: 2 },
    "BRPOPLPUSH": { first: 1, last: 2 },
    "LREM": one,
    "LRANGE": one,
    "LINDEX": one,
    "RPUSH": one,
    "EXISTS": { first: 1, last: -1 },
    "TYPE": one,
    "GET": one,
    "TTL": one,
    "PTTL": one,
    "HGETALL": one,
    "DEL": { first: 1, last: -1 },
    "MEMORY USAGE": { first: 2, last: 2 },
    "LLEN": one,
    "SET": one,
    "ZCOUNT": one,
    "ZCARD": one,
  });
});

Deno.test("commands with a number of keys say where that is", () => {
  const counted = commands.flatMap(({ name, keyCountAt }) =>
    keyCountAt ? [[name, keyCountAt]] : []
  );
  assert.deepEqual(Object.fromEntries(counted), { LMPOP: 1, BLMPOP: 2, EVAL: 2, EVALSHA: 2 });
});

Deno.test("every command of streams says where its keys are", () => {
  const blocks = { "XREAD": 1, "XREADGROUP": 4 };
  for (const { name, keys, keyBlock, group } of commands) {
    if (group !== "stream" || name.endsWith(" HELP")) continue;
    const from = blocks[name as keyof typeof blocks];
    const at = name.split(" ").length;
    if (from === undefined) assert.deepEqual(keys, { first: at, last: at }, name);
    else assert.deepEqual([keys, keyBlock], [undefined, { token: "STREAMS", from }], name);
  }
});

Deno.test("keyBlock() finds keys behind a token, wherever that is", () => {
  const block = arg.block([arg.key("key", { multiple: true }), arg.string("id")], { token: "OF" });
  const pair = arg.block([arg.string("a"), arg.string("b")], { token: "BY" });
  const from = (...specs: Specs): number | undefined =>
    arg.keyBlock({ name: "X Y", arguments: specs })?.from;
  assert.equal(from(block), 2);
  assert.equal(from(pair, COUNT, block), 5, "behind what must be there");
  assert.equal(from(pair, arg.key("key")), undefined);
});

Deno.test("every command's usage says what COMMAND DOCS says", () => {
  for (const { name, usage, arguments: args = [] } of commands) {
    assert.equal(usage, arg.usageOf({ name, arguments: args }));
    const shown = JSON.stringify(plain(arg.argumentsReply({ name, arguments: args })) ?? []);
    const words = usage.slice(name.length).match(/[\w-]+/g) ?? [];
    for (const word of words) assert.ok(shown.includes(word), `${usage}: ${word}`);
  }
});

/** The least and the most words for these arguments. */
function wordsOf(specs: Specs): [least: number, most: number] {
  const counts = specs.map((spec): [number, number] => {
    const parts = (spec.arguments ?? []).map((part) => wordsOf([part]));
    const own = spec.token === undefined || spec.type === "pure-token" ? 0 : 1;
    let [least, most] = [1, 1];
    if (spec.type === "oneof") {
      least = Math.min(...parts.map(([one]) => one));
      most = Math.max(...parts.map(([, one]) => one));
    } else if (spec.type === "block") [least, most] = wordsOf(spec.arguments!);
    return [spec.optional ? 0 : own + least, spec.multiple ? Infinity : own + most];
  });
  return counts.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
}

/** A reply as JavaScript's own values. */
function plain(reply: Reply | undefined): unknown {
  switch (reply?.kind) {
    case undefined:
      return undefined;
    case "array":
    case "set":
      return reply.items.map(plain);
    case "map":
      return Object.fromEntries(reply.entries.map(([key, value]) => [plain(key), plain(value)]));
    case "bulk":
      return reply.value;
    case "simple":
      return reply.text;
    default:
      assert.fail(`no ${reply?.kind} in a documentation`);
  }
}
