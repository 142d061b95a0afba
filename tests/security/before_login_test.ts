/**
 * Properties 1 to 4: what a client may do that has not logged in.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commands } from "../../src/commands/registry.ts";
import { serverDefaults } from "../../src/config/schema.ts";
import type { ByteStream, Listener } from "../../src/net/byte_stream.ts";
import { TcpListener } from "../../src/net/tcp.ts";
import { Server } from "../../src/session/server.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { TestClient } from "../support/client.ts";
import { until } from "../support/gateway.ts";
import { TestKafka } from "../support/kafka_environment.ts";
import { serverParts } from "../support/server_parts.ts";
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

Deno.test("2: clients without a login take no memory from requests of those with one", async () => {
  await using gateway = await startWith(undefined, { maxInputBytes: 1024 * 1024 });
  const part = `*10\r\n${`$16384\r\n${"x".repeat(16_384)}\r\n`.repeat(9)}`;
  const guests = await Promise.all(Array.from({ length: 40 }, () => gateway.connect()));
  for (const guest of guests) await guest.write(part);
  const { inputBudget, guestInputBudget } = gateway.rafka.server.state;
  await until(() => guestInputBudget.waiting > 0, "guests that wait for memory");
  assert.equal(inputBudget.usedBytes, 0);
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("RPUSHX", "topics:red", "m".repeat(900_000)), ":1\r\n");
  assert.ok(guestInputBudget.waiting > 0);
  // the memory is the user's from its login on, and a guest's again behind RESET
  await red.write(`*3\r\n$6\r\nRPUSHX\r\n$10\r\ntopics:red\r\n$500000\r\n${"m".repeat(400_000)}`);
  await until(() => inputBudget.usedBytes > 0, "the memory of a user's request");
  await red.write(`${"m".repeat(100_000)}\r\n`);
  assert.equal(await red.reply(), ":1\r\n");
  await until(() => inputBudget.usedBytes === 0, "no memory of users");
  assert.equal(await red.ask("RESET"), "+RESET\r\n");
  await red.write(part);
  await until(() => guestInputBudget.waiting > 1, "one more guest");
  assert.equal(inputBudget.usedBytes, 0);
  for (const guest of guests) guest[Symbol.dispose]();
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

Deno.test("4: clients that fail before their login keep no place, and nobody else from being served", async () => {
  await using gateway = await startWith(undefined, { maxClients: 20 });
  using red = await connectAs(gateway, "red");
  const bad = [
    "*x\r\n",
    "*11\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "\x16\x03\x01\x02\0\x01",
    "",
    "AUTH red no\r\n",
  ];
  for (let round = 0; round < 20; round++) {
    for (const bytes of bad) {
      using client = await gateway.connect();
      await client.write(bytes);
      if (bytes.startsWith("AUTH")) assert.match(await client.reply(), /^-WRONGPASS/);
      else if (bytes !== "") await client.untilClosed();
    }
    assert.equal(await red.ask("RPUSHX", "topics:red", "m"), ":1\r\n");
  }
  await gateway.untilSessions(1);
  using late = await connectAs(gateway, "red");
  assert.equal(await late.ask("PING"), "+PONG\r\n");
});

Deno.test("4: where all connections are taken, those without a login give way, the oldest first", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await startWith(undefined, { maxClients: 3 });
  const guests: TestClient[] = []; // one after the other: the first is the oldest
  while (guests.length < 3) guests.push(await gateway.connect());
  await gateway.untilSessions(3);
  const users = [];
  for (const guest of guests) {
    const user = await connectAs(gateway, "red");
    assert.equal(await user.ask("RPUSHX", "topics:red", "m"), ":1\r\n");
    assert.equal(await guest.untilClosed(), "");
    users.push(user);
  }
  using late = await gateway.connect(); // kept above the limit, as this machine's are
  assert.equal(await late.ask("AUTH", "red", "red"), "+OK\r\n");
  assert.match(await late.ask("RPUSHX", "topics:red", "m"), /^-ERR max number of clients reached/);
  for (const user of users) assert.equal(await user.ask("PING"), "+PONG\r\n");
  await log.has("has not logged in and gives way");
  for (const client of [...guests, ...users]) client[Symbol.dispose]();
});

Deno.test("4: a flood of connections lets those that are connected have their turn", async () => {
  await using kafka = await TestKafka.start();
  const tcp = new TcpListener("127.0.0.1", 0);
  const flood = new Flood(20_000);
  const server = new Server([tcp, flood], {
    settings: { ...serverDefaults, maxClients: 10 },
    ...serverParts(kafka, tcp.port),
  });
  {
    using client = await TestClient.connect(tcp.port);
    assert.equal(await client.ask("PING"), "+PONG\r\n");
    flood.begin();
    for (let times = 0; times < 10; times++) assert.equal(await client.ask("PING"), "+PONG\r\n");
    assert.ok(flood.left > 10_000, `${flood.left} connections were left`);
  }
  await server.stop();
});

/** As many connections as are told, each there as soon as the one before is accepted; they send nothing and are gone. */
class Flood implements Listener {
  readonly address = "flood";
  readonly #closed = Promise.withResolvers<never>();
  readonly #begun = Promise.withResolvers<void>();
  left: number;

  constructor(count: number) {
    this.left = count;
    this.#closed.promise.catch(() => {});
  }

  begin(): void {
    this.#begun.resolve();
  }

  async accept(): Promise<ByteStream> {
    await Promise.race([this.#begun.promise, this.#closed.promise]);
    if (this.left-- <= 0) return await this.#closed.promise;
    return {
      remoteAddress: "10.0.0.1:1",
      localAddress: "10.0.0.2:1",
      isLocal: true,
      read: () => Promise.resolve(null),
      write: (bytes) => Promise.resolve(bytes.byteLength),
      closeWrite: () => Promise.resolve(),
      close: () => {},
      peerAnswers: () => Promise.resolve(true),
    };
  }

  close(): void {
    this.#closed.reject(new Deno.errors.BadResource("closed"));
  }
}
