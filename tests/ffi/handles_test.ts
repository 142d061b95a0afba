/**
 * The count of native handles, by which tests and the end of the program see one that was forgotten.
 *
 * @module
 */
import assert from "node:assert/strict";
import { HandleCount } from "../../src/ffi/handles.ts";

Deno.test("open handles are counted by type, closed ones are gone", () => {
  const handles = new HandleCount();
  assert.deepEqual(handles.open, {});
  handles.opened("rd_kafka_t");
  handles.opened("rd_kafka_queue_t");
  handles.opened("rd_kafka_queue_t");
  assert.deepEqual(handles.open, { rd_kafka_t: 1, rd_kafka_queue_t: 2 });
  handles.closed("rd_kafka_queue_t");
  handles.closed("rd_kafka_t");
  assert.deepEqual(handles.open, { rd_kafka_queue_t: 1 });
  handles.closed("rd_kafka_queue_t");
  assert.deepEqual(handles.open, {});
});

Deno.test("a handle that is closed twice is an error, not a count below zero", () => {
  const handles = new HandleCount();
  handles.opened("rd_kafka_t");
  handles.closed("rd_kafka_t");
  assert.throws(() => handles.closed("rd_kafka_t"), {
    message: "Cannot close a rd_kafka_t: none is open",
  });
  assert.deepEqual(handles.open, {});
});
