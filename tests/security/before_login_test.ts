/**
 * Properties 1, 2, 3: what a client may do that has not logged in.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commands } from "../../src/commands/registry.ts";
import { until } from "../support/gateway.ts";
import { connectAs, startWith } from "./users.ts";

const NOAUTH = "-NOAUTH Authentication required.\r\n";

Deno.test("1: before a login only AUTH, HELLO, QUIT and RESET run", async () => {
  await using gateway = await startWith();
  using client = await gateway.connect();
  const refused: string[] = [];
  for (const { name, arity } of commands) {
    const words = name.split(" ");
    if (["AUTH", "HELLO", "QUIT", "RESET"].includes(name)) continue;
    const request = [...words, ...Array(Math.max(Math.abs(arity) - words.length, 0)).fill("1")];
    assert.equal(await client.ask(...request), NOAUTH, name);
    refused.push(name);
  }
  assert.ok(refused.length > 60);
  assert.match(await client.ask("HELLO", 3), /^-NOAUTH HELLO must be called /);
  assert.equal(await client.ask("RESET"), "+RESET\r\n");
  assert.equal(await client.ask("AUTH", "red", "red"), "+OK\r\n");
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  assert.equal(await client.ask("RESET"), "+RESET\r\n");
  assert.equal(await client.ask("PING"), NOAUTH);
  assert.equal(await client.ask("QUIT"), "+OK\r\n");
});

Deno.test("1: a pipeline behind a refused login runs nothing, behind a good one everything", async () => {
  await using gateway = await startWith();
  using client = await gateway.connect();
  await client.write(
    "AUTH red wrong\r\nRPUSHX topics:red m\r\nAUTH red red\r\nRPUSHX topics:red m\r\n",
  );
  assert.match(await client.reply(), /^-WRONGPASS /);
  assert.equal(await client.reply(), NOAUTH);
  assert.equal(await client.reply(), "+OK\r\n");
  assert.equal(await client.reply(), ":1\r\n");
  using root = await connectAs(gateway, "root");
  assert.match(await root.ask("INFO", "kafka"), /\r\nproduced:1\r\n/);
});

Deno.test("2: before a login a request has at most 10 arguments of 16 KiB; afterwards more", async () => {
  await using gateway = await startWith();
  for (
    const [bytes, error] of [
      ["*11\r\n", "unauthenticated multibulk length"],
      ["*2\r\n$4\r\nAUTH\r\n$16385\r\n", "unauthenticated bulk length"],
    ] as const
  ) {
    using client = await gateway.connect();
    await client.write(bytes);
    assert.equal(await client.untilClosed(), `-ERR Protocol error: ${error}\r\n`);
  }
  using client = await connectAs(gateway, "red");
  assert.equal(await client.ask("RPUSHX", "topics:red", ...Array(20).fill("m")), ":20\r\n");
  assert.equal(await client.ask("RPUSHX", "topics:red", "m".repeat(100_000)), ":1\r\n");
  assert.equal(await client.ask("RESET"), "+RESET\r\n");
  await client.write("*11\r\n");
  assert.match(await client.untilClosed(), /unauthenticated/);
});

Deno.test("2: a client that never reads its replies takes no memory before its login", async () => {
  await using gateway = await startWith();
  using client = await gateway.connect();
  const flood = "PING\r\n".repeat(10_000);
  let written = 0;
  const writing = (async (): Promise<void> => {
    for (; written < 300; written++) await client.write(flood);
  })().catch(() => {});
  const { state } = gateway.rafka.server;
  let before = -1;
  await until(async () => { // it is read no further
    const stalled = written === before;
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return stalled;
  }, "the flood to stall");
  const [{ unwrittenBytes, aheadBytes }] = state.clientList as [typeof state.clientList[number]];
  assert.ok(unwrittenBytes < 1024 * 1024, `${unwrittenBytes} bytes of replies`);
  assert.ok(aheadBytes <= 1024 * 1024 + 64 * 1024, `${aheadBytes} bytes of input`);
  assert.ok(written < 300);
  client[Symbol.dispose]();
  await writing;
});

Deno.test("3: announced sizes allocate nothing, and blank requests mix nothing up", async () => {
  await using gateway = await startWith();
  using client = await gateway.connect();
  await client.write("\r\n\r\n*0\r\n*-1\r\n\r\nAUTH red red\r\n*0\r\n\r\n");
  assert.equal(await client.reply(), "+OK\r\n");
  await client.write("*1\r\n$2000000000\r\n");
  assert.match(await client.untilClosed(), /^-ERR Protocol error: invalid bulk length/);
  using other = await gateway.connect();
  const { heapTotal, external } = Deno.memoryUsage();
  await other.write("*10\r\n$16384\r\n");
  using third = await gateway.connect();
  assert.equal(await third.ask("PING"), NOAUTH);
  const after = Deno.memoryUsage();
  assert.ok(after.external + after.heapTotal - external - heapTotal < 8 * 1024 * 1024);
});
