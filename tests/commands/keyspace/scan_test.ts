/**
 * The cursor of SCAN: each key once, whatever comes and goes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { scan } from "../../../src/commands/keyspace/keyspace.ts";
import { chooseSeed, SEED_VARIABLE, SeededRandom } from "../../support/wire.ts";

/** Pairs of names whose hashes are the same. */
const COLLISIONS = [["costarring", "liquid"], ["declinate", "macallums"], ["altarage", "zinke"]];

function scanAll(keys: () => readonly string[], count: number): string[] {
  const seen: string[] = [];
  let cursor = 0;
  for (let calls = 0; calls < 10_000; calls++) {
    const page = scan(keys(), cursor, count);
    seen.push(...page.keys);
    assert.ok(page.next === 0 || page.next > cursor, "the cursor goes on");
    cursor = page.next;
    if (cursor === 0) return seen;
  }
  assert.fail("a scan without an end");
}

Deno.test("scan() shows every key once, whatever the count", () => {
  const keys = Array.from({ length: 100 }, (_, n) => `topics:t-${n}`);
  for (const count of [1, 2, 7, 10, 99, 100, 101, 1_000_000_000]) {
    assert.deepEqual(scanAll(() => keys, count).sort(), [...keys].sort(), `count ${count}`);
  }
});

Deno.test("scan() of nothing is over at once, and so is one from a cursor behind all keys", () => {
  assert.deepEqual(scan([], 0, 10), { keys: [], next: 0 });
  assert.deepEqual(scan(["a", "b"], 2 ** 32 + 1, 10), { keys: [], next: 0 });
});

Deno.test("scan() gives about as many keys as it is asked for, and goes on behind them", () => {
  const keys = Array.from({ length: 100 }, (_, n) => `topics:t-${n}`);
  const { keys: page, next } = scan(keys, 0, 10);
  assert.equal(page.length, 10);
  assert.ok(next > 0);
  assert.equal(scan(keys, next, 90).next, 0);
});

Deno.test("scan() keeps keys of one hash together, also with count 1", () => {
  const keys = [...COLLISIONS.flat(), "a", "b", "c"];
  const shown = scanAll(() => keys, 1);
  assert.deepEqual([...shown].sort(), [...keys].sort());
  for (const [one, two] of COLLISIONS) {
    const page = scan([one!, two!, "a"], 0, 1);
    const rest = scan([one!, two!, "a"], page.next, 1);
    const together = [page, rest].find(({ keys }) => keys.includes(one!));
    assert.ok(together?.keys.includes(two!), `${one} and ${two} have one hash`);
  }
});

const seed = chooseSeed();

Deno.test(`scan() shows a key that is there all the time once, whatever comes and goes, ${SEED_VARIABLE}=${seed}`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < 50; round++) {
    const lasting = Array.from({ length: random.below(30) }, (_, n) => `lasting-${round}-${n}`);
    const others = new Set<string>();
    const change = (): string[] => {
      for (let n = random.below(5); n > 0; n--) others.add(`other-${random.below(20)}`);
      for (let n = random.below(5); n > 0; n--) others.delete(`other-${random.below(20)}`);
      return [...others, ...lasting, ...COLLISIONS.flat()].reverse();
    };
    const shown = scanAll(change, 1 + random.below(4)).filter((key) => !key.startsWith("other"));
    assert.deepEqual(shown.sort(), [...lasting, ...COLLISIONS.flat()].sort());
  }
});
