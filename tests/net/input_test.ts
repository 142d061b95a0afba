/**
 * The reading half of a connection, from a client that never stops sending.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ByteStream } from "../../src/net/byte_stream.ts";
import { Input } from "../../src/net/input.ts";
import { ConnectionCounters } from "../../src/telemetry/connection_counters.ts";

const MEBIBYTE = 1024 * 1024;
const endless: Pick<ByteStream, "read"> = { read: (into) => Promise.resolve(into.byteLength) };

Deno.test("What comes byte by byte is kept in few pieces, in order", async () => {
  const total = 200_000;
  let sent = 0;
  const dribbling: Pick<ByteStream, "read"> = {
    read(into): Promise<number | null> {
      if (sent === total) return Promise.resolve(null);
      into[0] = sent++ % 251;
      return Promise.resolve(1);
    },
  };
  const input = new Input(dribbling, new ConnectionCounters());
  await new Promise<void>((resolve) => input.watch(resolve));
  let at = 0;
  let pieces = 0;
  for (let chunk = await input.read(); chunk; chunk = await input.read()) {
    for (const byte of chunk) assert.equal(byte, at++ % 251);
    pieces++;
  }
  assert.equal(at, total);
  assert.ok(pieces < 20, `${pieces} pieces`);
});

Deno.test("What is read ahead is limited, however many commands wait one after the other", async () => {
  const counters = new ConnectionCounters();
  const input = new Input(endless, counters);
  await input.read();
  for (let command = 0; command < 1_000; command++) {
    const endWatch = input.watch(() => assert.fail("nobody has hung up"));
    await new Promise((resolve) => setTimeout(resolve));
    endWatch();
  }
  assert.ok(
    counters.inputBytes.total < 2 * MEBIBYTE,
    `${counters.inputBytes.total} bytes were read`,
  );
});

Deno.test("The short ends of pipelines leave the buffer as large as the pipelines are", async () => {
  const [pipelineBytes, endBytes, rounds] = [16_384, 200, 50];
  const buffers = new Set<ArrayBufferLike>();
  let round = 0;
  let leftBytes = 0;
  const pipelines: Pick<ByteStream, "read"> = {
    read(into): Promise<number | null> {
      if (round > rounds / 2) buffers.add(into.buffer);
      if (leftBytes === 0) leftBytes = round++ % 2 === 0 ? pipelineBytes : endBytes;
      const byteLength = Math.min(leftBytes, into.byteLength);
      leftBytes -= byteLength;
      return Promise.resolve(byteLength);
    },
  };
  const input = new Input(pipelines, new ConnectionCounters());
  while (round < rounds) await input.read();
  assert.equal(buffers.size, 1);
});
