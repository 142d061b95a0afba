/**
 * What a commit says about acks beyond it: it comes back as it was, or not at all.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  decodeProgress,
  encodeProgress,
  NO_PROGRESS,
  type Progress,
} from "../../src/groups/commit_metadata.ts";
import { type Random, randomFrom } from "./partition_support.ts";

const MAX_CHARACTERS = 4_096;

const cases: readonly { name: string; progress: Progress }[] = [
  {
    name: "one message is not acked, ten behind it are",
    progress: { runs: [1, 10], deliveries: [] },
  },
  { name: "runs that end with what is not acked", progress: { runs: [3, 2, 5], deliveries: [] } },
  { name: "runs of millions", progress: { runs: [1, 40_000_000, 9_999_999], deliveries: [] } },
  {
    name: "deliveries above 1, and none",
    progress: { runs: [4, 1, 2], deliveries: [[0, 2], [1, 0], [3, 4_294_967_295], [6, 17]] },
  },
];

for (const { name, progress } of cases) {
  Deno.test(`progress is read as it was written: ${name}`, () => {
    const text = encodeProgress(12_345, progress, MAX_CHARACTERS);
    assert.deepEqual(decodeProgress(12_345, text), progress);
  });
}

Deno.test("nothing beyond the commit is no metadata", () => {
  assert.equal(encodeProgress(7, NO_PROGRESS, MAX_CHARACTERS), "");
  assert.deepEqual(decodeProgress(7, ""), NO_PROGRESS);
});

Deno.test("random progress is read as it was written, or a beginning of it that fits", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomFrom(seed);
    const maxCharacters = 20 + random(MAX_CHARACTERS);
    const progress = randomProgress(random);
    const offset = random(2 ** 40);
    const text = encodeProgress(offset, progress, maxCharacters);
    assert.ok(text.length <= maxCharacters, `seed ${seed}: ${text.length} of ${maxCharacters}`);
    const { runs, deliveries } = decodeProgress(offset, text);
    assert.deepEqual(runs, progress.runs.slice(0, runs.length), `seed ${seed}`);
    const isWhole = runs.length === progress.runs.length;
    if (text.length < maxCharacters - 8) assert.ok(isWhole, `seed ${seed}: there is room for more`);
    assert.deepEqual(deliveries, progress.deliveries.slice(0, deliveries.length), `seed ${seed}`);
  }
});

Deno.test("1,500 of 18,000 messages that are not acked, here and there, fit with their deliveries", () => {
  const random = randomFrom(11);
  const runs = Array.from({ length: 3_000 }, (_, at) => at % 2 === 0 ? 1 : 1 + random(22));
  const text = encodeProgress(0, { runs, deliveries: [[0, 3], [40, 2]] }, MAX_CHARACTERS);
  assert.deepEqual(decodeProgress(0, text), { runs, deliveries: [[0, 3], [40, 2]] });
});

Deno.test("6,000 messages that are not acked, each with one that is acked behind it, fit", () => {
  const runs = Array.from({ length: 12_000 }, () => 1);
  const text = encodeProgress(0, { runs, deliveries: [] }, MAX_CHARACTERS);
  assert.deepEqual(decodeProgress(0, text).runs.length, 12_000);
});

Deno.test("it is stored unchanged by whoever counts and checks UTF-8", () => {
  const text = encodeProgress(1, randomProgress(randomFrom(5)), MAX_CHARACTERS);
  assert.ok(text.length > 100);
  assert.ok(text.isWellFormed());
  assert.equal(
    new TextDecoder("utf-8", { fatal: true }).decode(new TextEncoder().encode(text)),
    text,
  );
});

const written = encodeProgress(100, { runs: [1, 5, 2], deliveries: [[0, 2]] }, MAX_CHARACTERS);
const foreign: readonly { name: string; offset: number; metadata: string }[] = [
  { name: "text of another client", offset: 100, metadata: "host-7 2026-11-28" },
  { name: "JSON", offset: 100, metadata: '{"rafka1:":1}' },
  { name: "that of another offset", offset: 101, metadata: written },
  { name: "a text that was cut", offset: 100, metadata: written.slice(0, -1) },
  { name: "a text that was changed", offset: 100, metadata: written.slice(0, -1) + "\u5001" },
  { name: "a character that is no bits", offset: 100, metadata: written + "a" },
  { name: "the magic alone", offset: 100, metadata: written.slice(0, 7) },
];

for (const { name, offset, metadata } of foreign) {
  Deno.test(`foreign metadata says nothing: ${name}`, () => {
    assert.deepEqual(decodeProgress(offset, metadata), NO_PROGRESS);
  });
}

function randomProgress(random: Random): Progress {
  const most = 1 + random(3) ** 6 * 40;
  const runs = Array.from({ length: random(5_000) }, () => 1 + random(most));
  const span = runs.reduce((sum, run) => sum + run, 0);
  const deliveries: [number, number][] = [];
  for (let at = random(50); at < span && deliveries.length < 50; at += 1 + random(500)) {
    deliveries.push([at, random(3) === 0 ? 0 : 2 + random(9)]);
  }
  return { runs, deliveries };
}
