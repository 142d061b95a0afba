/**
 * CLIENT REPLY, byte by byte; and CLIENT SETINFO, NO-EVICT, NO-TOUCH and TRACKING.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../../support/gateway.ts";
import { counter, mustPop } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

const ON = ["CLIENT", "REPLY", "ON"];
const OFF = ["CLIENT", "REPLY", "OFF"];
const SKIP = ["CLIENT", "REPLY", "SKIP"];
const one = ["PING", "1"];
const two = ["PING", "2"];
const ERROR = ["NO-SUCH-COMMAND"];
const UNKNOWN = /-ERR unknown command 'NO-SUCH-COMMAND'[^\r]*\r\n/;

const rows: { name: string; commands: string[][]; want: string | RegExp }[] = [
  { name: "OFF silences all, ON too until it is run", commands: [OFF, one, two], want: "" },
  { name: "ON is answered", commands: [OFF, one, ON, two], want: "+OK\r\n$1\r\n2\r\n" },
  { name: "ON when it is on is answered", commands: [ON, one], want: "+OK\r\n$1\r\n1\r\n" },
  { name: "SKIP silences itself and the next", commands: [SKIP, one, two], want: "$1\r\n2\r\n" },
  { name: "SKIP twice skips one", commands: [SKIP, SKIP, one, two], want: "$1\r\n2\r\n" },
  { name: "SKIP while OFF changes nothing", commands: [OFF, SKIP, one, two], want: "" },
  {
    name: "SKIP, then ON is answered",
    commands: [SKIP, ON, one],
    want: "+OK\r\n$1\r\n1\r\n",
  },
  { name: "SKIP, then OFF silences all", commands: [SKIP, OFF, one, two], want: "" },
  { name: "Errors are skipped", commands: [SKIP, ERROR, one], want: "$1\r\n1\r\n" },
  { name: "Errors are silenced", commands: [OFF, ERROR, ON], want: "+OK\r\n" },
  { name: "The one after is shown", commands: [SKIP, one, ERROR], want: UNKNOWN },
  { name: "Before OFF all is answered", commands: [one, OFF, two], want: "$1\r\n1\r\n" },
  { name: "A bad mode is an error", commands: [["CLIENT", "REPLY", "x"]], want: /^-ERR syntax/ },
  {
    name: "A command that waits is skipped",
    commands: [["RPUSHX", "topics:t", "x"], SKIP, ["DUMP", "20000"], one],
    want: ":1\r\n$1\r\n1\r\n",
  },
  {
    name: "A command that waits is silenced",
    commands: [OFF, ["RPUSHX", "topics:t", "x"], ["WAIT", "1", "0"], ON],
    want: "+OK\r\n",
  },
  { name: "QUIT is silenced", commands: [one, OFF, ["QUIT"]], want: "$1\r\n1\r\n" },
  {
    name: "SKIP skips RESET as well",
    commands: [SKIP, ["RESET"], one, two],
    want: "$1\r\n1\r\n$1\r\n2\r\n",
  },
  {
    name: "RESET ends it, and is answered",
    commands: [OFF, one, ["RESET"], two],
    want: "+RESET\r\n$1\r\n2\r\n",
  },
];

for (const { name, commands, want } of rows) {
  Deno.test(`CLIENT REPLY: ${name}`, async () => {
    await using gateway = await TestGateway.start();
    using client = await gateway.connect();
    await client.write(commands.map(encodeRequest).join(""));
    await client.endWriting();
    const got = await client.untilClosed();
    if (typeof want === "string") assert.equal(got, want);
    else assert.match(got, want);
  });
}

Deno.test("CLIENT REPLY OFF silences a protocol error, and the connection is closed", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  await client.write(encodeRequest(OFF) + "*x\r\n");
  assert.equal(await client.untilClosed(), "");
});

Deno.test("CLIENT REPLY OFF silences MONITOR's lines until ON", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  using client = await gateway.connect();
  assert.equal(await client.ask("MONITOR"), "+OK\r\n");
  await other.ask("PING", "shown");
  assert.match(await client.reply(), /shown/);
  await client.send(...OFF);
  assert.match(await client.reply(), /OFF/);
  await client.send("PING", "silent");
  await client.send(...ON);
  assert.equal(await client.reply(), "+OK\r\n");
  await other.ask("PING", "shown again");
  assert.match(await client.reply(), /shown again/);
});

for (const mode of [OFF, SKIP]) {
  Deno.test(`BLPOP takes no message under CLIENT REPLY ${mode[2]}`, async () => {
    await using gateway = await TestGateway.start();
    using client = await gateway.connectAs("group:a");
    for (const value of ["one", "two"]) await client.ask("RPUSHX", "topics:t:key", value);
    assert.equal((await mustPop(client, "t")).value, "one");
    const pop = ["BLPOP", "topics:t", "0"];
    await client.write([mode, pop, ON].map(encodeRequest).join(""));
    assert.equal(await client.reply(), "+OK\r\n");
    assert.equal((await mustPop(client, "t")).value, "two");
    assert.equal(await counter(client, "consumer.consumed.messages"), 2);
    assert.equal(await counter(client, "consumer.unread.messages"), 0);
  });
}

Deno.test("CLIENT REPLY behind a BLPOP in EXEC is refused: the message would not be shown", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  for (const value of ["one", "two"]) await client.ask("RPUSHX", "topics:t:key", value);
  assert.equal((await mustPop(client, "t")).value, "one");
  await client.write(
    [["MULTI"], ["BLPOP", "topics:t", "0"], OFF, ["EXEC"]].map(encodeRequest).join(""),
  );
  assert.equal(await client.reply(), "+OK\r\n");
  assert.equal(await client.reply(), "+QUEUED\r\n");
  assert.equal(await client.reply(), "-ERR Command not allowed inside a transaction\r\n");
  assert.match(await client.reply(), /^-EXECABORT/);
  assert.equal((await mustPop(client, "t")).value, "two");
});

Deno.test("CLIENT SETINFO, NO-EVICT, NO-TOUCH and TRACKING answer as Redis does", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const rows: [command: string[], reply: string | RegExp][] = [
    [["SETINFO", "LIB-NAME", "x"], "+OK\r\n"],
    [["SETINFO", "lib-ver", ""], "+OK\r\n"],
    [["SETINFO", "lib-name", "a b"], /^-ERR lib-name cannot contain spaces/],
    [["SETINFO", "LIB-VER", "a\nb"], /^-ERR lib-ver cannot contain spaces/],
    [["SETINFO", "LIB-VER", "x".repeat(1_024)], "+OK\r\n"],
    [["SETINFO", "LIB-VER", "x".repeat(1_025)], /^-ERR lib-ver cannot be longer than 1024 char/],
    [["SETINFO", "other", "x"], "-ERR Unrecognized option 'other'\r\n"],
    [["NO-EVICT", "on"], "+OK\r\n"],
    [["NO-EVICT", "x"], "-ERR syntax error\r\n"],
    [["NO-TOUCH", "OFF"], "+OK\r\n"],
    [["TRACKING", "OFF"], "+OK\r\n"],
    [["TRACKING", "ON"], "+OK\r\n"],
  ];
  for (const [command, want] of rows) {
    const reply = await client.ask("CLIENT", ...command);
    if (typeof want === "string") assert.equal(reply, want, command.join(" "));
    else assert.match(reply, want, command.join(" "));
  }
});
