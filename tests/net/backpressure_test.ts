/**
 * A connection that produces more than there is room for: it is held, and nothing is lost, taken twice or taken in
 * another order; who else produces goes on. In both producer modes.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { connectionId, untilListed } from "../support/client_list.ts";
import { TestGateway } from "../support/gateway.ts";
import { counter, mustPop, TestCluster, type TestConfig } from "../support/kafka.ts";
import { encodeRequest } from "../support/wire.ts";

const MODES = ["connection", "shared"] as const;

for (const producerMode of MODES) {
  const roomFor = (messages: number, producer: TestConfig["producer"] = {}): TestConfig => ({
    producer: { "queue.buffering.max.messages": messages, ...producer },
    server: { producerMode, producerPool: 0 },
  });

  Deno.test(`A connection is held while the queue is full, then all is delivered in order (${producerMode})`, async () => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config(roomFor(20)) });
    using client = await gateway.connectAs("group:a");
    using other = await gateway.connect();
    cluster.mock.setBrokerUp(1, false);
    const values = Array.from({ length: 500 }, (_, n) => `${n}`.padStart(40, "value "));
    // what is sent while it is held must not be read into the memory of what waits
    await client.send("RPUSHX", "topics:t:key", ...values.slice(0, 50));
    await untilHeld(other, client);
    for (const value of values.slice(50)) {
      await client.send("RPUSHX", "topics:t:key", value);
      await other.ask("PING"); // so that it is read piece by piece
    }
    await client.send("WAIT", 1, 0);
    assert.ok(await counter(other, "producer.produced.messages") <= 20);
    cluster.mock.setBrokerUp(1, true);
    assert.equal(await client.reply(), ":50\r\n");
    for (let n = 50; n < values.length; n++) assert.equal(await client.reply(), ":1\r\n");
    assert.equal(await client.reply(), ":1\r\n", "WAIT");
    for (const value of values) assert.equal((await mustPop(client, "t")).value, value);
    assert.equal(await counter(client, "producer.produced.messages"), 500);
    assert.equal(await counter(client, "producer.delivered.messages"), 500);
  });

  Deno.test(`A long linger.ms does not hold a connection for as long (${producerMode})`, async () => {
    await using gateway = await TestGateway.start({
      config: roomFor(4, { "linger.ms": 900_000, "message.timeout.ms": 0 }),
    });
    using client = await gateway.connect();
    const values = Array.from({ length: 20 }, () => "value");
    assert.equal(await client.ask("RPUSHX", "topics:t:key", ...values), ":20\r\n");
    assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  });

  Deno.test(`Who is held longer than message.timeout.ms is told how many were taken (${producerMode})`, async () => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({
      config: cluster.config(roomFor(4, { "message.timeout.ms": 1_000, "linger.ms": 0 })),
    });
    using other = await gateway.connect();
    using client = await gateway.connect();
    await client.ask("RPUSHX", "topics:t:key", "known"); // so that the partition is
    assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
    cluster.mock.setRoundTripMs(60_000);
    await client.send("RPUSHX", "topics:t:key", "1", "2", "3", "4", "5", "6");
    const room = producerMode === "shared" ? 2 : 4; // half of it
    await untilHeld(other, client);
    const reply = await client.reply();
    // those in front expire in the same second, and may make room in time for as many, and again
    const refusal = (taken: number): string =>
      `-PROD Local: Queue full; only the first ${taken} of 6 were taken\r\n`;
    const taken = [room, 2 * room].find((count) => reply === refusal(count)) ?? 6;
    if (taken === 6) assert.equal(reply, ":6\r\n");
    assert.equal(await client.ask("WAIT", 1, 50), ":0\r\n");
    assert.equal(await counter(other, "producer.produced.messages"), 1 + taken);
    cluster.mock.setRoundTripMs(0);
  });

  Deno.test(`A message that the queue could never hold is refused at once (${producerMode})`, async () => {
    await using gateway = await TestGateway.start({
      config: roomFor(100, { "queue.buffering.max.kbytes": 1 }),
    });
    using client = await gateway.connect();
    const refusal = "-PROD Local: Queue full\r\n";
    assert.equal(await client.ask("RPUSHX", "topics:t", "x".repeat(2_000)), refusal);
    assert.equal(await client.ask("RPUSHX", "topics:t", "x"), ":1\r\n");
    assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n", "for the first");
  });

  Deno.test(`Keys fill the queue as values do, and who is held for them goes on (${producerMode})`, async () => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({
      config: cluster.config(roomFor(10_000, { "queue.buffering.max.kbytes": 100 })),
    });
    using client = await gateway.connect();
    using other = await gateway.connect();
    cluster.mock.setBrokerUp(1, false);
    const target = `topics:t:${"key ".repeat(2_500)}`; // 10 kB
    await client.write(encodeRequest(["RPUSHX", target, "x"]).repeat(100));
    await untilHeld(other, client);
    const taken = await counter(other, "producer.produced.messages");
    assert.ok(taken >= 5 && taken <= 11, `${taken} messages were taken`);
    cluster.mock.setBrokerUp(1, true);
    for (let n = 0; n < 100; n++) assert.equal(await client.reply(), ":1\r\n");
    assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
    assert.equal(await counter(other, "producer.delivered.messages"), 100);
  });

  const endings = {
    "hangs up": (client: TestClient): Promise<void> | void => client[Symbol.dispose](),
    "is killed": async (client: TestClient, id: string, other: TestClient): Promise<void> => {
      assert.equal(await other.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
      assert.match(await client.untilClosed(), /^(:1\r\n){1,10}$/);
    },
  };
  for (const [what, end] of Object.entries(endings)) {
    Deno.test(`A client that ${what} while it is held produces no more, and what was taken is delivered (${producerMode})`, async () => {
      await using cluster = await TestCluster.start();
      await using gateway = await TestGateway.start({ config: cluster.config(roomFor(10)) });
      using other = await gateway.connect();
      const client = await gateway.connectAs("group:a"); // whose hang-up is seen at once
      const id = await connectionId(client);
      cluster.mock.setBrokerUp(1, false);
      await client.write(encodeRequest(["RPUSHX", "topics:t:key", "hello"]).repeat(100));
      await untilHeld(other, client);
      const produced = await counter(other, "producer.produced.messages");
      await end(client, id, other);
      cluster.mock.setBrokerUp(1, true);
      await gateway.untilSessions(1);
      assert.equal(await counter(other, "producer.produced.messages"), produced);
      assert.equal(await counter(other, "producer.delivered.messages"), produced);
      client[Symbol.dispose]();
    });
  }

  Deno.test(`A shutdown ends the wait of who is held, with an error (${producerMode})`, async () => {
    await using cluster = await TestCluster.start();
    await using running = new AsyncDisposableStack();
    const gateway = running.use(await TestGateway.start({ config: cluster.config(roomFor(10)) }));
    using other = await gateway.connect();
    using client = await gateway.connect();
    cluster.mock.setBrokerUp(1, false);
    const values = Array.from({ length: 11 }, () => "hello");
    await client.send("RPUSHX", "topics:t:key", ...values);
    await untilHeld(other, client);
    const stopping = running.disposeAsync();
    const taken = producerMode === "shared" ? 5 : 10;
    assert.equal(
      await client.untilClosed(),
      `-PROD Server shutdown; only the first ${taken} of 11 were taken\r\n`,
    );
    cluster.mock.setBrokerUp(1, true);
    await stopping;
  });

  Deno.test(`CLIENT UNBLOCK does not end the wait for room, EXEC waits for it (${producerMode})`, async () => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config(roomFor(4)) });
    using other = await gateway.connect();
    using client = await gateway.connectAs("group:a");
    const id = await connectionId(client);
    cluster.mock.setBrokerUp(1, false);
    await client.write(
      encodeRequest(["MULTI"]) + encodeRequest(["RPUSHX", "topics:t:key", "1", "2", "3"]) +
        encodeRequest(["LPUSH", "topics:t:key", "4", "5"]) + encodeRequest(["EXEC"]),
    );
    await untilHeld(other, client);
    assert.equal(await other.ask("CLIENT", "UNBLOCK", id), ":0\r\n");
    cluster.mock.setBrokerUp(1, true);
    const replies = ["+OK\r\n", "+QUEUED\r\n", "+QUEUED\r\n", "*2\r\n:3\r\n:2\r\n"];
    for (const reply of replies) assert.equal(await client.reply(), reply);
    for (const value of "12345") assert.equal((await mustPop(client, "t")).value, value);
  });
}

Deno.test("Who floods the shared producer is held; others go on at once, and get as much as is still free", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: cluster.config({
      producer: { "queue.buffering.max.messages": 1_000 },
      server: { producerMode: "shared" },
    }),
  });
  using asking = await gateway.connect();
  cluster.mock.setBrokerUp(1, false);
  const shares: number[] = [];
  const clients: TestClient[] = [];
  for (const want of [1_000, 1_000, 1]) {
    const client = await gateway.connect();
    const id = await connectionId(client);
    await client.send("RPUSHX", "topics:t", ...Array.from({ length: want }, () => "x"));
    const { outstanding } = await untilListed(asking, { id, held: want > 1 ? "1" : "0" });
    if (want === 1) assert.equal(await client.reply(), ":1\r\n");
    shares.push(Number(outstanding));
    clients.push(client);
  }
  assert.deepEqual(shares, [500, 250, 1]);
  cluster.mock.setBrokerUp(1, true);
  for (const client of clients.slice(0, 2)) assert.equal(await client.reply(), ":1000\r\n");
  for (const client of clients) client[Symbol.dispose]();
});

/** Waits until CLIENT LIST says that a client waits for room. */
async function untilHeld(asking: TestClient, client: TestClient): Promise<void> {
  await untilListed(asking, { addr: client.address, held: "1" });
}
