/**
 * @module
 * The reading half of a connection, from a client that never stops sending.
 */
import assert from "node:assert/strict";
import { type ByteSource, Input } from "../../src/server/input.ts";
import { Traffic } from "../../src/server/traffic.ts";

const MEBIBYTE = 1024 * 1024;
const endless: ByteSource = { read: (into) => Promise.resolve(into.byteLength) };

Deno.test("What is read ahead is limited, however many commands wait one after the other", async () => {
  const traffic = new Traffic();
  const input = new Input(endless, traffic);
  await input.read();
  for (let command = 0; command < 1_000; command++) {
    const endWatch = input.watch(() => assert.fail("nobody has hung up"));
    await new Promise((resolve) => setTimeout(resolve));
    endWatch();
  }
  assert.ok(traffic.inputBytes < 2 * MEBIBYTE, `${traffic.inputBytes} bytes were read`);
});
