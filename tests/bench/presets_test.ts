/**
 * What is compared with Rafka gets the settings that Rafka has.
 *
 * @module
 */
import assert from "node:assert/strict";
import { libraryCandidates, openLibrary } from "../../src/ffi/library.ts";
import { readPresets } from "./presets.ts";

const library = openLibrary(libraryCandidates(undefined));

Deno.test("this Rafka's presets are found", async () => {
  const { producer, consumer } = await readPresets(
    new URL("../..", import.meta.url).pathname,
    library,
  );
  assert.equal(producer["linger.ms"], 20);
  assert.equal(consumer["auto.offset.reset"], "earliest");
});

Deno.test("a checkout that presets nothing is none to stumble over", async () => {
  const { producer, consumer } = await readPresets("/nonexistent", library);
  assert.deepEqual({ producer, consumer }, { producer: {}, consumer: {} });
});
