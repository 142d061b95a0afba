/**
 * @module
 * More connections than there may be: who is too many is told so, who is there goes on.
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../kafka/captured_log.ts";
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
    assert.equal(await rejected.untilClosed(), REJECTION);
  }
  assert.deepEqual(await shown(first), {
    connected_clients: "2",
    maxclients: "2",
    total_connections_received: "2",
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
  assert.equal(await next.ask("PING"), "+PONG\r\n");
});

Deno.test("Clients that hang up before they are rejected do no harm", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxClients: 1 } } });
  using client = await gateway.connect();
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  for (let i = 0; i < 50; i++) (await gateway.connect())[Symbol.dispose]();
  using rejected = await gateway.connect();
  assert.equal(await rejected.untilClosed(), REJECTION);
  assert.equal(await client.ask("PING"), "+PONG\r\n");
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
