/**
 * PING, QUIT and CLIENT: who a connection is, and the letter of the replies.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../../support/gateway.ts";
import { mustPop, TestCluster } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

const OK = "+OK\r\n";

Deno.test("PING answers PONG, or the message byte by byte", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  assert.equal(await client.ask("ping", "hello"), "$5\r\nhello\r\n");
  assert.equal(await client.ask("PiNg", ""), "$0\r\n\r\n");
  assert.equal(await client.ask("PING", "\x00\xff\r\n"), "$4\r\n\x00\xff\r\n\r\n");
});

Deno.test("QUIT answers OK behind the replies of all earlier commands; no later one is run", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const commands = [
    ["PING"],
    ["RPUSHX", "topics:t", "one"],
    ["DUMP", "20000"],
    ["quit"],
    ["RPUSHX", "topics:t", "two"],
    ["PING"],
  ];
  await client.write(commands.map(encodeRequest).join(""));
  assert.equal(await client.untilClosed(), `+PONG\r\n:1\r\n:0\r\n${OK}`);
  using reader = await gateway.connectAs("group:a");
  assert.equal((await mustPop(reader, "t")).value, "one");
  assert.equal(await reader.pop("topics:t", 0.5), undefined);
});

Deno.test("In the dialect of the README, CLIENT SETNAME and QUIT answer OK as a bulk string", async () => {
  await using gateway = await TestGateway.start({ config: { server: { dialect: "readme" } } });
  using client = await gateway.connect();
  assert.equal(await client.ask("CLIENT", "SETNAME", "group:a"), "$2\r\nOK\r\n");
  await client.send("QUIT");
  assert.equal(await client.untilClosed(), "$2\r\nOK\r\n");
});

Deno.test("CLIENT GETNAME answers the address until CLIENT SETNAME, then the name", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const { address } = client;
  const bulkAddress = `$${address.length}\r\n${address}\r\n`;
  assert.match(address, /^127\.0\.0\.1:\d+$/);
  assert.equal(await client.ask("CLIENT", "GETNAME"), bulkAddress);
  assert.equal(await client.ask("client", "setname", "label"), OK);
  assert.equal(await client.ask("Client", "GetName"), "$5\r\nlabel\r\n");
  assert.equal(await client.ask("CLIENT", "SETNAME", ""), OK);
  assert.equal(await client.ask("CLIENT", "GETNAME"), bulkAddress);
  assert.equal(await client.ask("CLIENT", "SETNAME", "group:a:b"), OK);
  assert.equal(await client.ask("CLIENT", "GETNAME"), "$9\r\ngroup:a:b\r\n");
});

Deno.test("A name has 1,024 characters at most: one more is refused, and what it has is delivered", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const longest = `group:${"n".repeat(1_024 - "group:".length)}`;
  const error = "-ERR Client names cannot be longer than 1024 characters, got 1025.\r\n";
  assert.equal(await client.ask("CLIENT", "SETNAME", `${longest}n`), error);
  assert.equal(await client.ask("HELLO", 3, "SETNAME", `${longest}n`), error);
  assert.equal(await client.ask("CLIENT", "SETNAME", longest), OK);
  await client.ask("RPUSHX", "topics:t", "hello");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  assert.equal((await client.pop("topics:t", 20))?.value, "hello");
});

Deno.test("The same CLIENT SETNAME twice is fine", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  assert.equal(await client.ask("CLIENT", "SETNAME", "group:a"), OK);
  await client.pop("topics:t", 0.001);
  assert.equal(await client.ask("CLIENT", "SETNAME", "group:a"), OK);
});

Deno.test("A name without a colon is a label: shared freely, for everything but BLPOP", async () => {
  await using gateway = await TestGateway.start();
  using one = await gateway.connectAs("pool");
  using two = await gateway.connectAs("pool");
  for (const client of [one, two]) {
    assert.equal(await client.ask("CLIENT", "GETNAME"), "$4\r\npool\r\n");
    assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
    assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
    assert.equal(await client.ask("KEYS", "topics:"), "*1\r\n$8\r\ntopics:t\r\n");
    assert.match(await client.ask("HGETALL", "stats"), /^\*/);
    assert.equal(await client.ask("DEL", "stats"), ":1\r\n");
    const refusal =
      "-CONS Cannot parse group.id: the name must be <group.id>:<name>, got 'pool'\r\n";
    assert.equal(await client.ask("BLPOP", "topics:t", 1), refusal);
  }
});

Deno.test("A label may become another one, and then a name that consumes", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("label");
  assert.equal(await client.ask("CLIENT", "SETNAME", "other"), OK);
  assert.equal(await client.ask("CLIENT", "SETNAME", "group:a"), OK);
  assert.equal(await client.ask("BLPOP", "topics:t", 0.001), "*-1\r\n");
});

Deno.test("The same name in two groups is two names, and so are two names in one group", async () => {
  await using gateway = await TestGateway.start();
  using _one = await gateway.connectAs("group:a");
  using _two = await gateway.connectAs("group:b");
  using _three = await gateway.connectAs("other:a");
});

Deno.test("A name is free again when its holder has hung up", async () => {
  await using gateway = await TestGateway.start();
  for (let round = 0; round < 20; round++) {
    using _client = await gateway.connectAs("group:a");
  }
  await gateway.untilSessions(0);
});

Deno.test("A name is free again when its holder has quit", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  assert.equal(await client.ask("QUIT"), OK);
  await client.untilClosed();
  using _again = await gateway.connectAs("group:a");
});

Deno.test("A client that comes back while its old consumer leaves is made to wait, not refused", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using producer = await gateway.connect();
  for (const value of ["one", "two"]) await producer.ask("RPUSHX", "topics:t:key", value);
  assert.equal(await producer.ask("DUMP", 20_000), ":0\r\n");
  const old = await gateway.connectAs("group:a");
  const { partition, offset } = await mustPop(old, "t");
  assert.equal(await old.ask("RPUSH", "acks", `t:${partition}:${offset}`), ":1\r\n");

  cluster.mock.setRoundTripMs(500); // its commit takes that long
  old[Symbol.dispose]();
  using again = await gateway.connect();
  assert.equal(await again.ask("CLIENT", "SETNAME", "group:a"), OK);
  assert.equal(gateway.rafka.server.sessionCount, 2, "the old one is gone: producer and again");

  cluster.mock.setRoundTripMs(0);
  assert.equal((await mustPop(again, "t")).value, "two");
});
