/**
 * How large requests may be, and that they may arrive in any pieces.
 *
 * @module
 */
import assert from "node:assert/strict";
import { encode } from "../support/client.ts";
import { TestGateway } from "../support/gateway.ts";
import { counter } from "../support/kafka.ts";
import { encodeRequest } from "../support/wire.ts";

const DEFAULT_MAX_BULK_BYTES = 32_768_000;
const INVALID_LENGTH = "-ERR Protocol error: invalid bulk length\r\n";

Deno.test("A bulk of 32,768,000 bytes is taken, one byte more is refused", async () => {
  await using gateway = await TestGateway.start();
  const message = new Uint8Array(DEFAULT_MAX_BULK_BYTES).fill(0x78);
  using client = await gateway.connect();
  const [reply] = await Promise.all([client.replyBytes(60_000), client.send("PING", message)]);
  assert.equal(reply.byteLength, `$${DEFAULT_MAX_BULK_BYTES}\r\n\r\n`.length + message.byteLength);
  await client.write(`*2\r\n$4\r\nPING\r\n$${DEFAULT_MAX_BULK_BYTES + 1}\r\n`);
  assert.equal(await client.untilClosed(), INVALID_LENGTH);
});

Deno.test("A client that goes on sending its oversized bulk gets to read the error", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxBulkBytes: 1_000 } } });
  using client = await gateway.connect();
  using other = await gateway.connect();
  const oversized = encode(["RPUSHX", "topics:t", new Uint8Array(20_000_000)]);
  const writing = client.write(oversized);
  for (let i = 0; i < 20; i++) assert.equal(await other.ask("PING"), "+PONG\r\n");
  await writing;
  assert.equal(await client.untilClosed(), INVALID_LENGTH);
  assert.equal(await other.ask("PING"), "+PONG\r\n");
  assert.equal(await counter(other, "producer.produced.messages"), 0);
});

Deno.test("maxBulkBytes is for each argument by itself", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxBulkBytes: 1_000 } } });
  using client = await gateway.connect();
  assert.equal(await client.ask("PING", "x".repeat(1_000)), `$1000\r\n${"x".repeat(1_000)}\r\n`);
  assert.equal(
    await client.ask("RPUSHX", `topics:t:${"k".repeat(900)}`, "x".repeat(900)),
    ":1\r\n",
  );
  await client.send("PING", "x".repeat(1_001));
  assert.equal(await client.untilClosed(), INVALID_LENGTH);
});

Deno.test("maxRequestBytes is for all arguments together", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxRequestBytes: 1_000 } } });
  using client = await gateway.connect();
  assert.equal(await client.ask("PING", "x".repeat(996)), `$996\r\n${"x".repeat(996)}\r\n`);
  await client.send("RPUSHX", `topics:t:${"k".repeat(500)}`, "x".repeat(500));
  assert.equal(
    await client.untilClosed(),
    "-ERR Protocol error: request larger than 1000 bytes\r\n",
  );
});

Deno.test("maxArguments is how many words a request may have", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxArguments: 3 } } });
  using client = await gateway.connect();
  assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
  await client.send("PING", "a", "b", "c");
  assert.equal(await client.untilClosed(), "-ERR Protocol error: invalid multibulk length\r\n");
});

Deno.test("A request may arrive byte by byte", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const wire = encodeRequest(["PING", "\x00\r\n\xff"]) + "PING 'a b'\r\n" + encodeRequest(["PING"]);
  for (const byte of wire) await client.write(byte);
  assert.equal(await client.reply(), "$4\r\n\x00\r\n\xff\r\n");
  assert.equal(await client.reply(), "$3\r\na b\r\n");
  assert.equal(await client.reply(), "+PONG\r\n");
});

Deno.test("A request may arrive in two pieces, cut anywhere, while others are served", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  const wire = encodeRequest(["RPUSHX", "topics:t:key", "hello"]);
  for (let at = 1; at < wire.length; at++) {
    using client = await gateway.connect();
    await client.write(wire.slice(0, at));
    assert.equal(await other.ask("PING"), "+PONG\r\n");
    await client.write(wire.slice(at));
    assert.equal(await client.reply(), ":1\r\n", `cut at ${at}`);
  }
});

Deno.test("A large message in many pieces arrives whole", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const message = Uint8Array.from({ length: 3_000_000 }, (_, i) => i * 7 + (i >> 8));
  const wire = encode(["PING", message]);
  const replying = client.replyBytes();
  for (let at = 0; at < wire.length; at += 77_777) {
    await client.write(wire.subarray(at, at + 77_777));
  }
  const reply = await replying;
  const header = "$3000000\r\n".length;
  assert.ok(message.every((byte, i) => reply[header + i] === byte), "another message came back");
});

Deno.test("A thousand pipelined requests in one write are answered in order", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const numbers = Array.from({ length: 1_000 }, (_, i) => String(i));
  await client.write(numbers.map((number) => encodeRequest(["PING", number])).join(""));
  for (const number of numbers) {
    assert.equal(await client.reply(), `$${number.length}\r\n${number}\r\n`);
  }
});

Deno.test("A client that sends much and reads late gets every reply", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  using other = await gateway.connect();
  const request = encode(["PING", "x".repeat(100_000)]);
  const writing = (async (): Promise<void> => {
    for (let i = 0; i < 300; i++) await client.write(request);
  })();
  for (let i = 0; i < 20; i++) assert.equal(await other.ask("PING"), "+PONG\r\n");
  for (let i = 0; i < 300; i++) {
    assert.equal((await client.replyBytes()).byteLength, "$100000\r\n\r\n".length + 100_000);
  }
  await writing;
});

Deno.test("Inline commands are answered as any others; an empty line is not", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  await client.write("PING\r\n\r\nping\n  PING \"a\\x41\\n\" \r\nPING 'it''s'\r\n");
  assert.equal(await client.reply(), "+PONG\r\n");
  assert.equal(await client.reply(), "+PONG\r\n");
  assert.equal(await client.reply(), "$3\r\naA\n\r\n");
  assert.equal(await client.untilClosed(), "-ERR Protocol error: unbalanced quotes in request\r\n");
});

Deno.test("Requests of no words are not answered", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  await client.write("*0\r\n*-1\r\nPING\r\n");
  assert.equal(await client.reply(), "+PONG\r\n");
});
