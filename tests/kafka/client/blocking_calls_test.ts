/**
 * Who blocks a thread: all lanes together leave some of Deno's threads free, and there is no way around them.
 *
 * @module
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
  for (const path of await filesIn(folder)) {
    if (path.endsWith("/blocking_calls.ts")) continue;
    const text = await Deno.readTextFile(path);
    const calls = blocking.filter(([symbol]) => new RegExp(`\\.${symbol}\\(`).test(text));
    assert.deepEqual(calls.map(([symbol]) => symbol), [], path);
  }
});

/** All files in a folder and the folders in it. */
async function filesIn(folder: URL): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) paths.push(...await filesIn(new URL(`${name}/`, folder)));
    else paths.push(new URL(name, folder).pathname);
  }
  return paths;
}
