/**
 * Glob patterns as in KEYS: by table, and the same table and random patterns against redis-server.
 *
 * @module
 */
import assert from "node:assert/strict";
import { matchesGlob, parseGlob } from "../../../src/commands/core/glob.ts";
import { RedisServer } from "../../support/redis_server.ts";
import { readReplies } from "../../resp/read_replies.ts";
import { hasRedisServer } from "../../support/machine.ts";
import {
  chooseSeed,
  encodeRequest,
  fromBytes,
  SEED_VARIABLE,
  SeededRandom,
  toBytes,
} from "../../support/wire.ts";

/** A pattern, what it matches, what it does not. */
type Row = readonly [pattern: string, matches: string[], others: string[]];

const ROWS: readonly Row[] = [
  ["*", ["", "a", "abc"], []],
  ["abc", ["abc"], ["", "ab", "abcd", "ABC", "xabc"]],
  ["a*", ["a", "abc"], ["", "ba"]],
  ["*c", ["c", "abc", "cc"], ["", "cb"]],
  ["a*c", ["ac", "abc", "acbc"], ["a", "c", "acb"]],
  ["*b*", ["b", "abc"], ["", "ac"]],
  ["**", ["", "a"], []],
  ["a**c", ["ac", "abbc"], ["a"]],
  ["?", ["a"], ["", "ab"]],
  ["a?c", ["abc", "a?c"], ["ac", "abbc"]],
  ["?*", ["a", "ab"], [""]],
  ["[abc]", ["a", "c"], ["", "d", "ab"]],
  ["[a-c]x", ["ax", "bx"], ["dx", "-x"]],
  ["[c-a]x", ["ax", "bx"], ["dx"]],
  ["[^a-c]", ["d", "-"], ["a", "b", ""]],
  ["[a-]", ["a", "]"], ["b", "-"]], // up to the bracket, which then closes nothing
  ["[\\]]", ["]"], ["\\", "["]],
  ["[a\\-c]", ["a", "-", "c"], ["b"]],
  ["[\\a-c]", ["a", "-", "c"], ["b"]], // what is escaped begins no range
  ["[ab", ["a", "b"], ["c", "[ab"]],
  ["[]", [], ["", "[]", "["]],
  ["[^]", ["a"], [""]],
  ["\\*", ["*"], ["a", "\\*"]],
  ["\\?\\[", ["?["], ["ab"]],
  ["\\a", ["a"], ["\\a"]],
  ["a\\", ["a\\"], ["a"]],
  ["events-[0-9][0-9].*", ["events-07.log"], ["events-7.log", "events-07"]],
];

for (const [pattern, matches, others] of ROWS) {
  Deno.test(`matchesGlob() matches with ${pattern} what it is to match, and nothing else`, () => {
    for (const text of matches) assert.ok(matchesGlob(pattern, text), `"${text}"`);
    for (const text of others) assert.ok(!matchesGlob(pattern, text), `"${text}"`);
  });
}

Deno.test("parseGlob() takes a pattern in which each character of the longest key is escaped", () => {
  const key = "topics:" + "t".repeat(249);
  const pattern = parseGlob(toBytes(key.replaceAll(/./g, "\\$&")));
  assert.ok(matchesGlob(pattern, key));
});

Deno.test("matchesGlob() is done at once with many stars and a text that almost matches", () => {
  const startMs = performance.now();
  assert.ok(!matchesGlob("*a".repeat(100) + "*b", "a".repeat(5_000)));
  assert.ok(!matchesGlob("*".repeat(10_000) + "b", "a".repeat(5_000)));
  assert.ok(performance.now() - startMs < 2_000, "a search that backs up would never end");
});

Deno.test({
  name: "matchesGlob() finds by its table the keys that KEYS of redis-server finds",
  ignore: !hasRedisServer,
  fn: async (): Promise<void> => {
    const names = [...new Set(ROWS.flatMap(([, matches, others]) => [...matches, ...others]))];
    await expectParity(ROWS.map(([pattern]) => pattern), names);
  },
});

const seed = chooseSeed();

Deno.test({
  name: `matchesGlob() finds with random patterns what redis-server finds ` +
    `(repeat with ${SEED_VARIABLE}=${seed})`,
  ignore: !hasRedisServer,
  fn: async (): Promise<void> => {
    const random = new SeededRandom(seed);
    const word = (alphabet: string, mostLetters: number): string =>
      Array.from({ length: random.below(mostLetters + 1) }, () => random.pick([...alphabet]))
        .join("");
    const names = new Set(Array.from({ length: 300 }, () => word("ab-]", 5)));
    const patterns = Array.from({ length: 2_000 }, () => word("aab-*?[]^\\", 8));
    await expectParity(patterns, [...names]);
  },
});

/** Each pattern finds in redis-server the keys of these names that it matches here. */
async function expectParity(patterns: readonly string[], names: readonly string[]): Promise<void> {
  await using redis = await RedisServer.start(1024 * 1024);
  const prefix = "topics:";
  const wire = names.map((name) => encodeRequest(["SET", prefix + name, ""])).join("") +
    patterns.map((pattern) => encodeRequest(["KEYS", prefix + pattern])).join("");
  const replies = readReplies(await redis.exchange(toBytes(wire))).slice(names.length);
  assert.equal(replies.length, patterns.length);
  for (const [index, pattern] of patterns.entries()) {
    const reply = replies[index]!;
    assert.ok(reply.kind === "array");
    const theirs = reply.items.map((item) => {
      assert.ok(item.kind === "bulk" && item.value instanceof Uint8Array);
      return fromBytes(item.value).slice(prefix.length);
    });
    const ours = names.filter((name) => matchesGlob(pattern, name));
    assert.deepEqual(ours.sort(), theirs.sort(), `pattern ${JSON.stringify(pattern)}`);
  }
}
