/**
 * Commands that answer later: the connection goes on with the next ones, and replies leave in order.
 *
 * @module
 */
import assert from "node:assert/strict";
import { LaterReply } from "../../src/commands/core/later_reply.ts";
import { CommandTable, topLevel } from "../../src/commands/registry.ts";
import { bulk, map, type Reply } from "../../src/resp/reply.ts";
import { MAX_PENDING_REPLIES } from "../../src/session/outbox.ts";
import type { TestClient } from "../support/client.ts";
import { type GatewayOptions, TestGateway, until } from "../support/gateway.ts";

/** The replies of `LATER <name>`, which the test gives. */
class LaterReplies {
  readonly #asked: { readonly name: string; readonly reply: LaterReply }[] = [];

  readonly commands: CommandTable = new CommandTable([...topLevel, {
    name: "LATER",
    arity: 2,
    usage: "LATER name",
    summary: "Answers when the test says so",
    since: "0.6.0",
    group: "generic",
    flags: ["write"],
    right: "later",
    run: (_context, [name]): LaterReply => {
      const reply = new LaterReply();
      this.#asked.push({ name: new TextDecoder().decode(name), reply });
      return reply;
    },
  }]);

  get count(): number {
    return this.#asked.length;
  }

  answer(at: number, reply: Reply = bulk(this.#asked[at]!.name)): void {
    this.#asked[at]!.reply.answer(reply);
  }

  fail(at: number, why: Error): void {
    this.#asked[at]!.reply.fail(why);
  }

  async untilAsked(count: number): Promise<void> {
    await until(() => this.#asked.length === count, `LATER number ${count}`);
  }
}

async function withGateway(
  run: (later: LaterReplies, gateway: TestGateway) => Promise<void>,
  options: GatewayOptions = {},
): Promise<void> {
  const later = new LaterReplies();
  await using gateway = await TestGateway.start({ ...options, commands: later.commands });
  await run(later, gateway);
}

const bulkOf = (text: string): string => `$${text.length}\r\n${text}\r\n`;

async function expectReplies(client: TestClient, ...replies: string[]): Promise<void> {
  for (const reply of replies) assert.equal(await client.reply(), reply);
}

Deno.test("Commands behind one that answers later run at once, and replies leave in order", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    for (const name of ["a", "b"]) await client.send("LATER", name);
    await client.send("RPUSHX", "topics:t", "produced before the replies");
    await client.send("LATER", "c");
    await later.untilAsked(3);
    const { produced } = gateway.rafka.server.state.telemetry.messages;
    assert.equal(produced.total, 1);
    later.answer(2);
    later.answer(1);
    await client.send("ECHO", "held behind a");
    later.answer(0);
    await expectReplies(
      client,
      bulkOf("a"),
      bulkOf("b"),
      ":1\r\n",
      bulkOf("c"),
      bulkOf("held behind a"),
    );
  }));

Deno.test("A reply that is held keeps its bytes while the memory of its request is used again", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    await client.send("LATER", "a");
    const values = Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(200, `${n % 10}`));
    for (const value of values) {
      await client.send("ECHO", value);
      await client.send("PING");
    }
    await later.untilAsked(1);
    const { commands } = gateway.rafka.server.state.telemetry;
    await until(() => commands.total === 101, "all of them to run");
    later.answer(0);
    await expectReplies(client, bulkOf("a"));
    for (const value of values) await expectReplies(client, bulkOf(value), "+PONG\r\n");
  }));

Deno.test("An error that comes later is a reply in its place", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    await client.send("LATER", "a");
    await client.send("PING");
    await later.untilAsked(1);
    later.fail(0, new Error("on purpose"));
    await expectReplies(client, "-ERR internal error\r\n", "+PONG\r\n");
  }));

Deno.test("Each reply is in the protocol that its command was sent in", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    await client.send("LATER", "a");
    await client.send("HELLO", 3);
    await client.send("LATER", "b");
    await later.untilAsked(2);
    const reply = map([[bulk("k"), bulk("v")]]);
    later.answer(1, reply);
    later.answer(0, reply);
    assert.equal(await client.reply(), "*2\r\n$1\r\nk\r\n$1\r\nv\r\n");
    assert.match(await client.reply(), /^%7\r\n/);
    assert.equal(await client.reply(), "%1\r\n$1\r\nk\r\n$1\r\nv\r\n");
  }));

