/**
 * The bench's readers of streams take what they say, ack all of it, and fail when they cannot.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { hasCompiler, hasRedisServer } from "../support/machine.ts";
import { RedisServer } from "../support/redis_server.ts";
import { Clocked } from "./clocked.ts";
import { streamReaders } from "./tools.ts";

const MIB = 1024 * 1024;
const ignore = !hasCompiler || !hasRedisServer;

/** A stream of so many entries, with a group at its beginning. */
async function fill(redis: RedisServer, count: number): Promise<TestClient> {
  const client = await TestClient.connect(redis.port);
  for (let entry = 0; entry < count; entry++) {
    await client.ask("XADD", "stream", "*", "value", "*1\r\n$5\r\nvalue", "key", entry);
  }
  await client.ask("XGROUP", "CREATE", "stream", "group", 0);
  return client;
}

Deno.test({
  name: "readers of a stream count entries, not replies, and ack each of them",
  ignore,
  async fn(): Promise<void> {
    await using redis = await RedisServer.start(MIB);
    using client = await fill(redis, 200);
    const args = [redis.port, 100, 3, 10, "group", "stream"];
    await using readers = await Clocked.start(await streamReaders(), args);
    const { messages } = await readers.finish();
    assert.ok(messages >= 100 && messages <= 120, String(messages));
    const groups = await client.ask("XINFO", "GROUPS", "stream");
    const [, read] = /entries-read\r\n:(\d+)/.exec(groups) ?? [];
    assert.equal(Number(read), messages + 10, "with those that came before the clock");
    assert.match(await client.ask("XPENDING", "stream", "group"), /^\*4\r\n:0\r\n/);
  },
});

Deno.test({
  name: "readers of a stream fail on an error, and when somebody else has acked their entries",
  ignore,
  async fn(): Promise<void> {
    await using redis = await RedisServer.start(MIB);
    using client = await fill(redis, 40);
    const program = await streamReaders();
    const unknown = Clocked.start(program, [redis.port, 10, 1, 1, "other", "stream"]);
    await assert.rejects(unknown, /stream ended with 1: stream: got -NOGROUP/);
    await using readers = await Clocked.start(program, [redis.port, 20, 1, 10, "group", "stream"]);
    await client.ask("XGROUP", "DESTROY", "stream", "group");
    await assert.rejects(readers.finish(), /NOGROUP/);
  },
});
