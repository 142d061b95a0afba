/**
 * Memory for requests that have not arrived as a whole: bounded for all connections together, by making them wait.
 *
 * @module
 */
import assert from "node:assert/strict";
import { InputBudget } from "../../src/net/input_budget.ts";
import { ConfigFile } from "../support/config_file.ts";
import { encode, readText, type TestClient } from "../support/client.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { Program } from "../support/program.ts";
import { resourcesOf } from "../support/resources.ts";

const MIB = 1024 * 1024;
/** The product gives 5 s. */
const STALL_MS = 1_000;
const LIMITED = {
  config: { server: { maxInputBytes: MIB } },
  timeouts: { inputStallMs: STALL_MS },
};
/** No message, so its size is not that of messages; its reply is short. */
const bigRequest = (byteLength: number): Uint8Array =>
  encode(["RPUSH", "acks", new Uint8Array(byteLength).fill(0x78)]);
const BIG_REPLY = /^-CONS Cannot parse ack: 'x{1000}/;

Deno.test("Large requests of many clients at once take the memory of few, and all are answered", async () => {
  using file = new ConfigFile(JSON.stringify({ server: { maxInputBytes: 8 * MIB } }));
  await using program = await Program.start(["--dev", "--config", file.path]);
  const request = bigRequest(15 * MIB);
  const before = (await resourcesOf(program.pid)).memoryBytes;
  await Promise.all(Array.from({ length: 20 }, async () => {
    using client = await program.connect();
    const [reply] = await Promise.all([client.reply(60_000), client.write(request)]);
    assert.match(reply, BIG_REPLY);
  }));
  const grownBytes = (await resourcesOf(program.pid)).peakMemoryBytes - before;
  assert.ok(grownBytes < 110 * MIB, `${(grownBytes / MIB).toFixed(1)} MiB more`);
});

Deno.test("Requests wait for room in the order in which they came; small ones do not, and INFO shows it", async () => {
  await using gateway = await TestGateway.start(LIMITED);
  const { inputBudget } = gateway.rafka.server.state;
  const request = bigRequest(900_000);
  using stack = new DisposableStack();
  const clients: TestClient[] = [];
  for (let i = 0; i < 4; i++) clients.push(stack.use(await gateway.connect()));
  for (const client of clients) void client.write(request.subarray(0, 600_000));
  await until(() => inputBudget.waiting >= 2, "those that wait for the first ones");
  using other = await gateway.connect();
  assert.equal(await other.ask("PING", "x".repeat(10_000)), `$10000\r\n${"x".repeat(10_000)}\r\n`);
  const info = readText(await other.ask("INFO", "memory"));
  assert.match(info, /^input_limit_bytes:1048576\r$/m);
  assert.match(info, /^input_waiting_clients:[23]\r$/m);
  const used = Number(/^input_bytes:(\d+)/m.exec(info)?.[1]);
  assert.ok(used > MIB / 2 && used < 2 * MIB, `${used}`);
  for (const client of clients) void client.write(request.subarray(600_000));
  for (const client of clients) assert.match(await client.reply(), BIG_REPLY);
  await until(() => inputBudget.usedBytes === 0, "no memory that is held");
});

Deno.test("Who holds memory and sends nothing is told so and closed when others wait for it, not before", async () => {
  await using gateway = await TestGateway.start(LIMITED);
  const { inputBudget } = gateway.rafka.server.state;
  using stalled = await gateway.connect();
  using collecting = await gateway.connect();
  await collecting.ask("MULTI");
  await collecting.ask("PING", "x".repeat(400_000));
  await stalled.write(bigRequest(900_000).subarray(0, 700_000));
  await until(() => inputBudget.usedBytes > 1_200_000, "memory that is held");
  using client = await gateway.connect();
  const asked = client.write(bigRequest(900_000));
  using next = await gateway.connect();
  await Promise.all([asked, next.write(bigRequest(900_000))]);
  assert.match(await client.reply(), BIG_REPLY);
  assert.match(await next.reply(), BIG_REPLY);
  const refusal =
    /^-ERR Protocol error: too slow, less than 327680 bytes of a request in 1000 ms, while others wait for its memory \(maxInputBytes is 1048576\)\r\n$/;
  assert.match(await stalled.untilClosed(), refusal);
});