Deno.test("CLIENT REPLY OFF and SKIP hold for the commands that were sent under them", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    await client.send("LATER", "answered");
    await client.send("CLIENT", "REPLY", "SKIP");
    await client.send("LATER", "skipped");
    await client.send("CLIENT", "REPLY", "OFF");
    await client.send("LATER", "off");
    await client.send("CLIENT", "REPLY", "ON");
    await later.untilAsked(3);
    for (const at of [2, 1, 0]) later.answer(at);
    await expectReplies(client, bulkOf("answered"), "+OK\r\n");
    assert.equal(await client.ask("PING"), "+PONG\r\n");
  }));

Deno.test("In MULTI those that answer later are in flight together; EXEC waits for all", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    await client.ask("MULTI");
    for (const name of ["a", "b"]) assert.equal(await client.ask("LATER", name), "+QUEUED\r\n");
    await client.ask("PING");
    await client.send("EXEC");
    await later.untilAsked(2);
    later.answer(1);
    later.answer(0);
    assert.equal(await client.reply(), `*3\r\n${bulkOf("a")}${bulkOf("b")}+PONG\r\n`);
  }));

Deno.test("QUIT is answered behind what is pending, and then the connection ends", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    await client.send("LATER", "a");
    await client.send("QUIT");
    await later.untilAsked(1);
    later.answer(0);
    assert.equal(await client.untilClosed(), `${bulkOf("a")}+OK\r\n`);
  }));

Deno.test("RESET leaves what is pending in its place", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    await client.send("LATER", "a");
    await client.send("RESET");
    await later.untilAsked(1);
    later.answer(0);
    await expectReplies(client, bulkOf("a"), "+RESET\r\n");
  }));

Deno.test("Who has ended its half of the connection gets its replies", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    await client.send("LATER", "a");
    await client.endWriting();
    await later.untilAsked(1);
    later.answer(0);
    assert.equal(await client.untilClosed(), bulkOf("a"));
  }));

Deno.test("A killed client gets nothing, and its session ends while a reply is pending", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    using other = await gateway.connect();
    await client.send("CLIENT", "ID");
    const id = (await client.reply()).slice(1, -2);
    await client.send("LATER", "a");
    await later.untilAsked(1);
    assert.equal(await other.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
    assert.equal(await client.untilClosed(), "");
    await gateway.untilSessions(1);
    later.answer(0);
    assert.equal(await other.ask("PING"), "+PONG\r\n");
  }));

Deno.test("A client that hangs up does not keep its session, whatever is pending", () =>
  withGateway(async (later, gateway) => {
    const client = await gateway.connect();
    await client.send("LATER", "a");
    await later.untilAsked(1);
    client[Symbol.dispose]();
    await gateway.untilSessions(0);
    later.answer(0);
  }, { timeouts: { halfClosedMs: 100 } }));

Deno.test("A shutdown waits for what is pending, as long as it waits for deliveries", async () => {
  const later = new LaterReplies();
  const gateway = await TestGateway.start({ commands: later.commands });
  using client = await gateway.connect();
  await client.send("LATER", "a");
  await later.untilAsked(1);
  const stopping = gateway[Symbol.asyncDispose]();
  later.answer(0);
  assert.equal(await client.untilClosed(), bulkOf("a"));
  await stopping;
});

Deno.test("A shutdown ends, also where a reply never comes", async () => {
  const later = new LaterReplies();
  const server = { flushTimeoutMs: 100 };
  const gateway = await TestGateway.start({ commands: later.commands, config: { server } });
  using client = await gateway.connect();
  await client.send("LATER", "a");
  await later.untilAsked(1);
  await gateway[Symbol.asyncDispose]();
  assert.equal(await client.untilClosed(), "");
});

