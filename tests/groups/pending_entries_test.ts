/**
 * The table of pending entries does what a sorted map would, whatever is added and removed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { NONE, PendingEntries } from "../../src/groups/pending_entries.ts";
import { messageAt, randomFrom } from "./partition_support.ts";

Deno.test("random entries are found, listed in order and removed", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = randomFrom(seed);
    const entries = new PendingEntries();
    const model = new Map<number, number>();
    // near each other, far from each other, beyond 2^31, with the same lowest bits
    const spread = [20, 3_000, 2 ** 40, 2 ** 52][random(4)]!;
    const step = random(2) === 0 ? 1 : 2 ** 20;
    for (let turn = 0; turn < 3_000; turn++) {
      const offset = Math.min(random(spread) * step, Number.MAX_SAFE_INTEGER);
      const known = entries.find(offset);
      assert.equal(known !== NONE, model.has(offset), `seed ${seed}, turn ${turn}`);
      if (known === NONE) {
        const slot = entries.add(offset, turn); // may replace the columns
        entries.consumers[slot] = turn;
        model.set(offset, turn);
      } else if (random(2) === 0) {
        entries.remove(known);
        model.delete(offset);
      }
      if (turn % 500 === 0) assert.deepEqual(listed(entries), inOrder(model), `seed ${seed}`);
    }
    assert.deepEqual(listed(entries), inOrder(model), `seed ${seed}`);
    assert.equal(entries.count, model.size);
  }
});

Deno.test("a slot that is used again has nothing of the entry before", () => {
  const entries = new PendingEntries();
  const slot = entries.add(7, 70);
  entries.messages[slot] = messageAt(7);
  entries.deliveries[slot] = 4;
  entries.sizes[slot] = 100;
  entries.remove(slot);
  const next = entries.add(8, 80);
  assert.equal(next, slot);
  assert.equal(entries.messages[next], undefined);
  assert.deepEqual([entries.deliveries[next], entries.sizes[next]], [0, 0]);
});

Deno.test("memory for many entries is given back when they are gone", () => {
  const entries = new PendingEntries();
  for (let offset = 0; offset < 10_000; offset++) entries.add(offset, offset);
  assert.ok(entries.offsets.length >= 10_000);
  for (let offset = 0; offset < 10_000; offset++) entries.remove(entries.find(offset));
  entries.trim();
  assert.ok(entries.offsets.length < 100);
  const slot = entries.add(5, 5);
  assert.equal(entries.offsets[slot], 5);
});

function listed(entries: PendingEntries): [offset: number, value: number][] {
  const all: [number, number][] = [];
  for (let slot = entries.first; slot !== NONE; slot = entries.after(slot)) {
    all.push([entries.offsets[slot]!, entries.consumers[slot]!]);
  }
  assert.equal(entries.last === NONE ? undefined : entries.offsets[entries.last], all.at(-1)?.[0]);
  return all;
}

function inOrder(model: Map<number, number>): [number, number][] {
  return [...model].sort(([a], [b]) => a - b);
}
