/**
 * Tools that work with Redis Streams, pub/sub or lists, unmodified: each sends messages and gets them, some after a failure, as with Redis
 * itself. What one has sent is a plain message of Kafka; what it has got is acked.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ClientProgram } from "../clients/client_program.ts";
import { uniqueName, until } from "../support/gateway.ts";
import { mustPop, testOnEachKafka } from "../support/kafka.ts";
import { hasRedisServer } from "../support/machine.ts";
import { RedisServer } from "../support/redis_server.ts";
import type { TestClient } from "../support/client.ts";
import { type Tool, tools, worksNow } from "./tools.ts";

const DEADLINE_MS = 60_000;

for (const tool of tools) {
  const title = `${tool.tool} ${tool.version}`;
  testOnEachKafka(`${title}: works with topics`, async (startGateway) => {
    const [topic, group] = [uniqueName("tool"), uniqueName("tool-workers")];
    await using gateway = await startGateway({
      server: { keys: [{ match: topic, topic }], lists: { group } },
    });
    assert.equal(await outputOf(tool, gateway.port, topic, group), tool.prints);
    using client = await gateway.connect();
    if (tool.acks && tool.uses === "lists") {
      await until(
        async () => await client.ask("LLEN", `topics:${topic}`) === ":0\r\n",
        "all that was popped to be acked",
      );
    } else if (tool.acks) {
      const pending = await client.ask("XPENDING", `topics:${topic}`, group);
      assert.equal(pending, "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n");
    }
    if (tool.value !== undefined) {
      await client.ask("CLIENT", "SETNAME", `${uniqueName("kafka-workers")}:1`);
      await mustPopLike(client, topic, tool.value);
    }
  }, { ignore: tool.command === undefined || !worksNow(tool) });

  Deno.test({
    name: `${title}: does the same with Redis itself`,
    ignore: tool.command === undefined || !hasRedisServer,
    async fn(): Promise<void> {
      await using redis = await RedisServer.start(1 << 20);
      assert.equal(await outputOf(tool, redis.port, "tool", "tool-workers"), tool.prints);
    },
  });
}

/** Pops messages of all partitions until there is one of this kind. */
async function mustPopLike(client: TestClient, topic: string, value: RegExp): Promise<void> {
  while (!value.test(String((await mustPop(client, topic)).value)));
}

async function outputOf(tool: Tool, port: number, topic: string, group: string): Promise<string> {
  const source = await Deno.readTextFile(new URL(tool.program, import.meta.url));
  const args = [String(port), topic, group];
  await using program = await ClientProgram.startSource(tool.command!, source, args, DEADLINE_MS);
  return await program.output();
}

Deno.test("tests/tools/install gets every tool that Debian has not got, in the listed version", async () => {
  const script = await Deno.readTextFile(new URL("install", import.meta.url));
  const names = [...script.matchAll(/^(\w+-\d+)\(\)/gm)].map(([, name]) => name!);
  const fromScript = tools.filter(({ howToGet }) => howToGet.startsWith("tests/tools/install"));
  assert.deepEqual(names.sort(), [...new Set(fromScript.map(nameOf))].sort());
  for (const tool of fromScript) {
    const [body] = new RegExp(`^${nameOf(tool)}\\(\\).*?\\}$`, "ms").exec(script)!;
    assert.ok(body.includes(tool.version), `${tool.tool}: ${tool.version} in ${body}`);
  }
});

function nameOf({ howToGet }: Tool): string {
  return /[\w]+-\d+(?=;)/.exec(howToGet)![0];
}
