/**
 * Clients that do nothing: they are disconnected after idleTimeoutMs, and nobody else is.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import { readPopped } from "../support/client.ts";
import { untilListed } from "../support/client_list.ts";
import { TestGateway } from "../support/gateway.ts";
import { TestCluster } from "../support/kafka.ts";
import { encodeRequest } from "../support/wire.ts";

const IDLE_TIMEOUT_MS = 400;
const config = { server: { idleTimeoutMs: IDLE_TIMEOUT_MS } };

Deno.test("Clients that send nothing for idleTimeoutMs are disconnected; one that does is not", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await TestGateway.start({ config });
  using busy = await gateway.connect();
  const idle = await Promise.all(Array.from({ length: 10 }, () => gateway.connectAs("label")));
  const beginMs = performance.now();
  let open = idle.length;
  const closed = idle.map((client) => client.untilClosed().finally(() => open--));
  while (open > 0) assert.equal(await busy.ask("PING"), "+PONG\r\n");
  assert.deepEqual(new Set(await Promise.all(closed)), new Set([""]), "they are told nothing");
  assert.ok(performance.now() - beginMs >= IDLE_TIMEOUT_MS - 50);
  for (const client of idle) client[Symbol.dispose]();
  assert.equal(log.count("no whole command for idleTimeoutMs, 400"), 1, "one line for all of them");
  assert.equal(
    await busy.ask("CONFIG", "GET", "timeout"),
    "*2\r\n$7\r\ntimeout\r\n$1\r\n1\r\n",
    "whole seconds",
  );
});

for (
  const [what, begin, more] of [
    ["a command", "*2\r\n$4\r\nPING\r\n$1000000\r\n", "x"],
    ["an inline command", "PING ", "x"],
    ["empty lines", "\r\n", "\r\n"],
  ] as const
) {
  Deno.test(`A client that dribbles ${what} and never ends it is idle`, async () => {
    await using gateway = await TestGateway.start({ config });
    using busy = await gateway.connect();
    using client = await gateway.connect();
    await client.write(begin);
    let open = true;
    const closed = client.untilClosed().finally(() => open = false);
    while (open) {
      await client.write(more).catch(() => {}); // it may have been closed
      assert.equal(await busy.ask("PING"), "+PONG\r\n");
    }
    assert.equal(await closed, "");
  });
}

Deno.test("A client that waits for a message, a delivery or room, or monitors, is not idle", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: cluster.config({ ...config, producer: { "queue.buffering.max.messages": 5 } }),
  });
  using waiting = await gateway.connectAs("group:a");
  await waiting.send("BLPOP", "topics:other", "0");
  using monitoring = await gateway.connect();
  assert.equal(await monitoring.ask("MONITOR"), "+OK\r\n");
  cluster.mock.setBrokerUp(1, false);
  using delivering = await gateway.connect();
  await delivering.write(
    encodeRequest(["RPUSHX", "topics:t", "hello"]) + encodeRequest(["DUMP", "60000"]),
  );
  using held = await gateway.connect();
  await held.send("RPUSHX", "topics:t", ..."1234567");
  for (let i = 0; i < 2; i++) { // two who do nothing come and go
    using idle = await gateway.connect();
    assert.equal(await idle.untilClosed(), "");
  }
  using other = await gateway.connect();
  await untilListed(other, { addr: held.address, held: "1" });
  cluster.mock.setBrokerUp(1, true);
  assert.equal(await held.reply(), ":7\r\n");
  assert.equal(await delivering.reply(), ":1\r\n");
  assert.equal(await delivering.reply(), ":0\r\n");
  assert.match(await monitoring.reply(), /RPUSHX/);
  using producer = await gateway.connect(); // the other one may be idle by now
  await producer.ask("RPUSHX", "topics:other", "hello");
  assert.equal(readPopped(await waiting.reply(30_000))?.value, "hello");
});
