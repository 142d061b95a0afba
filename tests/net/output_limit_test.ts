/**
 * Clients that do not read their replies: they are held, and cut off where one reply is too much.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import { TestGateway } from "../support/gateway.ts";
import { counter, mustPop } from "../support/kafka.ts";
import { encodeRequest } from "../support/wire.ts";

const LIMITED = { config: { server: { outputLimitBytes: 1_000_000 } } };
const PAYLOAD = "x".repeat(50_000);

Deno.test("12: a client that reads nothing is held, however much it asks for, and gets all of it when it reads", async () => {
  await using gateway = await TestGateway.start(LIMITED);
  using client = await gateway.connect();
  using other = await gateway.connect();
  const writing = client.write(encodeRequest(["PING", PAYLOAD]).repeat(600));
  for (let i = 0; i < 100; i++) assert.equal(await other.ask("PING"), "+PONG\r\n");
  for (let i = 0; i < 600; i++) {
    assert.equal(await client.reply(), `$${PAYLOAD.length}\r\n${PAYLOAD}\r\n`);
  }
  await writing;
});

Deno.test("12: a client whose reply is larger than outputLimitBytes is disconnected, and the log says why", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await TestGateway.start(LIMITED);
  using client = await gateway.connect();
  using other = await gateway.connect();
  const pings = Array.from({ length: 25 }, () => ["PING", PAYLOAD]);
  const transaction = [["MULTI"], ...pings, ["RPUSHX", "topics:t", "never"], ["EXEC"]];
  await client.write(transaction.map(encodeRequest).join(""));
  await client.untilClosed();
  await log.has("is disconnected: 1000"); // not 1250: EXEC stops where it is too much
  assert.match(
    await other.ask("INFO", "stats"),
    /^client_output_buffer_limit_disconnections:1\r$/m,
  );
  assert.equal(await counter(other, "producer.produced.messages"), 0);
});

Deno.test("Messages in a reply larger than outputLimitBytes go to the next worker, and are counted as unread", async () => {
  await using gateway = await TestGateway.start(LIMITED);
  using producer = await gateway.connect();
  for (let i = 0; i < 25; i++) await producer.ask("RPUSHX", "topics:t:key", `${i} ${PAYLOAD}`);
  assert.equal(await producer.ask("DUMP", "10000"), ":0\r\n");
  const worker = await gateway.connectAs("group:a");
  const pops = Array.from({ length: 25 }, () => ["BLPOP", "topics:t", "10"]);
  await worker.write([["MULTI"], ...pops, ["EXEC"]].map(encodeRequest).join(""));
  await worker.untilClosed();
  worker[Symbol.dispose]();
  await gateway.untilSessions(1);
  assert.equal(await counter(producer, "consumer.unread.messages"), 20);
  using next = await gateway.connectAs("group:a");
  assert.equal((await mustPop(next, "t")).value, `0 ${PAYLOAD}`);
});
