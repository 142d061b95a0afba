/**
 * CLIENT TRACKING: what a client that caches is told of what it has read. Options and errors are compared with a Redis'
 * in tests/commands.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { TestGateway } from "../../support/gateway.ts";
import { encodeRequest } from "../../support/wire.ts";

const OK = "+OK\r\n";

Deno.test("A key that was read is called invalid right behind the reply, so that no cache is out of date", async () => {
  await using gateway = await TestGateway.start();
  using client = await resp3(gateway);
  assert.equal(await client.ask("CLIENT", "TRACKING", "ON"), OK);
  assert.equal(await client.ask("TYPE", "topics:t"), "+none\r\n");
  assert.equal(await client.reply(), invalid("topics:t"));
  assert.equal(await client.ask("EXISTS", "topics:a", "topics:b"), ":0\r\n");
  assert.equal(await client.reply(), invalid("topics:a", "topics:b"));
  assert.equal(await client.ask("RPUSHX", "topics:t", "x"), ":1\r\n");
  assert.equal(await client.ask("PING"), "+PONG\r\n", "nothing was read");
});

Deno.test("With OPTIN only what CLIENT CACHING YES asks for, also in EXEC, as rueidis does", async () => {
  await using gateway = await TestGateway.start();
  using client = await resp3(gateway);
  assert.equal(await client.ask("CLIENT", "TRACKING", "ON", "OPTIN"), OK);
  const read = ["GET", "key"];
  assert.equal(await client.ask(...read), "_\r\n");
  const commands = [["CLIENT", "CACHING", "YES"], ["MULTI"], ["PTTL", "key"], read, ["EXEC"]];
  await client.write(commands.map(encodeRequest).join(""));
  for (const reply of [OK, OK, "+QUEUED\r\n", "+QUEUED\r\n", "*2\r\n:-2\r\n_\r\n"]) {
    assert.equal(await client.reply(), reply);
  }
  assert.equal(await client.reply(), invalid("key", "key"));
  assert.equal(await client.ask(...read), "_\r\n");
  assert.equal(await client.ask("PING"), "+PONG\r\n", "it was asked for once");
});

Deno.test("With OPTOUT all but what CLIENT CACHING NO leaves out", async () => {
  await using gateway = await TestGateway.start();
  using client = await resp3(gateway);
  assert.equal(await client.ask("CLIENT", "TRACKING", "ON", "OPTOUT"), OK);
  assert.equal(await client.ask("CLIENT", "CACHING", "NO"), OK);
  assert.equal(await client.ask("GET", "a"), "_\r\n");
  assert.equal(await client.ask("GET", "b"), "_\r\n");
  assert.equal(await client.reply(), invalid("b"));
});

Deno.test("Nothing is told in RESP2, and nothing after RESET or OFF", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const steps = [["CLIENT", "TRACKING", "ON"], ["GET", "a"], ["HELLO", "3"], ["RESET"]];
  const more = [["HELLO", "3"], ["GET", "a"], ["CLIENT", "TRACKING", "ON"]];
  const last = [["CLIENT", "TRACKING", "OFF"], ["GET", "a"], ["PING"]];
  await client.write([...steps, ...more, ...last].map(encodeRequest).join(""));
  const types = [];
  for (const _step of [...steps, ...more, ...last]) types.push((await client.reply())[0]);
  assert.equal(types.join(""), "+$%+%_++_+");
});

async function resp3(gateway: TestGateway): Promise<TestClient> {
  const client = await gateway.connect();
  await client.ask("HELLO", 3);
  return client;
}

function invalid(...keys: string[]): string {
  const bulks = keys.map((key) => `$${key.length}\r\n${key}\r\n`);
  return `>2\r\n$10\r\ninvalidate\r\n*${keys.length}\r\n${bulks.join("")}`;
}
