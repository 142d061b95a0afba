/**
 * Pages over partitions with gaps and timestamps in any order: all of them together are the stream.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Message } from "../../src/kafka/client/message.ts";
import type { RangePart, ReadRange } from "../../src/kafka/reader/range_read.ts";
import { compareIds, MAX_ID, MIN_ID } from "../../src/streams/stream_id.ts";
import { entryOf, inIdOrder } from "../../src/streams/stream_order.ts";
import { type RangeBounds, readPage, type ReadParts } from "../../src/streams/stream_range.ts";
import { chooseSeed, SeededRandom } from "../support/wire.ts";

/** Messages by partition. */
type Log = readonly (readonly Message[])[];

function message(partition: number, offset: number, timestampMs: number): Message {
  const metadata = { key: null, headers: [], timestampMs, timestampType: "CreateTime" as const };
  const value = new Uint8Array(offset % 7);
  return { topic: "t", partition, offset: BigInt(offset), value, metadata };
}

/** Reads the log as Kafka would. */
function readerOf(log: Log): ReadParts {
  return (ranges) =>
    Promise.resolve(new Map(ranges.map((range) => [range.partition, partOf(log, range)])));
}

function partOf(log: Log, { partition, start, end, maxCount, fromEnd }: ReadRange): RangePart {
  const all = log[partition]!.filter(({ offset }) => offset >= start && offset < end);
  if (fromEnd) {
    const messages = all.slice(-100);
    return {
      messages,
      first: messages.length < all.length ? messages[0]!.offset : start,
      next: end,
    };
  }
  const messages = all.slice(0, maxCount);
  const isDone = messages.length === all.length && messages.length < maxCount;
  return { messages, first: start, next: isDone ? end : messages.at(-1)!.offset + 1n };
}

function boundsOf(log: Log): RangeBounds {
  return {
    start: MIN_ID,
    end: MAX_ID,
    from: log.map(() => 0n),
    to: log.map((messages) => (messages.at(-1)?.offset ?? -1n) + 3n), // markers at the end
  };
}

function placesOf(messages: readonly Message[]): string[] {
  return messages.map(({ partition, offset }) => `${partition}:${offset}`);
}

/** Reads all pages of a direction. */
async function walk(log: Log, maxCount: number, reverse: boolean): Promise<Message[]> {
  let bounds = boundsOf(log);
  const seen: Message[] = [];
  for (;;) {
    const limits = { maxCount, maxBytes: Infinity };
    const { entries, positions } = await readPage(bounds, limits, reverse, readerOf(log));
    seen.push(...entries.map((entry) => entry.message));
    if (entries.length < maxCount) return seen;
    bounds = reverse ? { ...bounds, to: positions } : { ...bounds, from: positions };
  }
}

const seed = chooseSeed();

Deno.test(`pages of any size, forwards and backwards, are the stream (seed ${seed})`, async () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < 50; round++) {
    const log: Log = Array.from({ length: 1 + random.below(5) }, (_, partition) => {
      let offset = 0;
      return Array.from({ length: random.below(40) }, () => {
        offset += 1 + (random.below(4) === 0 ? random.below(30) : 0);
        return message(partition, offset, 1_000 + offset + random.below(8));
      });
    });
    const all = log.flat();
    for (const reverse of [false, true]) {
      const seen = await walk(log, 1 + random.below(9), reverse);
      assert.deepEqual(placesOf(seen).toSorted(), placesOf(all).toSorted());
      for (const messages of log) {
        const own = seen.filter(({ partition }) => partition === messages[0]?.partition);
        const expected = reverse ? messages.toReversed() : messages;
        assert.deepEqual(placesOf(own), placesOf(expected), "a partition keeps its order");
      }
    }
  }
});

Deno.test(`without timestamps that go backwards ids are in order (seed ${seed})`, async () => {
  const random = new SeededRandom(seed);
  const log: Log = [0, 1, 2].map((partition) => {
    let ms = 1_000;
    return Array.from(
      { length: 30 },
      (_, offset) => message(partition, offset, ms += random.below(3)),
    );
  });
  const sorted = log.flat().toSorted((a, b) => compareIds(entryOf(a).id, entryOf(b).id));
  assert.deepEqual(placesOf(await walk(log, 7, false)), placesOf(sorted));
  assert.deepEqual(placesOf(await walk(log, 7, true)), placesOf(sorted.toReversed()));
  const mixed = Array.from({ length: 30 }, (_, at) => log.map((messages) => messages[at]!)).flat();
  assert.deepEqual(placesOf(inIdOrder(mixed)), placesOf(sorted));
});

Deno.test("a page says that its size has ended it, not that nothing is left", async () => {
  const log = [[message(0, 0, 1), message(0, 1, 2)]];
  const read = (maxBytes: number) =>
    readPage(boundsOf(log), { maxCount: 5, maxBytes }, false, readerOf(log));
  assert.deepEqual([(await read(1)).entries.length, (await read(1)).isCut], [1, true]);
  assert.deepEqual([(await read(150)).entries.length, (await read(150)).isCut], [2, false]);
  assert.deepEqual([(await read(1_000)).entries.length, (await read(1_000)).isCut], [2, false]);
});

Deno.test("an id before the range that no message has does not count", async () => {
  const log = [[message(0, 0, 1), message(0, 1, 2), message(0, 2, 3)]];
  const bounds = { ...boundsOf(log), start: { ms: 2, seq: 0n } };
  const before = { partition: 0, offset: 2n };
  const read = async (ms: number): Promise<string[]> => {
    const all = { ...bounds, before: { ...before, id: { ms, seq: 2n * 2048n } } };
    const limits = { maxCount: 5, maxBytes: Infinity };
    const { entries } = await readPage(all, limits, false, readerOf(log));
    return placesOf(entries.map((entry) => entry.message));
  };
  assert.deepEqual(await read(3), [], "the message is there: what follows it is in the range");
  assert.deepEqual(await read(9), ["0:1", "0:2"], "it is not: the ids decide");
});
