/**
 * MONITOR: every command of every client, as Redis shows them; and a listener that does not listen is let go.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../support/gateway.ts";
import type { TestClient } from "../support/client.ts";

/** `+<unix seconds>.<6 digits> [0 <client id>] <words>` */
const LINE = /^\+(\d{10})\.(\d{6}) \[0 ([^\]]+)\] (.*)\r\n$/;

Deno.test("MONITOR shows time, client and words of each command, in their order", async () => {
  await using gateway = await TestGateway.start();
  using monitor = await startMonitor(gateway);
  using client = await gateway.connect();
  const before = Math.floor(Date.now() / 1_000);
  await client.ask("PING");
  await client.ask("RpushX", "topics:t:key", "hello");
  await client.ask("hgetall", "stats");
  const after = Math.ceil(Date.now() / 1_000);
  for (const words of ['"PING"', '"RpushX" "topics:t:key" "hello"', '"hgetall" "stats"']) {
    const line = parseLine(await monitor.reply());
    assert.equal(line.words, words);
    assert.equal(line.id, client.address);
    assert.ok(line.seconds >= before && line.seconds <= after, `${line.seconds} is not now`);
  }
});

Deno.test("MONITOR shows the name of a client that has one, and its address before", async () => {
  await using gateway = await TestGateway.start();
  using monitor = await startMonitor(gateway);
  using client = await gateway.connectAs("group:a");
  await client.ask("PING");
  const setName = parseLine(await monitor.reply());
  assert.equal(setName.words, '"CLIENT" "SETNAME" "group:a"');
  assert.equal(setName.id, client.address);
  assert.equal(parseLine(await monitor.reply()).id, "group:a");
});

Deno.test("MONITOR escapes as Redis does: no byte of a client can end or forge a line", async () => {
  await using gateway = await TestGateway.start();
  using monitor = await startMonitor(gateway);
  using client = await gateway.connect();
  const rows: [sent: string, shown: string][] = [
    ["", ""],
    [' a"b\\c ', ' a\\"b\\\\c '],
    ["\n\r\t\x07\b", "\\n\\r\\t\\a\\b"],
    ["\x00\x1b\x7f\xff", "\\x00\\x1b\\x7f\\xff"],
    ["\xc3\xa9", "\\xc3\\xa9"],
    ["+OK\r\n+forged\r\n", "+OK\\r\\n+forged\\r\\n"],
  ];
  for (const [sent, shown] of rows) {
    await client.ask("PING", sent);
    assert.equal(parseLine(await monitor.reply()).words, `"PING" "${shown}"`);
  }
});

Deno.test("MONITOR cuts a long argument and says how much is hidden", async () => {
  await using gateway = await TestGateway.start();
  using monitor = await startMonitor(gateway);
  using client = await gateway.connect();
  await client.send("PING", "x".repeat(100_000));
  const { words } = parseLine(await monitor.reply());
  assert.equal(words, `"PING" "${"x".repeat(65_532)}... (34468 more bytes)"`);
});

Deno.test("Many connections may monitor; each sees every command once, its own too", async () => {
  await using gateway = await TestGateway.start();
  using one = await startMonitor(gateway);
  using two = await startMonitor(gateway);
  assert.equal(parseLine(await one.reply()).words, '"MONITOR"', "the command of the second one");
  using client = await gateway.connect();
  await client.ask("PING", "1");
  for (const monitor of [one, two]) {
    assert.equal(parseLine(await monitor.reply()).words, '"PING" "1"');
  }
  await one.send("PING", "2");
  assert.equal(parseLine(await two.reply()).words, '"PING" "2"');
  assert.equal(parseLine(await one.reply()).words, '"PING" "2"');
  assert.equal(await one.reply(), "$1\r\n2\r\n");
});

Deno.test("A connection that speaks RESP3 is shown the same lines", async () => {
  await using gateway = await TestGateway.start();
  using two = await startMonitor(gateway);
  using three = await gateway.connect();
  await three.ask("HELLO", 3);
  assert.match(await two.reply(), / "HELLO" "3"\r\n$/);
  assert.equal(await three.ask("MONITOR"), "+OK\r\n");
  assert.match(await two.reply(), / "MONITOR"\r\n$/);
  using client = await gateway.connectAs("group:a");
  await client.ask("PING", "\xc3\xa9\r\n");
  for (const words of ['"CLIENT" "SETNAME" "group:a"', '"PING" "\\xc3\\xa9\\r\\n"']) {
    const line = await two.reply();
    assert.equal(parseLine(line).words, words);
    assert.equal(await three.reply(), line);
  }
});

Deno.test("A command that is refused for its name or its number of words is not shown", async () => {
  await using gateway = await TestGateway.start();
  using monitor = await startMonitor(gateway);
  using client = await gateway.connect();
  assert.match(await client.ask("NOSUCH"), /^-ERR /);
  assert.match(await client.ask("KEYS"), /^-ERR /);
  await client.ask("PING", "next");
  assert.equal(parseLine(await monitor.reply()).words, '"PING" "next"');
});

Deno.test("A MONITOR client that does not read is disconnected, and nobody else is affected", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { monitorBacklogBytes: 200_000 } },
  });
  using deaf = await startMonitor(gateway);
  using listener = await startMonitor(gateway);
  assert.equal(parseLine(await deaf.reply()).words, `"MONITOR"`);
  using client = await gateway.connect();
  const message = "x".repeat(50_000);
  let shownCount = 0;
  while (gateway.rafka.server.sessionCount === 3) {
    assert.equal(await client.ask("PING", message), `$50000\r\n${message}\r\n`);
    assert.equal(parseLine(await listener.reply()).words, `"PING" "${message}"`);
    assert.ok(++shownCount < 5_000, "250 MB are more than any socket holds");
  }
  assert.equal(gateway.rafka.server.sessionCount, 2);
  assert.match(
    await client.ask("INFO", "stats"),
    /^client_output_buffer_limit_disconnections:1\r$/m,
  );
  assert.equal(parseLine(await listener.reply()).words, '"INFO" "stats"');
  assert.equal(await client.ask("PING", "after"), "$5\r\nafter\r\n");
  assert.equal(parseLine(await listener.reply()).words, '"PING" "after"');
  await deaf.untilClosed();
});

async function startMonitor(gateway: TestGateway): Promise<TestClient> {
  const monitor = await gateway.connect();
  assert.equal(await monitor.ask("MONITOR"), "+OK\r\n");
  return monitor;
}

function parseLine(line: string): { seconds: number; id: string; words: string } {
  const match = LINE.exec(line);
  assert.ok(match, `Not a line of MONITOR: ${JSON.stringify(line.slice(0, 300))}`);
  return { seconds: Number(match[1]), id: match[3]!, words: match[4]! };
}

Deno.test("MONITOR cuts a command with many large arguments and stalls nobody", async () => {
  await using gateway = await TestGateway.start();
  using monitor = await gateway.connect();
  assert.equal(await monitor.ask("MONITOR"), "+OK\r\n");
  using client = await gateway.connect();
  await client.send("PING", ...Array.from({ length: 500 }, () => "\x80".repeat(60_000)));
  assert.match(await client.reply(), /^-ERR wrong number of arguments/);
  const line = await monitor.reply();
  assert.ok(line.length < 300_000, `${line.length}`);
  assert.match(line, /\.\.\. \(\d+ more arguments\)\r\n$/);
});
