/**
 * What is left of clients that are gone, or that have given up what they held: nothing that others have to wait for,
 * and nothing that the counters do not show.
 *
 * @module
 */
import assert from "node:assert/strict";
import { clientList, connectionId, untilListed } from "../support/client_list.ts";
import { TestGateway } from "../support/gateway.ts";
import { mustPop } from "../support/kafka.ts";
import { readText } from "../support/client.ts";

/** Nobody listens there. */
const NO_KAFKA = { general: { "bootstrap.servers": "127.0.0.1:1", "log_level": 0 } };

Deno.test("A client that hangs up during WAIT is gone soon, though Kafka is away", async () => {
  const config = { ...NO_KAFKA, server: { flushTimeoutMs: 500 } };
  const timeouts = { halfClosedMs: 200, undeliveredMs: 200 };
  await using gateway = await TestGateway.start({ config, timeouts });
  using other = await gateway.connect();
  const client = await gateway.connect();
  const id = await connectionId(client);
  await client.ask("RPUSHX", "topics:t", "hello");
  await client.send("WAIT", 1, 0);
  await untilListed(other, { id, flags: "b" });
  client[Symbol.dispose]();
  await gateway.untilSessions(1);
  const info = readText(await other.ask("INFO", "kafka"));
  assert.match(info, /\ndraining_producers:1\r\ndraining_messages:1\r\n/);
});

Deno.test("Messages of a client that was killed are outstanding until they are delivered or given up", async () => {
  await using gateway = await TestGateway.start({
    config: { ...NO_KAFKA, server: { flushTimeoutMs: 500 } },
  });
  using other = await gateway.connect();
  using client = await gateway.connect();
  const id = await connectionId(client);
  await client.ask("RPUSHX", "topics:t", "hello");
  assert.equal(await other.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
  const info = readText(await other.ask("INFO", "kafka"));
  assert.match(info, /\nproduced:1\r\noutstanding:1\r\ndelivered:0\r\nfailed:0\r\nunflushed:0\r\n/);
  assert.equal((await clientList(other)).length, 1);
});

Deno.test("A name that RESET frees is given to who waits for it", async () => {
  await using gateway = await TestGateway.start();
  for (let round = 0; round < 5; round++) {
    using holder = await gateway.connectAs("group:a");
    using next = await gateway.connect();
    await holder.pop("topics:t", 0.001); // its consumer has to leave first
    await Promise.all([next.send("CLIENT", "SETNAME", "group:a"), holder.send("RESET")]);
    assert.equal(await holder.reply(), "+RESET\r\n");
    assert.equal(await next.reply(), "+OK\r\n");
  }
});

Deno.test("RESET forgets what was refused: the next WAIT is somebody else's", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.match(await client.ask("RPUSHX", "topics:", "x"), /^-PROD /);
  assert.equal(await client.ask("RESET"), "+RESET\r\n");
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
});

Deno.test("CLIENT LIST shows no partitions of a worker that has lost them by asking too seldom", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  using slow = await gateway.connectAs("group:slow");
  await other.ask("RPUSHX", "topics:t", "hello");
  await mustPop(slow, `t:{"max.poll.interval.ms":1600}`);
  assert.match(partitionsOf(await clientList(other), "group:slow"), /^t:/);
  await untilListed(other, { name: "group:slow", partitions: "" });
  using next = await gateway.connectAs("group:next");
  await mustPop(next, "t");
  assert.equal(partitionsOf(await clientList(other), "group:slow"), "");
  assert.match(await slow.ask("BLPOP", "topics:t", 20), /maximum poll interval/);
  assert.equal(partitionsOf(await clientList(other), "group:slow"), "");
});

function partitionsOf(list: readonly Readonly<Record<string, string>>[], name: string): string {
  return list.find((client) => client["name"] === name)!["partitions"]!;
}
