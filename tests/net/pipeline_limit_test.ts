/**
 * Clients that send much behind a command that waits: their hang-up is seen, too much ends them, and what waits for
 * Kafka only holds them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import { readPopped } from "../support/client.ts";
import { untilListed } from "../support/client_list.ts";
import { TestGateway } from "../support/gateway.ts";
import { counter, mustPop, TestCluster } from "../support/kafka.ts";
import { encodeRequest } from "../support/wire.ts";

const WAIT_FOR_EVER = encodeRequest(["BLPOP", "topics:t", "0"]);
const WAIT_FOR_BATCH = encodeRequest(["BLMPOP", "0", "1", "topics:t", "LEFT"]);
const LIMITED = { config: { server: { pipelineLimitBytes: 100_000 } } };
const FLOOD = encodeRequest(["RPUSHX", "topics:other", "x".repeat(10_000)]).repeat(300);
const OVERRUN =
  /-ERR Protocol error: 1\d{5} bytes behind a command that waits, pipelineLimitBytes is 100000\r\n$/;

Deno.test("A hang-up is seen behind megabytes that were sent after a BLPOP, and none of it is run", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  const client = await gateway.connectAs("group:a");
  await client.write(WAIT_FOR_EVER + FLOOD);
  client[Symbol.dispose]();
  await gateway.untilSessions(1);
  assert.equal(await counter(other, "producer.produced.messages"), 0);
});

for (const [name, wait] of Object.entries({ BLPOP: WAIT_FOR_EVER, BLMPOP: WAIT_FOR_BATCH })) {
  Deno.test(`Who sends more than pipelineLimitBytes behind a ${name} is told so; what was answered stays`, async () => {
    await using log = await CapturedLog.start();
    await using gateway = await TestGateway.start(LIMITED);
    using other = await gateway.connect();
    using client = await gateway.connectAs("group:a");
    await client.write(encodeRequest(["RPUSHX", "topics:t", "hello"]) + WAIT_FOR_EVER);
    assert.equal(await client.reply(), ":1\r\n");
    assert.equal(readPopped(await client.reply())?.value, "hello");
    const writing = client.write(encodeRequest(["RPUSH", "acks", "t:0:0"]) + wait + FLOOD);
    assert.match(await client.reply(), /^(:1|-CONS)/); // the partition is the embedded Kafka's choice
    assert.match(await client.untilClosed(), OVERRUN);
    await writing.catch(() => {}); // the gateway need not read it to its end
    client[Symbol.dispose]();
    await gateway.untilSessions(1);
    assert.equal(await counter(other, "producer.produced.messages"), 1);
    assert.equal(await counter(other, "consumer.unread.messages"), 0);
    assert.equal(log.count("pipelineLimitBytes is 100000 (1 times)"), 1);
    assert.match(
      await other.ask("INFO", "stats"),
      /^client_query_buffer_limit_disconnections:1\r$/m,
    );
  });
}

Deno.test("A message that comes after too much was sent goes to the next worker", async () => {
  await using gateway = await TestGateway.start(LIMITED);
  using client = await gateway.connectAs("group:a");
  const writing = client.write(WAIT_FOR_EVER + FLOOD);
  assert.match(await client.untilClosed(), OVERRUN);
  await writing.catch(() => {}); // the gateway need not read it to its end
  using next = await gateway.connectAs("group:b");
  await next.ask("RPUSHX", "topics:t", "hello");
  assert.equal((await mustPop(next, "t")).value, "hello");
});

Deno.test("What is sent behind a DUMP, or by who is held, is read when there is room, however much it is", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: cluster.config({
      ...LIMITED.config,
      producer: { "queue.buffering.max.messages": 10 },
    }),
  });
  using other = await gateway.connect();
  using held = await gateway.connect();
  using delivering = await gateway.connect();
  cluster.mock.setBrokerUp(1, false);
  const behind = encodeRequest(["PING", "x".repeat(10_000)]).repeat(300);
  const values = Array.from({ length: 20 }, () => "hello");
  const first = encodeRequest(["RPUSHX", "topics:t", "hello"]);
  const writing = [
    held.write(encodeRequest(["RPUSHX", "topics:t", ...values]) + behind),
    delivering.write(first + encodeRequest(["DUMP", "60000"]) + behind),
  ];
  await untilListed(other, { addr: held.address, held: "1" });
  await untilListed(other, { addr: delivering.address, cmd: "dump" });
  for (let i = 0; i < 100; i++) assert.equal(await other.ask("PING"), "+PONG\r\n");
  cluster.mock.setBrokerUp(1, true);
  assert.equal(await held.reply(), ":20\r\n");
  assert.equal(await delivering.reply(), ":1\r\n");
  assert.equal(await delivering.reply(), ":0\r\n");
  for (const client of [held, delivering]) {
    for (let i = 0; i < 300; i++) assert.match(await client.reply(), /^\$10000\r\nx+\r\n$/);
  }
  await Promise.all(writing);
});
