/**
 * Calls that block, in their lane: how many run, who is next, who gives up waiting.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Lane } from "../../src/ffi/lane.ts";

/** A call that lasts until it is told to end. */
class Call {
  started = false;
  readonly #ended = Promise.withResolvers<string>();

  readonly run = (): Promise<string> => {
    this.started = true;
    return this.#ended.promise;
  };

  end(result = "done"): void {
    this.#ended.resolve(result);
  }

  fail(): void {
    this.#ended.reject(new Error("failed"));
  }
}

Deno.test("So many calls run at once; the others follow in their order", async () => {
  const lane = new Lane(2);
  const calls = Array.from({ length: 5 }, () => new Call());
  const started = (): boolean[] => calls.map((call) => call.started);
  const results = calls.map((call) => lane.run(call.run));
  assert.deepEqual(started(), [true, true, false, false, false]);
  assert.equal(lane.waiting, 3);
  calls[1]!.end("second");
  assert.equal(await results[1], "second");
  assert.deepEqual(started(), [true, true, true, false, false]);
  for (const call of calls) call.end();
  assert.deepEqual(await Promise.all(results), ["done", "second", "done", "done", "done"]);
  assert.equal(lane.waiting, 0);
});

Deno.test("A call that fails makes room, too", async () => {
  const lane = new Lane(1);
  const [bad, good] = [new Call(), new Call()];
  const failing = lane.run(bad.run);
  const next = lane.run(good.run);
  bad.fail();
  await assert.rejects(failing, /failed/);
  good.end();
  assert.equal(await next, "done");
  const last = new Call();
  last.end("free again");
  assert.equal(await lane.run(last.run), "free again");
});

Deno.test("A call that has no turn in time is never made, and its place in the line is gone", async () => {
  const lane = new Lane(1);
  const [first, late, patient] = [new Call(), new Call(), new Call()];
  const running = lane.run(first.run);
  const tooLate = lane.runWithin(1, late.run);
  const inTime = lane.runWithin(60_000, patient.run);
  assert.equal(await tooLate, undefined);
  first.end();
  await running;
  patient.end("in time");
  assert.equal(await inTime, "in time");
  assert.ok(!late.started);
  assert.equal(lane.waiting, 0);
});