Deno.test("What is sent behind a BLPOP that waits leaves half of the memory to others", async () => {
  await using gateway = await TestGateway.start(LIMITED);
  const { inputBudget } = gateway.rafka.server.state;
  using worker = await gateway.connectAs("group:a");
  await worker.send("BLPOP", "topics:t", 0);
  const behind = encode(["PING", "x".repeat(1_000)]);
  const all = new Uint8Array(900 * behind.byteLength);
  for (let i = 0; i < 900; i++) all.set(behind, i * behind.byteLength);
  const writing = worker.write(all);
  await until(() => inputBudget.usedBytes > 300_000, "memory that is held");
  using other = await gateway.connect();
  await other.write(bigRequest(900_000));
  assert.match(await other.reply(), BIG_REPLY);
  assert.ok(inputBudget.usedBytes <= MIB / 2, `${inputBudget.usedBytes}`);
  assert.equal(await other.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
  assert.match(await worker.reply(), /hello/);
  await writing;
  for (let i = 0; i < 900; i++) assert.match(await worker.reply(), /^\$1000\r\nx{1000}\r\n$/);
});

Deno.test("Clients that wait for room hold up no shutdown, and one that hangs up makes room", async () => {
  await using running = new AsyncDisposableStack();
  const gateway = running.use(await TestGateway.start(LIMITED));
  const { inputBudget } = gateway.rafka.server.state;
  const part = bigRequest(900_000).subarray(0, 700_000);
  using first = await gateway.connect();
  await first.write(part);
  await until(() => inputBudget.usedBytes > 700_000, "memory that is held");
  using clients = new DisposableStack();
  for (let i = 0; i < 3; i++) void clients.use(await gateway.connect()).write(part).catch(() => {});
  await until(() => inputBudget.waiting === 2, "two that wait for the one above the limit");
  first[Symbol.dispose]();
  await gateway.untilSessions(3);
  await running.disposeAsync();
  assert.deepEqual([inputBudget.usedBytes, inputBudget.waiting], [0, 0]);
});

Deno.test("Clients that do not read their replies hold up no others for long", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { maxInputBytes: 16 * MIB } },
    timeouts: { inputStallMs: STALL_MS },
  });
  const { inputBudget } = gateway.rafka.server.state;
  using stack = new DisposableStack();
  const request = encode(["PING", new Uint8Array(15 * MIB).fill(0x78)]);
  const deaf: TestClient[] = [];
  for (let i = 0; i < 3; i++) deaf.push(stack.use(await gateway.connect()));
  for (const client of deaf) void client.write(request).catch(() => {});
  await until(() => inputBudget.usedBytes > 29 * MIB, "replies that are not read");
  using client = await gateway.connect();
  void client.write(bigRequest(2 * MIB)).catch(() => {});
  assert.match(await client.reply(45_000), BIG_REPLY);
});

Deno.test("Clients that stay in MULTI hold one request above the limit, all together", async () => {
  await using gateway = await TestGateway.start(LIMITED);
  const { inputBudget } = gateway.rafka.server.state;
  using stack = new DisposableStack();
  const word = "x".repeat(200_000);
  let mostBytes = 0;
  const asking = Array.from({ length: 10 }, async () => {
    const client = stack.use(await gateway.connect());
    await client.ask("MULTI");
    for (let i = 0; i < 20; i++) {
      await client.ask("PING", word);
      mostBytes = Math.max(mostBytes, inputBudget.usedBytes);
    }
    await client.ask("DISCARD");
  });
  await Promise.all(asking);
  assert.ok(mostBytes < 20 * 200_000 + 2 * MIB, `${mostBytes} bytes`);
});

Deno.test("A request above the limit does not hold up those that fit", () => {
  const budget = new InputBudget(MIB, 5_000);
  const refuse = (): void => {};
  const holder = { pendingBytes: 0, refuse, cutOff: refuse, refuseAhead: refuse };
  const [above, waiting, small] = [budget.open(holder), budget.open(holder), budget.open(holder)];
  assert.equal(above.need(2 * MIB, 3 * MIB, false), undefined);
  assert.ok(waiting.need(500_000, 2 * MIB, false) instanceof Promise);
  assert.equal(small.need(100_000, 200_000, false), undefined);
  for (const share of [above, waiting, small]) share.close();
  assert.deepEqual([budget.usedBytes, budget.waiting], [0, 0]);
});

Deno.test("A request above the limit that comes slowly has four times as long while others wait", async () => {
  await using gateway = await TestGateway.start(LIMITED);
  const { inputBudget } = gateway.rafka.server.state;
  using stack = new DisposableStack();
  const slow = stack.use(await gateway.connect());
  const waiting = stack.use(await gateway.connect());
  await slow.write(bigRequest(30 * MIB).subarray(0, 2 * MIB));
  await until(() => inputBudget.usedBytes > 2 * MIB, "the one above the limit");
  void waiting.write(bigRequest(4 * MIB)).catch(() => {});
  await until(() => inputBudget.waiting === 1, "the next one");
  const piece = new Uint8Array(400 * 1024).fill(0x78);
  const drip = setInterval(() => void slow.write(piece).catch(() => {}), STALL_MS / 2);
  try {
    assert.match(await waiting.reply(32_000), BIG_REPLY);
    assert.match(
      await slow.untilClosed(),
      /^-ERR Protocol error: too slow, no whole request in 4000 ms/,
    );
  } finally {
    clearInterval(drip);
  }
});

Deno.test("A hang-up behind much that was sent behind BLPOP 0 is noticed within seconds", async () => {
  await using gateway = await TestGateway.start(LIMITED);
  const request = encode(["PING", "x".repeat(100_000)]);
  for (let i = 0; i < 2; i++) {
    const client = await gateway.connectAs(`group-${i}:a`);
    await client.send("BLPOP", "topics:t", 0);
    for (let k = 0; k < 9; k++) void client.write(request).catch(() => {});
    await until(() => gateway.rafka.server.state.inputBudget.usedBytes > 0, "what was sent");
    client[Symbol.dispose]();
  }
  await gateway.untilSessions(0, 25_000);
});
