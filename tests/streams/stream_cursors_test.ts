/**
 * Where clients go on that read in pages: their own place first, else one from which nothing is missed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { forwards, type PageKind, StreamCursors } from "../../src/streams/stream_cursors.ts";
import { MIN_ID } from "../../src/streams/stream_id.ts";

const T = forwards("t");
const ID = { ms: 5, seq: 7n };

Deno.test("a connection goes on at its own place", () => {
  const cursors = new StreamCursors(1e6);
  cursors.add(1, T, ID, [3n, 0n]);
  cursors.add(2, T, ID, [1n, 4n]);
  assert.deepEqual(cursors.find(1, T, ID), [3n, 0n]);
  assert.deepEqual(cursors.find(2, T, ID), [1n, 4n]);
});

Deno.test("another one misses nothing of what they have not read", () => {
  const cursors = new StreamCursors(1e6);
  cursors.add(1, T, ID, [3n, 0n, 9n]);
  cursors.add(2, T, ID, [1n, 4n]);
  assert.deepEqual(cursors.find(3, T, ID), [1n, 0n]);
  const backwards: PageKind = { topic: "t", reverse: true, until: MIN_ID };
  cursors.add(1, backwards, ID, [3n, 0n]);
  cursors.add(2, backwards, ID, [1n, 4n]);
  assert.deepEqual(cursors.find(3, backwards, ID), [3n, 4n]);
});

Deno.test("other topics, ids, directions and ends of ranges are other pages", () => {
  const cursors = new StreamCursors(1e6);
  cursors.add(1, T, ID, [3n]);
  const others: [PageKind, typeof ID][] = [
    [forwards("u"), ID],
    [T, { ms: 5, seq: 8n }],
    [{ ...T, reverse: true }, ID],
    [{ ...T, until: { ms: 9, seq: 0n } }, ID],
  ];
  for (const [kind, id] of others) assert.equal(cursors.find(1, kind, id), undefined);
});

Deno.test("a page can be asked for again: the last two of a connection are kept", () => {
  const cursors = new StreamCursors(1e6);
  const id = (seq: number) => ({ ms: 1, seq: BigInt(seq) });
  for (let n = 1; n <= 3; n++) cursors.add(1, T, id(n), [BigInt(n)]);
  assert.equal(cursors.find(1, T, id(1)), undefined);
  assert.deepEqual(cursors.find(1, T, id(2)), [2n]);
  assert.deepEqual(cursors.find(1, T, id(3)), [3n]);
  // the same page again
  cursors.add(1, T, id(2), [2n]);
  assert.deepEqual(cursors.find(1, T, id(3)), [3n]);
  assert.deepEqual(cursors.find(1, T, id(2)), [2n]);
});

Deno.test("memory is bounded: those that have read last are kept", () => {
  const cursors = new StreamCursors(10_000);
  for (let connection = 0; connection < 1_000; connection++) cursors.add(connection, T, ID, [1n]);
  assert.ok(cursors.bytes <= 10_000);
  assert.ok(cursors.find(999, T, ID));
  const empty = new StreamCursors(0);
  empty.add(1, T, ID, [1n]);
  assert.equal(empty.find(1, T, ID), undefined);
  assert.equal(empty.bytes, 0);
});
