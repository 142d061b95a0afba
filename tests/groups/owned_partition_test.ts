/**
 * A partition of a group: whatever is taken, acked and given back, in whatever order, each message is delivered until it
 * is acked, and what is committed says exactly what is acked.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  messageAt,
  type Random,
  randomFrom,
  TestPartition,
  TestSource,
  timeOf,
} from "./partition_support.ts";

const ROOM = 4_096;

Deno.test("after random work and a restart, exactly what is not acked is delivered", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = randomFrom(seed);
    const log = randomLog(random, 400);
    let partition = new TestPartition(log, { maxPending: 20 + random(200) });
    const acked = new Set<number>();
    for (let life = 0; life < 4; life++) {
      work(partition, random, acked, 150);
      const committed = partition.owned.toCommit(ROOM);
      partition = new TestPartition(log, { maxPending: 1_000, ...(committed && { committed }) });
      if (life < 3) continue;
      const left = drain(partition);
      assert.deepEqual(left, unacked(log, acked), `seed ${seed}`);
    }
  }
});

Deno.test("with little room for metadata, messages are delivered again and none is missing", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = randomFrom(seed);
    const log = randomLog(random, 300);
    const partition = new TestPartition(log);
    const acked = new Set<number>();
    work(partition, random, acked, 300);
    const committed = partition.owned.toCommit(random(40))!;
    const next = new Set(drain(new TestPartition(log, { committed })));
    for (const offset of unacked(log, acked)) {
      assert.ok(next.has(offset), `seed ${seed}: ${offset}`);
    }
  }
});

Deno.test("the number of unfinished messages is that of those that are not acked", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = randomFrom(seed);
    const log = Array.from({ length: 200 }, (_, offset) => messageAt(offset));
    const acked = new Set<number>();
    const partition = new TestPartition(log);
    work(partition, random, acked, 100);
    const committed = partition.owned.toCommit(ROOM)!;
    const left = unacked(log, acked).length;
    assert.equal(partition.owned.unfinishedBefore(200), left, `seed ${seed}`);
    const next = new TestPartition(log, { committed });
    assert.equal(next.owned.unfinishedBefore(200), left, `seed ${seed}, after a restart`);
    work(next, random, acked, 30);
    assert.equal(next.owned.unfinishedBefore(200), unacked(log, acked).length, `seed ${seed}`);
  }
});

Deno.test("offsets without a message hold nothing up", () => {
  const partition = new TestPartition([messageAt(2), messageAt(5), messageAt(9)]);
  assert.deepEqual(partition.take(10), [2, 5, 9]);
  for (const offset of [2, 5, 9]) assert.ok(partition.ack(offset));
  assert.deepEqual(partition.owned.toCommit(ROOM), { offset: 10, metadata: "" });
  partition.owned.skipTo(12); // behind the marker of a transaction
  assert.equal(partition.owned.toCommit(ROOM)!.offset, 12);
  assert.equal(partition.owned.unfinishedBefore(12), 0);
});

Deno.test("an ack counts once, and only of what was delivered", () => {
  const partition = new TestPartition([messageAt(0), messageAt(1)]);
  assert.deepEqual(partition.take(1), [0]);
  assert.equal(partition.ack(1), false);
  assert.equal(partition.owned.ack(0, 5), false, "an id with other milliseconds");
  assert.equal(partition.ack(0), true);
  assert.equal(partition.ack(0), false);
});

Deno.test("deliveries are counted, also through a restart", () => {
  const log = [messageAt(0), messageAt(1), messageAt(2)];
  const partition = new TestPartition(log);
  partition.take(3);
  partition.release(1);
  assert.deepEqual(partition.take(3), [1]);
  assert.equal(partition.deliveries(1), 2);
  partition.ack(2);
  const next = new TestPartition(log, { committed: partition.owned.toCommit(ROOM)! });
  assert.deepEqual(next.take(3), [0, 1]);
  assert.deepEqual([next.deliveries(0), next.deliveries(1)], [2, 3]);
});

Deno.test("what is given back is delivered before what is new, and can be acked by whoever has worked on it", () => {
  const partition = new TestPartition([0, 1, 2, 3].map((offset) => messageAt(offset)));
  assert.deepEqual(partition.take(2, "a"), [0, 1]);
  partition.release(0);
  partition.release(1);
  assert.equal(partition.ack(0), true);
  assert.deepEqual(partition.take(2, "b"), [1, 2]);
  assert.deepEqual(partition.names.sorted().map(({ name, pending }) => [name, pending]), [
    ["a", 0],
    ["b", 2],
  ]);
});

Deno.test("maxPending holds delivery back until something is acked", () => {
  const partition = new TestPartition(
    Array.from({ length: 10 }, (_, offset) => messageAt(offset)),
    { maxPending: 4 },
  );
  assert.deepEqual(partition.take(10), [0, 1, 2, 3]);
  assert.equal(partition.owned.heldBack, true);
  assert.equal(partition.owned.isReady(), false);
  assert.deepEqual(partition.take(10), []);
  partition.release(2);
  assert.deepEqual(partition.take(10), [2]);
  partition.ack(0);
  assert.equal(partition.owned.isReady(), true);
  assert.deepEqual(partition.take(10), [4]);
});

Deno.test("entries that count as acked are not pending, and are committed", () => {
  const partition = new TestPartition([0, 1, 2].map((offset) => messageAt(offset)));
  assert.deepEqual(partition.take(2, "c", true), [0, 1]);
  assert.equal(partition.owned.pending.count, 0);
  assert.deepEqual(partition.owned.toCommit(ROOM), { offset: 2, metadata: "" });
});

Deno.test("order key: an entry is not delivered while an earlier one of its key is pending", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = randomFrom(seed);
    const keys = Array.from({ length: 300 }, () => random(8) === 0 ? null : `k${random(6)}`);
    const log = keys.map((key, offset) => messageAt(offset, key));
    const partition = new TestPartition(log, { order: "key", maxPending: 10 + random(60) });
    const [acked, held]: Set<number>[] = [new Set(), new Set()];
    for (let turn = 0; turn < 3_000 && acked!.size < 300; turn++) {
      const taken = partition.take(1 + random(5), `c${random(4)}`);
      for (const offset of taken) {
        const key = keys[offset];
        const earlier = key === null
          ? []
          : keys.flatMap((one, at) => one === key && at < offset ? at : []);
        assert.ok(
          earlier.every((at) => acked!.has(at)),
          `seed ${seed}: ${offset} before ${earlier}`,
        );
        held!.add(offset);
      }
      const some = [...held!][random(held!.size)];
      if (some === undefined) continue;
      held!.delete(some);
      if (random(4) === 0) partition.release(some);
      else {
        assert.ok(partition.ack(some), `seed ${seed}: ${some}`);
        acked!.add(some);
      }
    }
    assert.equal(acked!.size, 300, `seed ${seed}: all of them are delivered`);
  }
});

Deno.test("order key: an entry that is pending when delivery comes to it, is pending once", () => {
  const log = [0, 1, 2, 3].map((offset) => messageAt(offset, "key"));
  const partition = new TestPartition(log, { order: "key" });
  const { owned } = partition;
  owned.assign(owned.force(2, timeOf(2)), partition.names.asking("claimer", 1_000), 1_000);
  assert.deepEqual(partition.take(4), [0]);
  owned.suspend();
  owned.resume(new TestSource(log, 0)); // XGROUP SETID 0
  owned.moveTo(0);
  assert.deepEqual(partition.take(4), [0], "the first of its key, again");
  assert.equal(owned.pending.count, 4);
  for (const next of [1, 3]) {
    assert.ok(partition.ack(next - 1));
    if (next === 3) assert.ok(partition.ack(1));
    assert.deepEqual(partition.take(4), [next]);
  }
  assert.ok(partition.ack(3));
  assert.deepEqual(owned.toCommit(ROOM), { offset: 4, metadata: "" });
  assert.equal(owned.unfinishedBefore(4), 0);
});

Deno.test("order partition: one entry at a time, in order, also after it was given back", () => {
  const partition = new TestPartition([0, 1, 2].map((offset) => messageAt(offset)), {
    order: "partition",
  });
  assert.deepEqual(partition.take(3, "a"), [0]);
  assert.deepEqual(partition.take(3, "b"), []);
  partition.release(0);
  assert.deepEqual(partition.take(3, "b"), [0]);
  partition.ack(0);
  assert.deepEqual(partition.take(3, "a"), [1]);
  partition.ack(1);
  assert.deepEqual(partition.take(3, "a"), [2]);
});

Deno.test("messages beyond the memory are read again when they are delivered again", async () => {
  const log = [0, 1, 2, 3].map((offset) => messageAt(offset));
  const partition = new TestPartition(log, { memoryBytes: 700 }); // two of them
  partition.take(4);
  assert.ok(partition.memory.usedBytes <= 700);
  for (const offset of [0, 1, 2, 3]) partition.release(offset);
  const atOnce = partition.take(4);
  assert.deepEqual(atOnce, [0, 1]);
  const before = partition.ready;
  while (partition.ready === before) await Promise.resolve();
  assert.deepEqual(partition.take(4), [2, 3]);
  for (const offset of [0, 1, 2, 3]) partition.ack(offset);
  assert.equal(partition.memory.usedBytes, 0);
});

Deno.test("a pending message that Kafka has deleted, and that is not in memory, is dropped and counted", () => {
  const log = [0, 1, 2].map((offset) => messageAt(offset));
  const partition = new TestPartition(log, { memoryBytes: 400 });
  partition.take(3);
  partition.owned.tend(1_000_000, 2);
  assert.deepEqual(partition.lost, ["1 deleted"]);
  assert.equal(partition.ack(1), false);
  assert.equal(partition.ack(0), true, "it is in memory");
});

Deno.test("a topic that is made again begins anew: what was pending and acked is of other messages", () => {
  const log = Array.from({ length: 10 }, (_, offset) => messageAt(offset));
  const partition = new TestPartition(log);
  partition.take(10);
  partition.ack(7);
  log.push(...[0, 1, 2].map((offset) => messageAt(offset)));
  partition.source.arrived();
  assert.deepEqual(partition.take(10), [0, 1, 2]);
  assert.deepEqual(partition.lost, ["9 recreated"]);
  partition.ack(0);
  assert.equal(partition.owned.toCommit(ROOM)!.offset, 1);
});

Deno.test("pending messages get memory of their own after a while", () => {
  const shared = new Uint8Array(64 * 1024);
  const log = [{ ...messageAt(0), value: shared.subarray(10, 20) }];
  const partition = new TestPartition(log);
  partition.take(1);
  const slot = partition.owned.pending.first;
  partition.owned.tend(partition.nowMs + 1_000, 0);
  assert.equal(partition.owned.pending.messages[slot]!.value!.buffer, shared.buffer);
  partition.owned.tend(partition.nowMs + 10_000, 0);
  assert.equal(partition.owned.pending.messages[slot]!.value!.buffer.byteLength, 10);
});

/** Offsets from 0 with gaps. */
function randomLog(random: Random, count: number): ReturnType<typeof messageAt>[] {
  const log = [];
  for (let offset = 0; log.length < count; offset += 1 + (random(10) === 0 ? random(5) : 0)) {
    log.push(messageAt(offset));
  }
  return log;
}

/** Takes, acks and gives back at random. */
function work(partition: TestPartition, random: Random, acked: Set<number>, turns: number): void {
  const held: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    held.push(...partition.take(random(6), `c${random(3)}`));
    const at = random(held.length || 1);
    const offset = held[at];
    if (offset === undefined || random(3) === 0) continue;
    held.splice(at, 1);
    if (random(5) === 0) partition.release(offset);
    else {
      assert.ok(partition.ack(offset), `${offset} is not pending`);
      acked.add(offset);
    }
  }
}

function drain(partition: TestPartition): number[] {
  const all: number[] = [];
  for (let taken = partition.take(50); taken.length > 0; taken = partition.take(50)) {
    all.push(...taken);
  }
  return all.sort((a, b) => a - b);
}

function unacked(log: readonly { readonly offset: bigint }[], acked: Set<number>): number[] {
  return log.map(({ offset }) => Number(offset)).filter((offset) => !acked.has(offset));
}
