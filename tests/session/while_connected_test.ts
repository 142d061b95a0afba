/**
 * Clients that hang up at any moment: what they held is given back at once, and what they had sent before is done.
 *
 * @module
 */
import assert from "node:assert/strict";
import { connectionId, untilListed } from "../support/client_list.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { counter, mustPop } from "../support/kafka.ts";
import { encodeRequest } from "../support/wire.ts";

const WAIT_FOR_EVER = encodeRequest(["BLPOP", "topics:t", "0"]);

Deno.test("A client that hangs up during BLPOP 0 ends its consumer at once", async () => {
  await using gateway = await TestGateway.start();
  const before = { ...gateway.library.handles.open };
  const client = await gateway.connectAs("group:a");
  await client.write(WAIT_FOR_EVER);
  await untilConsuming(gateway, before);
  client[Symbol.dispose]();
  await gateway.untilSessions(0);
  assert.deepEqual(gateway.library.handles.open, before);
});

Deno.test("A hundred clients hang up during BLPOP 0, and nothing of them is left", async () => {
  await using gateway = await TestGateway.start();
  const before = { ...gateway.library.handles.open };
  for (let round = 0; round < 10; round++) {
    const names = Array.from({ length: 10 }, (_, i) => `group-${i}:a`);
    const clients = await Promise.all(names.map((name) => gateway.connectAs(name)));
    for (const client of clients) await client.write(WAIT_FOR_EVER);
    for (const client of clients) client[Symbol.dispose]();
    await gateway.untilSessions(0);
  }
  assert.deepEqual(gateway.library.handles.open, before);
});

Deno.test("Consumers that go at any moment of their group's forming leave nothing, and nobody hangs", async () => {
  await using gateway = await TestGateway.start();
  const before = { ...gateway.library.handles.open };
  using clock = await gateway.connectAs("clock:a");
  for (let round = 0; round < 20; round++) {
    const names = Array.from({ length: 5 }, (_, i) => `group-${i}:a`);
    const clients = await Promise.all(names.map((name) => gateway.connectAs(name)));
    await Promise.all(clients.map((client) => client.pop("topics:t", 0.001)));
    await clock.pop("topics:t", 0.02 + round / 200);
    for (const client of clients) client[Symbol.dispose]();
    await gateway.untilSessions(1);
  }
  clock[Symbol.dispose]();
  await gateway.untilSessions(0);
  assert.deepEqual(gateway.library.handles.open, before);
});

Deno.test("A message that comes after the hang-up goes to the next consumer of the group", async () => {
  await using gateway = await TestGateway.start();
  const before = { ...gateway.library.handles.open };
  const gone = await gateway.connectAs("group:a");
  await gone.write(WAIT_FOR_EVER);
  await untilConsuming(gateway, before);
  gone[Symbol.dispose]();
  using producer = await gateway.connect();
  await producer.ask("RPUSHX", "topics:t", "hello");
  using next = await gateway.connectAs("group:a");
  assert.equal((await mustPop(next, "t")).value, "hello");
});

Deno.test("Commands behind the BLPOP that a client has left are not run", async () => {
  await using gateway = await TestGateway.start();
  const before = { ...gateway.library.handles.open };
  const client = await gateway.connectAs("group:a");
  const behind = encodeRequest(["RPUSHX", "topics:other", "x".repeat(1_000)]).repeat(300);
  await client.write(WAIT_FOR_EVER + behind);
  await untilConsuming(gateway, before);
  client[Symbol.dispose]();
  await gateway.untilSessions(0);
  using other = await gateway.connect();
  assert.equal(await counter(other, "producer.produced.messages"), 0);
});

Deno.test("What was sent behind a BLPOP is run when the BLPOP is answered, however much it is", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  const behind = encodeRequest(["PING", "x".repeat(50_000)]).repeat(100);
  const writing = client.write(encodeRequest(["BLPOP", "topics:t", "0.5"]) + behind);
  assert.equal(await client.reply(), "*-1\r\n");
  for (let i = 0; i < 100; i++) assert.match(await client.reply(), /^\$50000\r\nx+\r\n$/);
  await writing;
});

