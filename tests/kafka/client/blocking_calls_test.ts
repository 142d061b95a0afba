/**
 * @module
 * Who blocks a thread: all lanes together leave some of Deno's threads free, and there is no way around them.
 */
import assert from "node:assert/strict";
import { SYMBOLS } from "../../../src/ffi/symbols.ts";
import { DENO_BLOCKING_CALLS, LANES } from "../../../src/kafka/client/blocking_calls.ts";

/** For Deno's own calls that block, such as looking up a name. */
const DENO_SHARE = 3;

Deno.test("All lanes together leave threads for Deno's own calls", () => {
  const all = Object.values(LANES).reduce((sum, { width }) => sum + width, 0);
  assert.ok(all <= DENO_BLOCKING_CALLS - DENO_SHARE, `${all} calls may block`);
});

Deno.test("What destroys clients has 16 of the threads at most", () => {
  assert.ok(LANES.destroy.width + LANES.abandon.width <= 16);
});

Deno.test("Every function that blocks is called in its lane only", async () => {
  const blocking = Object.entries(SYMBOLS).filter(([, entry]) => "nonblocking" in entry);
  assert.ok(blocking.length > 0);
  const folder = new URL("../../../src/kafka/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    if (name === "blocking_calls.ts") continue;
    const text = await Deno.readTextFile(new URL(name, folder));
    const calls = blocking.filter(([symbol]) => new RegExp(`\\.${symbol}\\(`).test(text));
    assert.deepEqual(calls.map(([symbol]) => symbol), [], name);
  }
});
