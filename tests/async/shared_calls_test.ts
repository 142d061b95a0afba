/**
 * Calls that share an answer which is newer than each of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { SharedCalls } from "../../src/async/shared_calls.ts";

Deno.test("a call that comes while one is under way gets an answer from after it", async () => {
  const calls = new SharedCalls<number>();
  let asked = 0;
  const answers: PromiseWithResolvers<void>[] = [];
  const ask = async (): Promise<number> => {
    const number = ++asked;
    answers.push(Promise.withResolvers());
    await answers.at(-1)!.promise;
    return number;
  };
  const first = calls.call("a", ask);
  const later = [calls.call("a", ask), calls.call("a", ask)];
  const other = calls.call("b", ask);
  assert.equal(asked, 2, "one of each name");
  for (const { resolve } of answers) resolve();
  assert.equal(await first, 1);
  assert.equal(await other, 2);
  await Promise.resolve();
  for (const { resolve } of answers) resolve();
  assert.deepEqual(await Promise.all(later), [3, 3]);
  const last = calls.call("a", ask);
  answers.at(-1)!.resolve();
  assert.equal(await last, 4);
});

Deno.test("a call that fails fails those who share it, and no others", async () => {
  const calls = new SharedCalls<string>();
  const fail = (): Promise<string> => Promise.reject(new Error("no"));
  const first = calls.call("a", fail);
  const next = calls.call("a", () => Promise.resolve("yes"));
  await assert.rejects(first, /no/);
  assert.equal(await next, "yes");
});
