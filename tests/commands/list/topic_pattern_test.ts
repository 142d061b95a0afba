/**
 * Regular expressions that name topics: those that are in use, and those that would stall the gateway or end it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { whyRefused } from "../../../src/commands/list/topic_pattern.ts";

const TAKEN: readonly string[][] = [
  [],
  ["^.*"],
  ["^events-[0-9]+$"],
  ["^logs-[0-9]{4}-[0-9]{2}-[0-9]{2}$"],
  ["^(orders|payments)(-dlq)?$"],
  ["^[a-z.]+\\.v[0-9]*$", "^audit\\..*"],
  [`^(${Array.from({ length: 40 }, (_, n) => `a-longer-name-${n}`).join("|")})$`],
  ["^" + "a".repeat(999)],
  ["^" + "(".repeat(100) + ")".repeat(100)],
  ["^.{99}"],
];

const REFUSED: readonly { name: string; patterns: readonly string[]; why: RegExp }[] = [
  {
    name: "so deep that the C library's stack overflows",
    patterns: ["^" + "(".repeat(20_000) + ")".repeat(20_000)],
    why: /at most 1000 characters together, these have 40001$/,
  },
  {
    name: "too many, though each by itself is taken",
    patterns: new Array(11).fill("^" + "a".repeat(100)),
    why: /at most 1000 characters together/,
  },
  { name: "a counted group", patterns: ["^((a{100}){100}){50}"], why: /not a group/ },
  {
    name: "a repeated group of alternatives",
    patterns: [`^((${new Array(10).fill("a*").join("|")})+)+`],
    why: /not a group/,
  },
  { name: "a starred group", patterns: ["^(a)*"], why: /not a group/ },
  { name: "a repeated repetition", patterns: ["^a" + "+".repeat(16)], why: /a repetition$/ },
  { name: "a repeated count", patterns: ["^a{9}{9}"], why: /a repetition$/ },
  { name: "a reference back", patterns: ["^(.*)(.*)\\1\\2"], why: /cannot refer back/ },
  { name: "a count that hides its digits", patterns: ["^a{9\\0\\0}"], why: /as in \{4\}$/ },
  { name: "a range of counts", patterns: ["^a{1,9}"], why: /as in \{4\}$/ },
  { name: "a large count", patterns: ["^a{100}"], why: /at most 100 of .*, these have 101$/ },
  {
    name: "many parts that may be missing, over two expressions",
    patterns: ["^" + "(|)?".repeat(20), "^" + "(|)?".repeat(20)],
    why: /at most 100 of .*, these have 120$/,
  },
  { name: "a NUL", patterns: ["^a\0"], why: /cannot hold a NUL$/ },
];

for (const patterns of TAKEN) {
  Deno.test(`whyRefused() has nothing against ${patterns.join(",").slice(0, 60)}`, () => {
    assert.equal(whyRefused(patterns), undefined);
  });
}

for (const { name, patterns, why } of REFUSED) {
  Deno.test(`whyRefused() says what is wrong with ${name}`, () => {
    assert.match(whyRefused(patterns) ?? "", why);
  });
}
