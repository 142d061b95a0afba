/**
 * COMMAND DOCS and INFO for names that come again and again. What they say is compared with a Redis' in tests/commands.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../../support/captured_log.ts";
import { TestGateway } from "../../support/gateway.ts";
import { encodeRequest } from "../../support/wire.ts";

/** Made one by one these would take minutes and gigabytes. */
const MANY = Array.from({ length: 200_000 }, () => "client");
const MANY_ARGUMENTS = { maxArguments: 200_002 };

Deno.test("COMMAND DOCS shows a command once, however often it is asked for", async () => {
  await using gateway = await TestGateway.start({ config: { server: MANY_ARGUMENTS } });
  using client = await gateway.connect();
  for (const protocol of [2, 3]) {
    await client.ask("HELLO", protocol);
    const once = await client.ask("COMMAND", "DOCS", "client");
    assert.equal(await client.ask("COMMAND", "DOCS", "Client", "nosuch", "CLIENT"), once);
    await client.write(encodeRequest(["COMMAND", "DOCS", ...MANY]));
    assert.equal(await client.reply(), once);
  }
});

Deno.test("COMMAND INFO of more names than outputLimitBytes has room for is not even made", async () => {
  await using log = await CapturedLog.start();
  const server = { ...MANY_ARGUMENTS, outputLimitBytes: 1_000_000 };
  await using gateway = await TestGateway.start({ config: { server } });
  using client = await gateway.connect();
  using other = await gateway.connect();
  await client.write(encodeRequest(["COMMAND", "INFO", ...MANY]));
  await client.untilClosed();
  await log.has("outputLimitBytes is 1000000");
  assert.equal(await other.ask("PING"), "+PONG\r\n");
});

Deno.test("COMMAND INFO answers each name in its place, null for an unknown one", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const [ping, nosuch] = ["*1\r\n*10\r\n$4\r\nping\r\n", "*1\r\n$-1\r\n"];
  const one = await client.ask("COMMAND", "INFO", "ping");
  assert.ok(one.startsWith(ping), one);
  assert.equal(await client.ask("COMMAND", "INFO", "nosuch"), nosuch);
  const entry = one.slice("*1\r\n".length);
  assert.equal(
    await client.ask("COMMAND", "INFO", "ping", "nosuch", "PING"),
    `*3\r\n${entry}$-1\r\n${entry}`,
  );
});
