/**
 * Bytes that are no request, through a socket: answered in Redis' words, then the connection is closed, and no
 * other one notices. What the parser itself makes of bad bytes is in tests/resp.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../support/gateway.ts";

const MAX_LINE = 64 * 1024;

/** Bytes and what they are answered with. */
const ROWS: readonly (readonly [name: string, wire: string, error: string])[] = [
  ["a count that is no number", "*x\r\n", "invalid multibulk length"],
  ["a count that is too large", "*3000000000\r\n", "invalid multibulk length"],
  ["a length that is no number", "*1\r\n$x\r\n", "invalid bulk length"],
  ["a negative length", "*1\r\n$-1\r\n", "invalid bulk length"],
  ["a length that is too large", "*1\r\n$2000000000\r\n", "invalid bulk length"],
  ["a bulk without its header", "*1\r\nPING\r\n", "expected '$', got 'P'"],
  ["quotes that are not closed", 'PING "x\r\n', "unbalanced quotes in request"],
  ["a count line without end", "*" + "1".repeat(MAX_LINE), "too big mbulk count string"],
  ["a length line without end", "*1\r\n$" + "1".repeat(MAX_LINE), "too big bulk count string"],
  ["an inline command without end", "x".repeat(MAX_LINE + 1), "too big inline request"],
];

for (const [name, wire, error] of ROWS) {
  Deno.test(`${name} is answered and closes the connection, and no other one`, async () => {
    await using gateway = await TestGateway.start();
    using other = await gateway.connect();
    using client = await gateway.connect();
    await client.write(wire);
    assert.equal(await client.untilClosed(), `-ERR Protocol error: ${error}\r\n`);
    assert.equal(await other.ask("PING"), "+PONG\r\n");
    using next = await gateway.connect();
    assert.equal(await next.ask("PING"), "+PONG\r\n");
  });
}

Deno.test("Requests before bad bytes are answered first, those behind them never run", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  await client.write("RPUSHX topics:t one\r\nPING\r\n*1\r\n$x\r\nRPUSHX topics:t two\r\nPING\r\n");
  assert.equal(
    await client.untilClosed(),
    ":1\r\n+PONG\r\n-ERR Protocol error: invalid bulk length\r\n",
  );
  using reader = await gateway.connectAs("group:a");
  assert.equal((await reader.pop("topics:t", 20))?.value, "one");
  assert.equal(await reader.pop("topics:t", 0.5), undefined);
});

Deno.test("Bad bytes end the consumer of their connection: its name is free again", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  assert.equal(await client.pop("topics:t", 0.01), undefined);
  await client.write("*x\r\n");
  assert.equal(await client.untilClosed(), "-ERR Protocol error: invalid multibulk length\r\n");
  using _again = await gateway.connectAs("group:a");
});