Deno.test("Only so many replies of a connection are pending; others are served meanwhile", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    using other = await gateway.connect();
    const more = 10;
    for (let n = 0; n < MAX_PENDING_REPLIES + more; n++) await client.send("LATER", n);
    await later.untilAsked(MAX_PENDING_REPLIES);
    assert.equal(await other.ask("PING"), "+PONG\r\n");
    assert.equal(later.count, MAX_PENDING_REPLIES);
    later.answer(0);
    await later.untilAsked(MAX_PENDING_REPLIES + 1);
    for (let n = 1; n <= MAX_PENDING_REPLIES; n++) later.answer(n);
    await later.untilAsked(MAX_PENDING_REPLIES + more);
    for (let n = MAX_PENDING_REPLIES + 1; n < MAX_PENDING_REPLIES + more; n++) later.answer(n);
    for (let n = 0; n < MAX_PENDING_REPLIES + more; n++) {
      assert.equal(await client.reply(), bulkOf(`${n}`));
    }
  }));

Deno.test("What is held behind a pending reply is bounded in bytes", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    await client.send("LATER", "first");
    await later.untilAsked(1);
    const large = "x".repeat(300_000);
    const count = 40;
    const echo = `*2\r\n$4\r\nECHO\r\n${bulkOf(large)}`;
    const writing = client.write(`${echo.repeat(count)}LATER behind\r\n`);
    const [one] = gateway.rafka.server.state.clientList;
    await until(() => one!.unwrittenBytes > 1024 * 1024, "replies to be held");
    using other = await gateway.connect();
    for (let n = 0; n < 100; n++) assert.equal(await other.ask("PING"), "+PONG\r\n");
    const { unwrittenBytes } = one!;
    later.answer(0);
    await expectReplies(client, bulkOf("first"));
    for (let n = 0; n < count; n++) await expectReplies(client, bulkOf(large));
    await writing;
    assert.ok(unwrittenBytes < 2 * 1024 * 1024, `${unwrittenBytes} bytes were held`);
    await later.untilAsked(2);
    later.answer(1);
    await expectReplies(client, bulkOf("behind"));
  }));

Deno.test("A consumed message counts as consumed when its reply is written, not while it is held", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connectAs("group:worker");
    await client.ask("RPUSHX", "topics:t", "m");
    await client.send("LATER", "a");
    await client.send("BLPOP", "topics:t", 20);
    await client.send("PING");
    const { consumed, unread } = gateway.rafka.server.state.telemetry.messages;
    const { commands } = gateway.rafka.server.state.telemetry;
    await until(() => commands.total === 5, "BLPOP's message");
    assert.equal(consumed.total, 0);
    later.answer(0);
    await expectReplies(client, bulkOf("a"));
    assert.match(await client.reply(), /^\*8\r\n/);
    await expectReplies(client, "+PONG\r\n");
    assert.deepEqual([consumed.total, unread.total], [1, 0]);
  }));

Deno.test("MONITOR's lines are behind its OK, and never within a reply that is held", () =>
  withGateway(async (later, gateway) => {
    using client = await gateway.connect();
    using other = await gateway.connect();
    await client.send("LATER", "a");
    await client.send("MONITOR");
    await later.untilAsked(1);
    await until(
      () => gateway.rafka.server.state.clientList.some(({ monitoring }) => monitoring),
      "MONITOR",
    );
    assert.equal(await other.ask("PING"), "+PONG\r\n");
    later.answer(0);
    await expectReplies(client, bulkOf("a"), "+OK\r\n");
    assert.match(await client.reply(), /"PING"\r\n$/);
  }));

/** Without an answer a connection is not idle: it waits for the gateway. */
Deno.test("idleTimeoutMs does not end a connection with a pending reply", () =>
  withGateway(
    async (later, gateway) => {
      using client = await gateway.connect();
      using idle = await gateway.connect();
      await client.send("LATER", "a");
      await later.untilAsked(1);
      assert.equal(await idle.untilClosed(), "");
      later.answer(0);
      await expectReplies(client, bulkOf("a"));
    },
    { config: { server: { idleTimeoutMs: 200 } } },
  ));
