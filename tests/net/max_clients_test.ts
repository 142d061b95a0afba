/**
 * More connections than there may be: who is too many is told so, who is there goes on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import { RESERVED_CONNECTIONS } from "../../src/session/reserve.ts";
import { readText, type TestClient } from "../support/client.ts";
import { TestGateway } from "../support/gateway.ts";

const REJECTION = "-ERR max number of clients reached\r\n";

Deno.test("One client more than maxClients is told so and closed; the others go on", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await TestGateway.start({ config: { server: { maxClients: 2 } } });
  using first = await gateway.connect();
  assert.equal(await first.ask("PING"), "+PONG\r\n");
  const second = await gateway.connect();
  assert.equal(await second.ask("PING"), "+PONG\r\n");
  for (let i = 0; i < 20; i++) {
    using rejected = await gateway.connect();
    await rejected.send("RPUSHX", "topics:t", "value");
    assert.equal(await rejected.untilClosed(), REJECTION);
  }
  await gateway.untilSessions(2);
  assert.deepEqual(await shown(first), {
    connected_clients: "2",
    maxclients: "2",
    total_connections_received: "22",
    rejected_connections: "20",
  });
  assert.equal(
    await first.ask("CONFIG", "GET", "maxclients"),
    "*2\r\n$10\r\nmaxclients\r\n$1\r\n2\r\n",
  );
  assert.equal(log.count("maxClients allows, 2"), 1, "one line for all of them");
  second[Symbol.dispose]();
  await gateway.untilSessions(1);
  using next = await gateway.connect();
  assert.equal(await next.ask("RPUSHX", "topics:t", "value"), ":1\r\n");
});

Deno.test("Clients that hang up before they are rejected do no harm", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxClients: 1 } } });
  using client = await gateway.connect();
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  for (let i = 0; i < 50; i++) (await gateway.connect())[Symbol.dispose]();
  using rejected = await gateway.connect();
  await rejected.send("GET", "topics:t");
  assert.equal(await rejected.untilClosed(), REJECTION);
  assert.equal(await client.ask("PING"), "+PONG\r\n");
});

Deno.test("When all connections are taken, an administrator on the machine may look after them", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxClients: 1 } } });
  using worker = await gateway.connectAs("group:worker");
  using admin = await gateway.connect();
  for (
    const command of [["PING"], ["COMMAND", "COUNT"], ["INFO"], ["CONFIG", "GET", "maxclients"]]
  ) {
    assert.doesNotMatch(await admin.ask(...command), /^-/);
  }
  assert.match(await admin.ask("CLIENT", "LIST"), /name=group:worker/);
  assert.equal(await admin.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"), ":1\r\n");
  assert.equal(await worker.untilClosed(), "");
});

Deno.test("No command that produces, consumes or asks Kafka is run on a connection above maxClients", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxClients: 1 } } });
  using client = await gateway.connectAs("group:worker");
  for (
    const command of [
      ["RPUSHX", "topics:t", "value"],
      ["BLPOP", "topics:t", "0"],
      ["RPUSH", "acks", "t:0:0"],
      ["KEYS", "topics:"],
      ["DBSIZE"],
      ["MONITOR"],
      ["MULTI"],
    ]
  ) {
    using rejected = await gateway.connectAs("group:other");
    await rejected.send(...command);
    await rejected.send("PING");
    assert.equal(await rejected.untilClosed(), REJECTION, "and nothing behind it is answered");
  }
  assert.equal(await client.ask("BLPOP", "topics:t", "0.01"), "*-1\r\n", "nothing was produced");
});

Deno.test("Connections that are kept above maxClients give way to the next ones", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxClients: 1 } } });
  using worker = await gateway.connect();
  assert.equal(await worker.ask("PING"), "+PONG\r\n");
  using kept = new DisposableStack();
  const clients: TestClient[] = [];
  for (let i = 0; i < RESERVED_CONNECTIONS + 5; i++) {
    const client = kept.use(await gateway.connect());
    assert.equal(await client.ask("PING"), "+PONG\r\n");
    clients.push(client);
  }
  for (const client of clients.slice(0, 5)) assert.equal(await client.untilClosed(), "");
  for (const client of clients.slice(5)) assert.equal(await client.ask("PING"), "+PONG\r\n");
  await gateway.untilSessions(1 + RESERVED_CONNECTIONS);
  assert.equal(await worker.ask("PING"), "+PONG\r\n");
});

/** What INFO says of connections. */
async function shown(client: TestClient): Promise<Record<string, string>> {
  const names = [
    "connected_clients",
    "maxclients",
    "total_connections_received",
    "rejected_connections",
  ];
  const lines = readText(await client.ask("INFO")).split("\r\n").map((line) => line.split(":"));
  return Object.fromEntries(lines.filter(([name]) => names.includes(name!)));
}
