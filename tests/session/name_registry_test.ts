/**
 * A name is free as soon as its holder's connection is gone, whatever the holder was doing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { onBrokers } from "../support/kafka.ts";

const OK = "+OK\r\n";

Deno.test("Clients that hang up and come back at once are never refused their names", async () => {
  await using gateway = await TestGateway.start();
  await Promise.all(Array.from({ length: 6 }, async () => {
    const name = `${uniqueName("group")}:worker`;
    for (let i = 0; i < 100; i++) {
      using client = await gateway.connect();
      assert.equal(await client.ask("CLIENT", "SETNAME", name), OK);
    }
  }));
});

Deno.test("A client that hangs up during DUMP gives its name back at once", async () => {
  await using gateway = await TestGateway.start({ config: onBrokers("127.0.0.1:1") });
  const name = `${uniqueName("group")}:worker`;
  {
    using client = await gateway.connectAs(name);
    assert.equal(await client.ask("RPUSHX", "topics:t", "value"), ":1\r\n");
    await client.send("DUMP", 600_000);
  }
  using client = await gateway.connect();
  await client.send("CLIENT", "SETNAME", name);
  assert.equal(await client.reply(3_000), OK);
});

Deno.test("A client that sent many small packets behind a BLPOP is seen to hang up", async () => {
  await using gateway = await TestGateway.start();
  const name = `${uniqueName("group")}:worker`;
  {
    using client = await gateway.connectAs(name);
    await client.send("BLPOP", `topics:${uniqueName("empty")}`, 0);
    using other = await gateway.connect();
    for (let i = 0; i < 400; i++) {
      await client.write("ping\r\n");
      await other.ask("PING"); // the gateway has had a turn: the next one is a packet of its own
    }
  }
  await gateway.untilSessions(0);
});
