/**
 * @module
 * Memory for requests that have not arrived as a whole: bounded for all connections together, by making them wait.
 */
import assert from "node:assert/strict";
import { ConfigFile } from "../support/config_file.ts";
import { encode, readText, type TestClient } from "../support/client.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { Program } from "../support/program.ts";
import { resourcesOf } from "../support/resources.ts";

const MIB = 1024 * 1024;
const LIMITED = { config: { server: { maxInputBytes: MIB } } };
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
  const { inputBudget } = gateway.rafka.server;
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
  const { inputBudget } = gateway.rafka.server;
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
    /^-ERR Protocol error: too slow, less than 327680 bytes of a request in 5000 ms, while others wait for its memory \(maxInputBytes is 1048576\)\r\n$/;
  assert.match(await stalled.untilClosed(), refusal);
});

Deno.test("What is sent behind a BLPOP that waits leaves half of the memory to others", async () => {
  await using gateway = await TestGateway.start(LIMITED);
  const { inputBudget } = gateway.rafka.server;
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
  const { inputBudget } = gateway.rafka.server;
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
