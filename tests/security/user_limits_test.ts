/**
 * Limits of a user: connections and consumers are refused, rates held back.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Allowance } from "../../src/session/user_account.ts";
import { connectAs, startWith, TEAMS } from "./users.ts";

Deno.test("a user has at most its number of connections; another user is not affected", async () => {
  await using gateway = await startWith(TEAMS, { userLimits: { red: { connections: 2 } } });
  using first = await connectAs(gateway, "red");
  {
    using second = await connectAs(gateway, "red");
    assert.equal(await second.ask("AUTH", "red", "red"), "+OK\r\n"); // it is in already
    using third = await gateway.connect();
    assert.equal(
      await third.ask("AUTH", "red", "red"),
      "-ERR max number of clients reached: user red may have 2\r\n",
    );
    assert.match(await third.ask("PING"), /^-NOAUTH/);
    assert.equal(await third.ask("AUTH", "blue", "blue"), "+OK\r\n");
    assert.equal(await third.ask("PING"), "+PONG\r\n");
    assert.equal(await second.ask("AUTH", "blue", "blue"), "+OK\r\n"); // which makes room
    using fourth = await connectAs(gateway, "red");
    assert.equal(await fourth.ask("RESET"), "+RESET\r\n");
  }
  await gateway.untilSessions(1);
  using again = await connectAs(gateway, "red");
  assert.equal(await again.ask("PING"), "+PONG\r\n");
  assert.equal(await first.ask("PING"), "+PONG\r\n");
});

Deno.test("a user has at most its number of consumers; one that has ended makes room", async () => {
  await using gateway = await startWith(TEAMS, { userLimits: { red: { consumers: 1 } } });
  using first = await connectAs(gateway, "red");
  await first.ask("CLIENT", "SETNAME", "red:1");
  assert.equal(await first.ask("BLPOP", "topics:red", 0.01), "*-1\r\n");
  using second = await connectAs(gateway, "red");
  await second.ask("CLIENT", "SETNAME", "red:2");
  assert.equal(
    await second.ask("BLPOP", "topics:red", 0.01),
    "-CONS max number of consumers reached: user red may have 1\r\n",
  );
  assert.equal(await first.ask("RESET"), "+RESET\r\n");
  assert.equal(await second.ask("BLPOP", "topics:red", 0.01), "*-1\r\n");
});

Deno.test("messages above a user's rate are held back, not refused, whatever its connections", async () => {
  await using gateway = await startWith(TEAMS, { userLimits: { red: { messagesPerSecond: 100 } } });
  const startMs = performance.now();
  const clients = await Promise.all([1, 2].map(() => connectAs(gateway, "red")));
  const sent = await Promise.all(clients.map(async (client) => {
    const replies: string[] = [];
    for (let times = 0; times < 15; times++) {
      replies.push(await client.ask("RPUSHX", "topics:red", ...Array(10).fill("m")));
    }
    client[Symbol.dispose]();
    return replies;
  }));
  assert.deepEqual(new Set(sent.flat()), new Set([":10\r\n"]));
  // 300 messages, of which a second's worth may go at once, and the last pause is not waited for
  assert.ok(performance.now() - startMs > 1_500, `${performance.now() - startMs} ms`);
  using blue = await connectAs(gateway, "blue");
  const blueMs = performance.now();
  for (let times = 0; times < 50; times++) {
    await blue.ask("RPUSHX", "topics:blue", ...Array(10).fill("m"));
  }
  assert.ok(performance.now() - blueMs < 3_000, "500 messages would take 4 s at that rate");
});

Deno.test("a client that is held back is let go when it disconnects", async () => {
  await using gateway = await startWith(TEAMS, { userLimits: { red: { bytesPerSecond: 100 } } });
  const client = await connectAs(gateway, "red");
  await client.send("RPUSHX", "topics:red", "m".repeat(100_000)); // would take a quarter of an hour
  client[Symbol.dispose]();
  await gateway.untilSessions(0);
});

Deno.test("Allowance: a second's worth at once, then as much as the time that has passed", () => {
  const allowance = new Allowance(10, 0);
  assert.equal(allowance.take(10, 0), 0);
  assert.equal(allowance.take(5, 0), 500);
  assert.equal(allowance.take(0, 250), 250);
  assert.equal(allowance.take(0, 500), 0);
  assert.equal(allowance.take(10, 60_000), 0); // no more than a second's worth is saved
  assert.equal(allowance.take(1, 60_000), 100);
});
