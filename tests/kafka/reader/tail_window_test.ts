/**
 * What the reader of a topic keeps: one order for all, each partition without a gap, within its limits.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Message } from "../../../src/kafka/client/message.ts";
import { TailWindow } from "../../../src/kafka/reader/tail_window.ts";

const ALL = { maxCount: Infinity, maxBytes: Infinity };

function message(partition: number, offset: number, bytes = 1): Message {
  return { topic: "t", partition, offset: BigInt(offset), value: new Uint8Array(bytes) };
}

function windowWith(
  limits: Partial<typeof ALL>,
  ...places: readonly (readonly [partition: number, offset: number])[]
): TailWindow {
  const window = new TailWindow({ ...ALL, ...limits });
  window.begin(0, 0n);
  window.begin(1, 10n);
  for (const [partition, offset] of places) window.add(message(partition, offset));
  return window;
}

function placesAfter(window: TailWindow, positions: bigint[], maxCount = Infinity): string[] {
  return window.after(positions, { ...ALL, maxCount })
    .map(({ partition, offset }) => `${partition}:${offset}`);
}

Deno.test("everybody sees messages in the order in which they have come", () => {
  const window = windowWith({}, [0, 0], [1, 10], [1, 11], [0, 3], [1, 12]);
  assert.deepEqual(placesAfter(window, [0n, 10n]), ["0:0", "1:10", "1:11", "0:3", "1:12"]);
  assert.deepEqual(placesAfter(window, [1n, 11n]), ["1:11", "0:3", "1:12"]);
  assert.deepEqual(placesAfter(window, [2n, 11n], 1), ["1:11"]);
  assert.deepEqual(placesAfter(window, [4n, 13n]), []);
  assert.equal(window.isRead([4n, 13n]), true);
  assert.equal(window.isRead([3n, 13n]), false);
  assert.deepEqual(window.positions, [4n, 13n]);
});

Deno.test("a page ends when it is large, and has one message in any case", () => {
  const window = windowWith({});
  for (let offset = 0; offset < 3; offset++) window.add(message(0, offset, 1_000));
  assert.equal(window.after([0n, 10n], { maxCount: 9, maxBytes: 1 }).length, 1);
  assert.equal(window.after([0n, 10n], { maxCount: 9, maxBytes: 1_500 }).length, 2);
});

Deno.test("the first messages are dropped, and who has not read them is behind", () => {
  const window = windowWith({ maxCount: 3 }, [0, 0], [1, 10], [0, 1], [0, 5], [1, 11]);
  assert.equal(window.count, 3);
  assert.equal(window.isBehind([0n, 11n]), true);
  assert.equal(window.isBehind([1n, 10n]), true);
  assert.equal(window.isBehind([1n, 11n]), false);
  assert.deepEqual(placesAfter(window, [1n, 11n]), ["0:1", "0:5", "1:11"]);
  const large = windowWith({ maxBytes: 5_000 });
  for (let offset = 0; offset < 10; offset++) large.add(message(0, offset, 1_000));
  assert.equal(large.count, 4);
});

Deno.test("it stays right when it has dropped very many", () => {
  const window = windowWith({ maxCount: 10 });
  for (let offset = 0; offset < 10_000; offset++) window.add(message(offset % 2, offset));
  assert.deepEqual(placesAfter(window, [9_990n, 9_990n]).length, 10);
  assert.deepEqual(placesAfter(window, [9_996n, 9_996n]), ["0:9996", "1:9997", "0:9998", "1:9999"]);
});

Deno.test("a partition that is new is unread", () => {
  const window = windowWith({}, [0, 0]);
  window.begin(2, 0n);
  window.add(message(2, 0));
  assert.equal(window.isBehind([1n, 10n]), false);
  assert.deepEqual(placesAfter(window, [1n, 10n]), ["2:0"]);
});
