/**
 * Callers that wait for entries of a group: each in its turn, none for nothing, none forgotten.
 *
 * @module
 */
import assert from "node:assert/strict";
import { NO_PROGRESS } from "../../src/groups/commit_metadata.ts";
import { MessageMemory } from "../../src/groups/message_memory.ts";
import { OwnedPartition } from "../../src/groups/owned_partition.ts";
import { type GroupHost, StreamGroup } from "../../src/groups/stream_group.ts";
import { MAX_ID, MIN_ID, placeOf } from "../../src/streams/stream_id.ts";
import { waitIn } from "../../src/groups/waiting_callers.ts";
import { messageAt, TestSource } from "./partition_support.ts";

const never = new AbortController().signal;

Deno.test("a thousand callers get a thousand entries in the order in which they came, and none is woken for nothing", async () => {
  const test = new TestGroup();
  const got: [caller: number, offset: number][] = [];
  const callers = Array.from({ length: 1_000 }, async (_, caller) => {
    got.push([caller, ...await test.next(`c${caller}`)] as [number, number]);
  });
  for (let offset = 0; offset < 1_000; offset++) {
    test.append(1);
    if (offset % 7 === 0) await turn(); // one at a time, and many at a time
  }
  await Promise.all(callers);
  assert.deepEqual(got, got.map((_, at) => [at, at]));
  assert.ok(test.wakeUps <= 1_000 + 10, `${test.wakeUps} wake-ups`);
});

Deno.test("one entry wakes one caller", async () => {
  const test = new TestGroup();
  const callers = Array.from({ length: 100 }, (_, caller) => test.next(`c${caller}`));
  test.append(1);
  await Promise.race(callers);
  await turn();
  assert.equal(test.wakeUps, 1);
  assert.equal(test.group.waiting.count, 99);
  test.append(99);
  await Promise.all(callers);
});

Deno.test("a caller that is woken and gone does not keep the next one from its entry", async () => {
  const test = new TestGroup();
  const gone = new AbortController();
  const lost = waitIn([test.group.waiting], Infinity, gone.signal); // woken, and takes nothing
  const next = test.next("next");
  test.append(1);
  await lost;
  assert.deepEqual(await next, [0]);
});

Deno.test("an ack makes room for who waits, and a redelivery is for who waits", async () => {
  const test = new TestGroup({ maxPending: 2 });
  test.append(3);
  const [first] = test.group.take("a", 2, false);
  const waiting = test.next("b");
  await turn();
  assert.equal(test.group.waiting.count, 1);
  test.group.ack([first!.id]);
  assert.deepEqual(await waiting, [2]);

  const again = test.next("c");
  assert.equal(test.group.deleteConsumer("a"), 1);
  assert.deepEqual(await again, [1]);
  const [entry] = test.group.pending({ start: MIN_ID, end: MAX_ID, count: 1 });
  assert.deepEqual([entry!.consumer, entry!.deliveries], ["c", 2]);
});

Deno.test("a wait ends with its time, and with the reason of its signal", async () => {
  const test = new TestGroup();
  await waitIn([test.group.waiting], 5, never);
  const aborter = new AbortController();
  const aborted = waitIn([test.group.waiting], Infinity, aborter.signal);
  aborter.abort(new Error("gone"));
  await assert.rejects(aborted, /gone/);
  await assert.rejects(waitIn([test.group.waiting], 5, aborter.signal), /gone/);
  assert.equal(test.group.waiting.count, 0);
});

Deno.test("a caller that waits in several groups is woken by the first that has something, once", async () => {
  const [one, other] = [new TestGroup(), new TestGroup()];
  const waiting = waitIn([one.group.waiting, other.group.waiting], Infinity, never);
  other.append(1);
  await waiting;
  assert.deepEqual([one.group.waiting.count, other.group.waiting.count], [0, 0]);
});

/** A group with one partition and a log that grows. */
class TestGroup {
  readonly group: StreamGroup;
  readonly #source = new TestSource([], 0);
  wakeUps = 0;

  constructor({ maxPending = 10_000 } = {}) {
    const host: GroupHost = {
      name: "g",
      throwError: () => {},
      delivered: () => {},
      acked: () => {},
      readAgain: (_topic, places) => Promise.resolve(places.map(() => undefined)),
      lowOffset: () => 0,
      endOffset: () => undefined,
      skipMarkers: () => {},
      report: () => Promise.reject(new Error("not asked for")),
    };
    this.group = new StreamGroup(host, "t");
    this.#source.take(1);
    this.group.add(
      new OwnedPartition({
        partition: 3,
        source: this.#source,
        offset: 0,
        progress: NO_PROGRESS,
        order: "none",
        maxPending,
        memory: new MessageMemory(1e9),
        consumers: this.group.names,
        readAgain: (places) => Promise.resolve(places.map(() => undefined)),
        onProgress: () => {},
        onReady: () => this.group.wakeNext(),
        onLost: () => {},
      }),
    );
  }

  append(count: number): void {
    const { log } = this.#source;
    for (let n = 0; n < count; n++) log.push(messageAt(log.length));
    this.#source.arrived();
    this.group.wakeNext();
  }

  /** Waits for an entry, as XREADGROUP does; returns offsets. */
  async next(consumer: string): Promise<number[]> {
    for (;;) {
      const entries = this.group.take(consumer, 1, false);
      if (entries.length > 0) return entries.map(({ id }) => Number(placeOf(id).offset));
      await waitIn([this.group.waiting], Infinity, never);
      this.wakeUps++;
    }
  }
}

/** Lets timers of now run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
