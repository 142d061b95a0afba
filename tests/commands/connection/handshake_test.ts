/**
 * HELLO, AUTH and RESET: which protocol replies are written in, who the connection is, and what RESET forgets.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readPopped } from "../../support/client.ts";
import { connectionId, untilBlocked, untilListed } from "../../support/client_list.ts";
import { TestGateway } from "../../support/gateway.ts";
import { ack, counter, mustPop, TestCluster } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

Deno.test("HELLO answers who we are, as an array in RESP2 and as a map in RESP3", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const id = await connectionId(client);
  const fields = (protocol: number): string =>
    "$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.4.0\r\n" +
    `$5\r\nproto\r\n:${protocol}\r\n$2\r\nid\r\n:${id}\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n` +
    "$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n";
  assert.equal(await client.ask("HELLO"), `*14\r\n${fields(2)}`);
  assert.equal(await client.ask("HELLO", 3), `%7\r\n${fields(3)}`);
  assert.equal(await client.ask("hello"), `%7\r\n${fields(3)}`);
  assert.equal(await client.ask("HELLO", 2), `*14\r\n${fields(2)}`);
});

Deno.test("From HELLO 3 on replies are RESP3: maps, nulls and verbatim texts", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  assert.match(await client.ask("HGETALL", "stats"), /^\*26\r\n\$/);
  assert.equal(await client.ask("GET", "x"), "$-1\r\n");
  await client.ask("HELLO", 3);
  assert.match(await client.ask("HGETALL", "stats"), /^%13\r\n\$/);
  assert.match(await client.ask("CONFIG", "GET", "databases"), /^%1\r\n\$9\r\ndatabases\r\n\$/);
  assert.equal(await client.ask("GET", "x"), "_\r\n");
  assert.match(await client.ask("INFO"), /^=\d+\r\ntxt:# Server\r\n/);
  assert.match(await client.ask("CLIENT", "INFO"), /^=\d+\r\ntxt:id=/);
  assert.equal(await client.ask("BLPOP", "topics:t", 0.001), "_\r\n");
  assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
  assert.equal(readPopped(await client.ask("BLPOP", "topics:t", 20))?.value, "hello");
});

Deno.test("In one packet, what is before HELLO is answered in RESP2, what is behind it in RESP3", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const get = ["GET", "x"];
  await client.write(pipeline(get, ["HELLO", "3"], get, ["HELLO", "2"], get, ["HELLO", "3"], get));
  const replies: string[] = [];
  for (let i = 0; i < 7; i++) replies.push((await client.reply()).slice(0, 2));
  assert.deepEqual(replies, ["$-", "%7", "_\r", "*1", "$-", "%7", "_\r"]);
});

Deno.test("HELLO SETNAME claims an identity: BLPOP works, and what is pipelined behind it", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  await client.write(
    pipeline(
      ["HELLO", "3", "AUTH", "default", "secret", "SETNAME", "group:a"],
      [
        "CLIENT",
        "GETNAME",
      ],
      ["RPUSHX", "topics:t", "hello"],
      ["BLPOP", "topics:t", "20"],
    ),
  );
  assert.match(await client.reply(), /^%7\r\n/);
  assert.equal(await client.reply(), "$7\r\ngroup:a\r\n");
  assert.equal(await client.reply(), ":1\r\n");
  assert.equal(readPopped(await client.reply())?.value, "hello");
  assert.match(await client.ask("HELLO", 3, "SETNAME", "group:a"), /^%7/, "the same name again");
  assert.equal(
    await client.ask("HELLO", 2, "SETNAME", "group:b"),
    "-CONS Client ID is already set to group:a\r\n",
  );
  using other = await gateway.connect();
  assert.equal(
    await other.ask("CLIENT", "SETNAME", "group:a"),
    "-CONS id group:a is already taken\r\n",
  );
});

Deno.test("A HELLO that is refused changes neither protocol nor name", async () => {
  await using gateway = await TestGateway.start();
  using _holder = await gateway.connectAs("group:a");
  using client = await gateway.connectAs("label");
  const rows: [words: string[], error: RegExp][] = [
    [["3", "SETNAME", "group:a"], /^-CONS id group:a is already taken\r\n$/],
    [["3", "SETNAME", "a b"], /^-ERR Client names cannot contain spaces/],
    [["3", "AUTH", "somebody", "secret", "SETNAME", "group:b"], /^-WRONGPASS /],
    [["3", "AUTH", "secret"], /^-ERR Syntax error in HELLO option 'AUTH'\r\n$/],
    [["3", "SETNAME"], /^-ERR Syntax error in HELLO option 'SETNAME'\r\n$/],
    [["3", "SETNAME", "group:b", "x"], /^-ERR Syntax error in HELLO option 'x'\r\n$/],
    [["4"], /^-NOPROTO unsupported protocol version\r\n$/],
    [["x"], /^-ERR Protocol version is not an integer/],
  ];
  for (const [words, error] of rows) {
    assert.match(await client.ask("HELLO", ...words), error, words.join(" "));
    assert.equal(await client.ask("GET", "x"), "$-1\r\n", words.join(" "));
    assert.equal(await client.ask("CLIENT", "GETNAME"), "$5\r\nlabel\r\n", words.join(" "));
  }
});

Deno.test("AUTH lets in the default user only, and MONITOR never shows a password", async () => {
  await using gateway = await TestGateway.start();
  using monitor = await gateway.connect();
  await monitor.ask("MONITOR");
  using client = await gateway.connect();
  const rows: [words: string[], reply: RegExp, shown: string | undefined][] = [
    [["AUTH", "secret"], /^-ERR AUTH <password> called without/, '"AUTH" "(redacted)"'],
    [["AUTH", "default", "secret"], /^\+OK/, '"AUTH" "(redacted)" "(redacted)"'],
    [["auth", "secret", "secret"], /^-WRONGPASS/, '"auth" "(redacted)" "(redacted)"'],
    [["AUTH", "a", "secret", "secret"], /^-ERR syntax/, '"AUTH"' + ' "(redacted)"'.repeat(3)],
    [["AUTH"], /^-ERR wrong number/, undefined],
    [
      ["HELLO", "3", "auth", "default", "secret", "SETNAME", "x"],
      /^%7/,
      '"HELLO" "3" "auth" "(redacted)" "(redacted)" "SETNAME" "x"',
    ],
    [["HELLO", "3", "AUTH", "secret"], /^-ERR/, '"HELLO" "3" "AUTH" "(redacted)"'],
    [["HELLO", "AUTH", "a", "secret"], /^-ERR/, '"HELLO" "AUTH" "(redacted)" "(redacted)"'],
    [
      ["HELLO", "3", "AUTH", "default", "secret", "AUTH", "default", "secret"],
      /^%7/,
      '"HELLO" "3"' + ' "AUTH" "(redacted)" "(redacted)"'.repeat(2),
    ],
    [["HELLO", "3", "SETNAME", "AUTH", "AUTH", "default", "secret"], /^%7/, undefined],
  ];
  for (const [words, reply, shown] of rows) {
    assert.match(await client.ask(...words), reply, words.join(" "));
    await client.ask("PING", "end");
    let lines = "";
    do lines += await monitor.reply(); while (!lines.includes('"end"'));
    assert.ok(!lines.includes("secret"), lines);
    if (shown !== undefined) assert.ok(lines.includes(`] ${shown}\r\n`), lines);
  }
});

Deno.test("RESET makes a connection what it was: RESP2, no name, no MONITOR, all replies", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  using client = await gateway.connect();
  const id = await connectionId(client);
  await client.ask("HELLO", 3, "SETNAME", "group:a");
  await client.ask("CLIENT", "NO-EVICT", "ON");
  assert.equal(await client.ask("MONITOR"), "+OK\r\n");
  await client.send("RESET");
  assert.match(await client.reply(), /"RESET"\r\n$/);
  assert.equal(await client.reply(), "+RESET\r\n");
  await other.ask("PING", "not shown");
  assert.equal(await client.ask("GET", "x"), "$-1\r\n");
  const { length } = client.address;
  assert.equal(await client.ask("CLIENT", "GETNAME"), `$${length}\r\n${client.address}\r\n`);
  await untilListed(other, { id, name: "", flags: "N", resp: "2", group: "" });
});

Deno.test("RESET gives the name to others at once, and the un-acked message to the next worker", async () => {
  await using gateway = await TestGateway.start();
  using producer = await gateway.connect();
  await producer.ask("RPUSHX", "topics:t:key", "one", "two");
  using client = await gateway.connectAs("group:a");
  await ack(client, await mustPop(client, "t"));
  assert.equal((await mustPop(client, "t")).value, "two");
  assert.equal(await client.ask("RESET"), "+RESET\r\n");
  assert.match(await client.ask("RPUSH", "acks", "t:0:1"), /^-CONS No consumer registered/);
  using next = await gateway.connectAs("group:a");
  assert.equal((await mustPop(next, "t")).value, "two");
  await client.ask("CLIENT", "SETNAME", "group:b"); // and it may be somebody else
  assert.equal(await client.ask("BLPOP", "topics:t", 0.001), "*-1\r\n");
});

Deno.test("RESET and its name again on the same connection, many times, leaves one consumer", async () => {
  await using gateway = await TestGateway.start({ config: { server: { producerPool: 0 } } });
  const before = { ...gateway.library.handles.open };
  using producer = await gateway.connect();
  using client = await gateway.connect();
  for (let round = 0; round < 10; round++) {
    const name = ["CLIENT", "SETNAME", "group:a"];
    await client.write(pipeline(name, ["BLPOP", "topics:t", "0.01"], ["RESET"]));
    assert.equal(await client.reply(), "+OK\r\n");
    assert.equal(await client.reply(), "*-1\r\n");
    assert.equal(await client.reply(), "+RESET\r\n");
  }
  await producer.ask("RPUSHX", "topics:t", "hello");
  await client.ask("CLIENT", "SETNAME", "group:a");
  assert.equal((await mustPop(client, "t")).value, "hello");
  producer[Symbol.dispose]();
  client[Symbol.dispose]();
  await gateway.untilSessions(0);
  assert.deepEqual(gateway.library.handles.open, before);
});

Deno.test("A BLPOP before RESET is answered first, one behind it is refused", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  using client = await gateway.connectAs("group:a");
  const id = await connectionId(client);
  const pop = ["BLPOP", "topics:t", "0"];
  await client.write(pipeline(pop, ["RESET"], pop, ["PING"]));
  await untilBlocked(other, id);
  await other.ask("RPUSHX", "topics:t", "hello");
  assert.equal(readPopped(await client.reply())?.value, "hello");
  assert.equal(await client.reply(), "+RESET\r\n");
  assert.match(await client.reply(), /^-CONS Connection not ready/);
  assert.equal(await client.reply(), "+PONG\r\n");
  assert.equal(await counter(other, "consumer.consumed.messages"), 1);
  using next = await gateway.connectAs("group:a");
  assert.equal((await mustPop(next, "t")).value, "hello");
});

Deno.test("A client that hangs up during RESET gives its name back when its consumer has left", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: cluster.config({ server: { producerPool: 0 } }),
  });
  const before = { ...gateway.library.handles.open };
  using other = await gateway.connect();
  await other.ask("RPUSHX", "topics:t:key", "one", "two");
  const client = await gateway.connectAs("group:a");
  const id = await connectionId(client);
  await ack(client, await mustPop(client, "t"));
  cluster.mock.setRoundTripMs(500); // its commit takes that long
  await client.send("RESET");
  await untilListed(other, { id, cmd: "reset" });
  client[Symbol.dispose]();
  using next = await gateway.connectAs("group:a");
  cluster.mock.setRoundTripMs(0);
  assert.equal((await mustPop(next, "t")).value, "two");
  for (const one of [other, next]) one[Symbol.dispose]();
  await gateway.untilSessions(0);
  assert.deepEqual(gateway.library.handles.open, before);
});

Deno.test("A name that RESET is giving up is waited for, not refused", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using other = await gateway.connect();
  await other.ask("RPUSHX", "topics:t:key", "one", "two");
  using client = await gateway.connectAs("group:a");
  const id = await connectionId(client);
  await ack(client, await mustPop(client, "t"));
  cluster.mock.setRoundTripMs(500); // its commit takes that long
  await client.send("RESET");
  await untilListed(other, { id, cmd: "reset" });
  using next = await gateway.connectAs("group:a");
  cluster.mock.setRoundTripMs(0);
  assert.equal(await client.reply(), "+RESET\r\n");
  assert.equal((await mustPop(next, "t")).value, "two");
  assert.match(await client.ask("CLIENT", "SETNAME", "group:a"), /^-CONS id group:a is already/);
});

Deno.test("What was produced before RESET is delivered, and WAIT still waits for it", async () => {
  await using gateway = await TestGateway.start({ config: { producer: { "linger.ms": 60_000 } } });
  using client = await gateway.connectAs("group:a");
  await client.ask("RPUSHX", "topics:t", "one", "two");
  assert.equal(await client.ask("RESET"), "+RESET\r\n");
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
  assert.equal(await counter(client, "producer.delivered.messages"), 2);
});

function pipeline(...commands: string[][]): string {
  return commands.map(encodeRequest).join("");
}