for (
  const [where, cut] of [
    ["a count", "*3\r"],
    ["a length", "*3\r\n$6\r\nRPUSHX\r\n$8"],
    ["a bulk", "*3\r\n$6\r\nRPUSHX\r\n$8\r\ntopics:t\r\n$100\r\nhello"],
    ["the last CRLF", "*3\r\n$6\r\nRPUSHX\r\n$8\r\ntopics:t\r\n$5\r\nhello"],
    ["an inline command", "RPUSHX topics:t hello"],
  ] as const
) {
  Deno.test(`A client that hangs up in the middle of ${where} has sent the commands before it only`, async () => {
    await using gateway = await TestGateway.start();
    const client = await gateway.connect();
    await client.write(encodeRequest(["RPUSHX", "topics:t", "before"]) + cut);
    assert.equal(await client.reply(), ":1\r\n");
    client[Symbol.dispose]();
    await gateway.untilSessions(0);
    using other = await gateway.connect();
    assert.equal(await counter(other, "producer.produced.messages"), 1);
    assert.equal(await counter(other, "producer.delivered.messages"), 1);
  });
}

Deno.test("A client that hangs up after a protocol error, without reading it, is gone at once", async () => {
  await using gateway = await TestGateway.start();
  const client = await gateway.connectAs("group:a");
  await client.pop("topics:t", 0.001);
  await client.write("*x\r\n" + "rubbish".repeat(100_000));
  client[Symbol.dispose]();
  await gateway.untilSessions(0);
  using _again = await gateway.connectAs("group:a");
});

Deno.test("A client that hangs up with replies unread is gone, and the others go on", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  const client = await gateway.connect();
  await client.write(encodeRequest(["PING", "x".repeat(10_000)]).repeat(20));
  client[Symbol.dispose]();
  await gateway.untilSessions(1);
  assert.equal(await other.ask("PING"), "+PONG\r\n");
});

Deno.test("What a client produced before it hung up is delivered", async () => {
  await using gateway = await TestGateway.start({ config: { producer: { "linger.ms": 60_000 } } });
  const client = await gateway.connect();
  await client.write(encodeRequest(["RPUSHX", "topics:t", "hello"]).repeat(100));
  for (let i = 0; i < 100; i++) assert.equal(await client.reply(), ":1\r\n");
  client[Symbol.dispose]();
  await gateway.untilSessions(0);
  using other = await gateway.connect();
  assert.equal(await counter(other, "producer.delivered.messages"), 100);
  assert.equal(await counter(other, "producer.unflushed.messages"), 0);
});

Deno.test("A client that only ends its sending half gets every reply, DUMP's too", async () => {
  await using gateway = await TestGateway.start({ config: { producer: { "linger.ms": 60_000 } } });
  using client = await gateway.connect();
  await client.write(
    encodeRequest(["RPUSHX", "topics:t", "hello"]).repeat(100) +
      encodeRequest(["DUMP", "20000"]) + encodeRequest(["PING", "last"]),
  );
  await client.endWriting();
  assert.equal(await client.untilClosed(), ":1\r\n".repeat(100) + ":0\r\n$4\r\nlast\r\n");
  await gateway.untilSessions(0);
});

