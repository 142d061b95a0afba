/**
 * MULTI and EXEC, as clients put them around a pipeline: all commands are run, or none. The letter of their replies is
 * compared with a Redis' in tests/commands.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../../support/gateway.ts";
import { counter, mustPop } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

Deno.test("EXEC produces what came since MULTI, in order; WAIT in it waits", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const commands = [
    ["MULTI"],
    ["RPUSHX", "topics:t:key", "one"],
    ["RPUSHX", "topics:t:key", "two", "three"],
    ["WAIT", "1", "20000"],
    ["EXEC"],
  ];
  await client.write(commands.map(encodeRequest).join(""));
  assert.equal(await client.reply(), "+OK\r\n");
  for (let i = 0; i < 3; i++) assert.equal(await client.reply(), "+QUEUED\r\n");
  assert.equal(await client.reply(), "*3\r\n:1\r\n:2\r\n:1\r\n");
  using worker = await gateway.connectAs("group:a");
  for (const value of ["one", "two", "three"]) {
    assert.equal((await mustPop(worker, "t")).value, value);
  }
});

Deno.test("Nothing is produced before EXEC, nor after DISCARD, RESET or a hang-up", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  for (const end of ["DISCARD", "RESET"]) {
    await client.ask("MULTI");
    assert.equal(await client.ask("RPUSHX", "topics:t", "never"), "+QUEUED\r\n");
    await client.ask(end);
    assert.equal(await client.ask("EXEC"), "-ERR EXEC without MULTI\r\n");
  }
  const gone = await gateway.connect();
  await gone.ask("MULTI");
  await gone.ask("RPUSHX", "topics:t", "never");
  gone[Symbol.dispose]();
  await gateway.untilSessions(1);
  assert.equal(await counter(client, "producer.produced.messages"), 0);
});

Deno.test("EXEC produces nothing when a command since MULTI was refused", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  await client.ask("MULTI");
  await client.ask("RPUSHX", "topics:t", "never");
  assert.match(await client.ask("SADD", "topics:t", "x"), /^-ERR unknown command/);
  assert.equal(
    await client.ask("EXEC"),
    "-EXECABORT Transaction discarded because of previous errors.\r\n",
  );
  assert.equal(await counter(client, "producer.produced.messages"), 0);
});

Deno.test("A transaction is as large as a request may be, not larger", async () => {
  const config = { server: { maxRequestBytes: 5_000 } };
  await using gateway = await TestGateway.start({ config });
  using client = await gateway.connect();
  await client.ask("MULTI");
  const message = "x".repeat(2_500);
  assert.equal(await client.ask("RPUSHX", "topics:t", message), "+QUEUED\r\n");
  assert.equal(
    await client.ask("RPUSHX", "topics:t", message),
    "-ERR transaction larger than 5000 bytes\r\n",
  );
  assert.match(await client.ask("EXEC"), /^-EXECABORT /);
  assert.equal(await client.ask("RPUSHX", "topics:t", message), ":1\r\n");
});

Deno.test("In EXEC a BLPOP that would wait for ever answers null at once, one with a time waits for it", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  using producer = await gateway.connect();
  for (const words of [["MULTI"], ["BLPOP", "topics:t", 0], ["BLMPOP", 0, 1, "topics:t", "LEFT"]]) {
    await client.ask(...words);
  }
  assert.equal(await client.ask("EXEC"), "*2\r\n*-1\r\n*-1\r\n");
  await client.ask("MULTI");
  await client.ask("BLPOP", "topics:t", 20);
  await client.send("EXEC");
  await producer.ask("RPUSHX", "topics:t", "hello");
  assert.match(await client.reply(), /^\*1\r\n\*8\r\n.*hello\r\n$/s);
  await client.send("BLPOP", "topics:t", 0); // outside of EXEC it waits
  await producer.ask("RPUSHX", "topics:t", "again");
  assert.match(await client.reply(), /again/);
});

Deno.test("What stands behind a BLPOP in EXEC is not run when the client hangs up during it", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  const client = await gateway.connectAs("group:a");
  await client.ask("MULTI");
  await client.ask("BLPOP", "topics:t", 60);
  await client.ask("RPUSHX", "topics:t", "never");
  await client.send("EXEC");
  client[Symbol.dispose]();
  await gateway.untilSessions(1);
  assert.equal(await counter(other, "producer.produced.messages"), 0);
});

Deno.test("CLIENT LIST shows how many commands an open transaction has", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  using other = await gateway.connect();
  await client.ask("MULTI");
  await client.ask("PING");
  await client.ask("PING");
  assert.match(await other.ask("CLIENT", "LIST", "ID", 1), / flags=x .* multi=2 /);
});

Deno.test("EXEC ends its connection before its replies fill the memory, however short they are on the wire", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { outputLimitBytes: 20_000 } },
  });
  using client = await gateway.connect();
  const commands = [["MULTI"], ...Array.from({ length: 1_000 }, () => ["DUMP", "0"]), ["EXEC"]];
  await client.write(commands.map(encodeRequest).join(""));
  const replies = await client.untilClosed();
  assert.doesNotMatch(replies, /(:0\r\n){1000}$/, "all were run");
});

Deno.test("MONITOR in EXEC is refused, as by Redis: its lines would stand before EXEC's array", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  for (const words of [["MULTI"], ["MONITOR"], ["PING"]]) await client.ask(...words);
  assert.equal(
    await client.ask("EXEC"),
    "*2\r\n-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n+PONG\r\n",
  );
});
