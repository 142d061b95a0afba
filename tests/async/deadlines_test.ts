/**
 * Deadlines: what does not end in time expires, in the order in which it began; what ends does not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Deadlines, endWait, type Waiting } from "../../src/async/deadlines.ts";
import { until } from "../support/gateway.ts";

const TIMEOUT_MS = 160;

Deno.test("what does not end expires, the first first, and not too early", async () => {
  const deadlines = new Deadlines(TIMEOUT_MS);
  const expired: { name: string; afterMs: number }[] = [];
  const begin = (name: string): Waiting => {
    const startMs = performance.now();
    return begun(
      deadlines,
      () => void expired.push({ name, afterMs: performance.now() - startMs }),
    );
  };
  const [, second] = [begin("a"), begin("b"), begin("c")];
  endWait(second);
  endWait(second);
  await until(() => expired.length === 2, "two to expire");
  begin("d");
  await until(() => expired.length === 3, "one that begins later");
  assert.deepEqual(expired.map(({ name }) => name), ["a", "c", "d"]);
  for (const { name, afterMs } of expired) assert.ok(afterMs >= TIMEOUT_MS, `${name} ${afterMs}`);
});

Deno.test("one that begins while another expires has all of its time", async () => {
  const deadlines = new Deadlines(TIMEOUT_MS);
  const { promise, resolve } = Promise.withResolvers<number>();
  begun(deadlines, () => {
    const startMs = performance.now();
    begun(deadlines, () => resolve(performance.now() - startMs));
  });
  assert.ok(await promise >= TIMEOUT_MS - TIMEOUT_MS / 16);
});

Deno.test("closed, it leaves no timer behind", () => {
  const deadlines = new Deadlines(60_000);
  begun(deadlines, () => assert.fail("closed"));
  deadlines.close();
});

function begun(deadlines: Deadlines, expired: () => void): Waiting {
  const wait = { previousWait: undefined, nextWait: undefined, waitTick: 0, expired };
  deadlines.begin(wait);
  return wait;
}
