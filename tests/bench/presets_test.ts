/**
 * @module
 * What is compared with Rafka gets the settings that Rafka has: they are found in its source.
 */
import assert from "node:assert/strict";
import { presetIn, readPresets } from "./presets.ts";

Deno.test("presets are read as they are written", () => {
  const source = `const OTHER = { "linger.ms": 1 };
export const PRODUCER_DEFAULTS: KafkaSettings = {
  "linger.ms": 0.5, // why
  "compression.type": "lz4",
  "queue.buffering.max.messages": 1_000_000,
  "enable.idempotence": true,
} as const;`;
  assert.deepEqual(presetIn(source, "PRODUCER_DEFAULTS"), {
    "linger.ms": "0.5",
    "compression.type": "lz4",
    "queue.buffering.max.messages": "1000000",
    "enable.idempotence": "true",
  });
  assert.deepEqual(presetIn(source, "CONSUMER_DEFAULTS"), {});
});

Deno.test("this Rafka's presets are found", async () => {
  const { consumer } = await readPresets(new URL("../..", import.meta.url).pathname);
  assert.equal(consumer["auto.offset.reset"], "earliest");
});
