/**
 * More consumers or producers than may be: who is too many is told so and may try again, who is there goes on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readText, type TestClient } from "../support/client.ts";
import { TestGateway } from "../support/gateway.ts";
import { mustPop, TestCluster } from "../support/kafka.ts";

/** Number of the request in the Kafka protocol, and an error that lets nobody be idempotent. */
const INIT_PRODUCER_ID = 22;
const CLUSTER_AUTHORIZATION_FAILED = 31;

Deno.test("One consumer more than maxConsumers is refused, until there is room", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxConsumers: 1 } } });
  using first = await gateway.connectAs("group:first");
  using second = await gateway.connectAs("group:second");
  assert.equal(await first.ask("BLPOP", "topics:t", "0.01"), "*-1\r\n");
  for (let i = 0; i < 3; i++) {
    assert.equal(
      await second.ask("BLPOP", "topics:t", "0.01"),
      "-CONS Failed to register Consumer 'group:second|t' for Client 'group:second': there are " +
        "1 consumers, those that are ending among them, as many as server.maxConsumers allows: 1\r\n",
    );
  }
  assert.equal((await infoOf(second))["max_consumers"], "1");
  assert.equal(await second.ask("RPUSHX", "topics:t", "value"), ":1\r\n");
  assert.equal((await mustPop(first, "t")).value, "value");
  first[Symbol.dispose]();
  await gateway.untilSessions(1);
  assert.equal(await second.ask("BLPOP", "topics:t", "0.01"), "*-1\r\n");
});

Deno.test("One producer more than maxProducers is refused, until there is room", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxProducers: 1 } } });
  using first = await gateway.connectAs("group:first");
  using second = await gateway.connectAs("group:second");
  assert.equal(await first.ask("RPUSHX", "topics:t", "value"), ":1\r\n");
  const refusal = "-PROD there are 1 producers, those that are ending among them, as many as " +
    "server.maxProducers allows: 1\r\n";
  assert.equal(await second.ask("RPUSHX", "topics:t", "value"), refusal);
  assert.equal(await second.ask("LPUSH", "topics:t", "value"), refusal);
  assert.equal(await second.ask("WAIT", 1, 0), ":0\r\n", "a message was refused");
  assert.equal((await infoOf(second))["max_producers"], "1");
  first[Symbol.dispose](); // its producer is kept for another connection of its name
  await gateway.untilSessions(1);
  assert.equal(await second.ask("RPUSHX", "topics:t", "value"), ":1\r\n");
  assert.equal(await second.ask("WAIT", 1, 20_000), ":1\r\n");
});

Deno.test("With as many producers as maxProducers allows, one that has failed for good is replaced", async () => {
  await using cluster = await TestCluster.start();
  cluster.mock.failRequests(INIT_PRODUCER_ID, new Array(100).fill(CLUSTER_AUTHORIZATION_FAILED));
  const config = cluster.config({ server: { maxProducers: 1 } });
  await using gateway = await TestGateway.start({ config });
  using client = await gateway.connect();
  await client.ask("RPUSHX", "topics:t:key", "lost with the first producer");
  assert.equal(await client.ask("WAIT", 1, 20_000), ":0\r\n");
  assert.equal(await client.ask("RPUSHX", "topics:t:key", "value"), ":1\r\n");
  assert.equal(await client.ask("WAIT", 1, 20_000), ":1\r\n");
});

Deno.test("maxProducers is of no concern to connections that share a producer", async () => {
  const server = { maxProducers: 1, producerMode: "shared" };
  await using gateway = await TestGateway.start({ config: { server } });
  for (let i = 0; i < 5; i++) {
    using client = await gateway.connectAs(`group:${i}`);
    assert.equal(await client.ask("RPUSHX", "topics:t", "value"), ":1\r\n");
  }
});

/** INFO kafka */
async function infoOf(client: TestClient): Promise<Record<string, string>> {
  const lines = readText(await client.ask("INFO", "kafka")).split("\r\n");
  return Object.fromEntries(lines.map((line) => line.split(":")));
}
