/**
 * A connection that has very much to do lets others have their turn, and all of it is still done, in order.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { counter } from "../support/kafka.ts";
import { encodeRequest } from "../support/wire.ts";

/** Some 200 ms of work, which come in one chunk. */
const INFOS = 10_000;

Deno.test("Others are answered while a pipeline without replies is run", async () => {
  await using gateway = await TestGateway.start();
  using busy = await gateway.connect();
  using other = await gateway.connect();
  await busy.ask("ECHO", "x".repeat(1_000_000)); // from here on chunks are large
  await busy.send("CLIENT", "REPLY", "OFF");
  await busy.write("INFO\r\n".repeat(INFOS));
  assert.ok(await turnsDuring(gateway, other, INFOS) > 3);
  assert.equal(await busy.ask("CLIENT", "REPLY", "ON"), "+OK\r\n");
});

Deno.test("Others are answered during EXEC, and its replies are in order", async () => {
  await using gateway = await TestGateway.start();
  using busy = await gateway.connect();
  using other = await gateway.connect();
  await queue(
    busy,
    Array.from({ length: INFOS }, (_, i) => [["INFO"], ["ECHO", `number ${i}`]]).flat(),
  );
  await busy.send("EXEC");
  assert.ok(await turnsDuring(gateway, other, 2 * INFOS) > 3);
  const reply = await busy.reply();
  assert.ok(reply.startsWith(`*${2 * INFOS}\r\n`));
  const numbers = reply.matchAll(/\r\nnumber (\d+)\r\n/g);
  assert.deepEqual(Array.from(numbers, ([, number]) => Number(number)), [...Array(INFOS).keys()]);
});

Deno.test("EXEC is run to its end when the client hangs up while others have their turn", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  for (const name of ["group:a", "label"]) {
    const busy = await gateway.connectAs(name);
    // of several turns, but over long before the time is that a client that has hung up is given
    await queue(busy, [...Array(INFOS / 4).fill(["INFO"]), ["RPUSHX", "topics:t", "last"]]);
    await busy.send("EXEC");
    busy[Symbol.dispose]();
    await gateway.untilSessions(1);
  }
  assert.equal(await counter(other, "producer.produced.messages"), 2);
});

Deno.test("What a shutdown finds of an EXEC that is not yet run is answered so", async () => {
  const gateway = await TestGateway.start();
  using busy = await gateway.connect();
  await queue(busy, Array(INFOS).fill(["INFO"]));
  const { commands } = gateway.rafka.server.state.telemetry;
  const before = commands.total;
  await busy.send("EXEC");
  await until(() => commands.total > before + 1, "the first commands of EXEC");
  const stopping = gateway[Symbol.asyncDispose]();
  assert.match(await busy.untilClosed(), /-ERR not run: the connection ends\r\n$/);
  await stopping;
  assert.ok(commands.total - before < INFOS, "all of it was run");
});

/** All but EXEC. */
async function queue(client: TestClient, requests: string[][]): Promise<void> {
  await client.ask("MULTI");
  const writing = client.write(requests.map(encodeRequest).join(""));
  for (let i = 0; i < requests.length; i++) assert.equal(await client.reply(), "+QUEUED\r\n");
  await writing;
}

/** How often the other client was answered between the first and the last of so many commands. */
async function turnsDuring(
  gateway: TestGateway,
  other: TestClient,
  commandCount: number,
): Promise<number> {
  const { commands } = gateway.rafka.server.state.telemetry;
  const before = commands.total;
  const seen = new Set<number>();
  for (let pings = 1;; pings++) {
    assert.equal(await other.ask("PING"), "+PONG\r\n");
    const done = commands.total - before - pings;
    if (done >= commandCount) return seen.size;
    if (done > 10) seen.add(done);
  }
}