for (
  const [what, commands, replies] of [
    ["DUMP", ["RPUSHX topics:t x", "DUMP 20000"], ":1\r\n:0\r\n"],
    ["KEYS", ["KEYS topics:none"], "*0\r\n"],
    ["INFO", ["INFO keyspace"], "$12\r\n# Keyspace\r\n\r\n"],
    ["EXEC", ["MULTI", "EXISTS topics:none", "EXEC"], "+OK\r\n+QUEUED\r\n*1\r\n:0\r\n"],
    ["RESET", ["RESET"], "+RESET\r\n"],
    ["QUIT", ["QUIT"], "+OK\r\n"],
  ] as const
) {
  Deno.test(`A worker that only ends its sending half gets every reply, that of ${what} too`, async () => {
    await using gateway = await TestGateway.start();
    using client = await gateway.connect();
    const all = ["CLIENT SETNAME group:a", ...commands, "PING last"];
    await client.write(all.map((command) => encodeRequest(command.split(" "))).join(""));
    await client.endWriting();
    const last = what === "QUIT" ? "" : "$4\r\nlast\r\n";
    assert.equal(await client.untilClosed(), `+OK\r\n${replies}${last}`);
    await gateway.untilSessions(0);
  });
}

Deno.test("A name is given up by a worker that has ended its sending half and still waits for a delivery", async () => {
  const config = {
    general: { "bootstrap.servers": "127.0.0.1:1", "log_level": 0 },
    server: { flushTimeoutMs: 500 },
  };
  await using gateway = await TestGateway.start({ config });
  using client = await gateway.connectAs("group:a");
  await client.write(
    encodeRequest(["RPUSHX", "topics:t", "x"]) + encodeRequest(["DUMP", "60000"]),
  );
  assert.equal(await client.reply(), ":1\r\n");
  await client.endWriting();
  const startMs = performance.now();
  using _next = await gateway.connectAs("group:a");
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs < 3_000, `${tookMs} ms`);
});

Deno.test("A consumer that ends its sending half during BLPOP gets the replies before it", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const name = encodeRequest(["CLIENT", "SETNAME", "group:a"]);
  await client.write(name + encodeRequest(["PING"]) + WAIT_FOR_EVER + encodeRequest(["PING"]));
  await client.endWriting();
  assert.equal(await client.untilClosed(), "+OK\r\n+PONG\r\n");
  await gateway.untilSessions(0);
});

Deno.test("A consumer that only ends its sending half during BLPOP gets no reply that nobody gave", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await client.write(WAIT_FOR_EVER + encodeRequest(["PING"]));
  await client.endWriting();
  assert.equal(await client.untilClosed(), "");
  using _next = await gateway.connectAs("group:a");
});

Deno.test("A message in a reply that could not be written counts as unread, and is handed out again", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  const messages = Array.from({ length: 60 }, (_, n) => `${n}`.padStart(70_000, "."));
  for (const message of messages) await other.ask("RPUSHX", "topics:t:key", message);
  const client = await gateway.connectAs("group:a");
  const id = await connectionId(client);
  const pair = encodeRequest(["PING", "x".repeat(200_000)]) +
    encodeRequest(["BLPOP", "topics:t", "0"]); // together they are written at once
  const writing = client.write(pair.repeat(messages.length)).catch(() => {});
  await until(async () => {
    const { idle, omem } = await untilListed(other, { id });
    return Number(idle) > 0 && Number(omem) > 0;
  }, "the gateway to stop reading, since replies do not fit into the connection");
  const consumed = await counter(other, "consumer.consumed.messages");
  client[Symbol.dispose]();
  await writing;
  await gateway.untilSessions(1);
  assert.ok(consumed < messages.length);
  assert.equal(await counter(other, "consumer.consumed.messages"), consumed);
  assert.equal(await counter(other, "consumer.unread.messages"), 1);
  using next = await gateway.connectAs("group:a");
  for (const message of messages) assert.equal((await mustPop(next, "t")).value, message);
});

/** Waits until a consumer is there: more native handles than before. */
async function untilConsuming(
  gateway: TestGateway,
  before: Readonly<Record<string, number>>,
): Promise<void> {
  const count = (open: Readonly<Record<string, number>>): number => open["rd_kafka_t"] ?? 0;
  await until(
    () => count(gateway.library.handles.open) > count(before),
    "a consumer",
  );
}
