/**
 * The bench's own load generator counts what it really got, and fails when it did not get it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { counter, produceAll } from "../support/kafka.ts";
import { hasCompiler, hasRedisServer } from "../support/machine.ts";
import { RedisServer } from "../support/redis_server.ts";
import { startPop } from "./pop.ts";

const MIB = 1024 * 1024;
const KEY = "topics:pops";

Deno.test({
  name: "pop takes as many messages from Rafka as it says, after the first one",
  ignore: !hasCompiler,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start();
    using producer = await gateway.connect();
    const values = Array.from({ length: 200 }, (_, i) => ["pops", `value ${i}`] as const);
    await produceAll(producer, values);
    const group = uniqueName("group");
    const options = {
      count: 149,
      inFlight: 16,
      name: `${group}:pop`,
      command: ["BLPOP", KEY, "20"],
    };
    await using pop = await startPop(gateway.port, options);
    assert.equal((await pop.finish()).messages, 149);
    await until(async () => await counter(producer, "consumer.consumed.messages") === 150, "150");
  },
});

Deno.test({
  name: "pop counts the messages of a batch, and not the batches",
  ignore: !hasCompiler || !hasRedisServer,
  async fn(): Promise<void> {
    await using redis = await RedisServer.start(MIB);
    using client = await TestClient.connect(redis.port);
    for (let i = 0; i < 50; i++) await client.ask("RPUSH", KEY, "*2\r\n$5\r\nvalue");
    const command = ["LMPOP", "1", KEY, "LEFT", "COUNT", "10"];
    await using pop = await startPop(redis.port, { count: 40, inFlight: 1, name: "-", command });
    assert.equal((await pop.finish()).messages, 40);
    assert.equal(await client.ask("LLEN", KEY), ":0\r\n");
  },
});

Deno.test({
  name: "pop counts the values of LPOP with a count",
  ignore: !hasCompiler || !hasRedisServer,
  async fn(): Promise<void> {
    await using redis = await RedisServer.start(MIB);
    using client = await TestClient.connect(redis.port);
    for (let i = 0; i < 6; i++) await client.ask("RPUSH", KEY, "value");
    const command = ["LPOP", KEY, "2"];
    await using pop = await startPop(redis.port, { count: 4, inFlight: 1, name: "-", command });
    assert.equal((await pop.finish()).messages, 4);
    assert.equal(await client.ask("LLEN", KEY), ":0\r\n");
  },
});

Deno.test({
  name: "pop asks for no more messages than it wants, however many requests are in flight",
  ignore: !hasCompiler || !hasRedisServer,
  async fn(): Promise<void> {
    await using redis = await RedisServer.start(MIB);
    using client = await TestClient.connect(redis.port);
    for (let i = 0; i < 100; i++) await client.ask("RPUSH", KEY, "value");
    const options = { count: 59, inFlight: 16, name: "-", command: ["BLPOP", KEY, "1"] };
    await using pop = await startPop(redis.port, options);
    assert.equal((await pop.finish()).messages, 59);
    assert.equal(await client.ask("LLEN", KEY), ":40\r\n");
  },
});

const failures = [
  { title: "an error", command: ["LPOPX", KEY], says: /-ERR unknown command 'LPOPX'/ },
  { title: "a null", command: ["BLPOP", "topics:nothing", "0.1"], says: /no message came in time/ },
];

for (const { title, command, says } of failures) {
  Deno.test({
    name: `pop fails on ${title}`,
    ignore: !hasCompiler || !hasRedisServer,
    async fn(): Promise<void> {
      await using redis = await RedisServer.start(MIB);
      const options = { count: 10, inFlight: 4, name: "-", command };
      await assert.rejects(startPop(redis.port, options), says);
    },
  });
}

Deno.test({
  name: "pop fails when the messages run out",
  ignore: !hasCompiler || !hasRedisServer,
  async fn(): Promise<void> {
    await using redis = await RedisServer.start(MIB);
    using client = await TestClient.connect(redis.port);
    for (let i = 0; i < 5; i++) await client.ask("RPUSH", KEY, "value");
    const options = { count: 10, inFlight: 4, name: "-", command: ["BLPOP", KEY, "0.1"] };
    await using pop = await startPop(redis.port, options);
    await assert.rejects(pop.finish(), /no message came in time/);
  },
});
