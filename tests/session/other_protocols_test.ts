/**
 * HTTP and TLS at the port for RESP: they are called by their names, and nothing of them is run.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import { TestGateway } from "../support/gateway.ts";

for (
  const [what, request] of [
    ["without Host", "GET /metrics HTTP/1.0\r\n\r\n"],
    ["with Host", "GET / HTTP/1.1\r\nHost: here\r\n\r\n"],
    ["of a proxy", "CONNECT http://x HTTP/1.1\r\n\r\n"],
    ["of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ]
) {
  Deno.test(`An HTTP request ${what} is called so in the log, and its connection closed`, async () => {
    await using log = await CapturedLog.start();
    await using gateway = await TestGateway.start();
    using client = await gateway.connect();
    await client.write(request!);
    assert.match(await client.untilClosed(), /^-ERR (unknown command|wrong number)[^\r\n]*\r\n$/);
    await log.has("an HTTP request was sent here");
  });
}

Deno.test("Words that look like HTTP's in a request that is right are no HTTP", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.equal(await client.ask("RPUSHX", "topics:t", "HTTP/1.1"), ":1\r\n");
  assert.equal(await client.ask("LPUSH", "topics:t", "/", "HTTP/1.1"), ":2\r\n");
  assert.equal(await client.ask("PING"), "+PONG\r\n");
});

Deno.test("A TLS handshake is called so, in the log and to who sent it, at once", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await TestGateway.start();
  using tls = await Deno.connectTls({ hostname: "127.0.0.1", port: gateway.port });
  await assert.rejects(tls.handshake(), Deno.errors.InvalidData);
  using client = await gateway.connect();
  await client.write("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
  const error = "Protocol error: TLS handshake, and this port speaks no TLS";
  assert.equal(await client.untilClosed(), `-ERR ${error}\r\n`);
  await log.has(error);
});

Deno.test("An HTTP request is refused and its connection closed before its body is run", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  await client.write("POST / HTTP/1.1\r\nHost: here\r\n\r\nRPUSHX topics:t forged\r\nPING\r\n");
  assert.match(await client.untilClosed(), /^-ERR unknown command 'POST', [^\r\n]*\r\n$/);
  using other = await gateway.connect();
  assert.equal(await other.ask("KEYS", "topics:"), "*0\r\n");
});
