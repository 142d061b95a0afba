/**
 * Pipelines of messages: they are run many at a time, and nobody can tell.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { TestGateway } from "../../support/gateway.ts";
import { counter, mustPop, testInEachProducerMode } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

testInEachProducerMode(
  "Messages of a pipeline keep their order, with and without keys, to one topic or several",
  async (server) => {
    await using gateway = await TestGateway.start({ config: { server } });
    using client = await gateway.connectAs("group:a");
    const messages = Array.from({ length: 2_000 }, (_, n): [target: string, value: string] => [
      n % 500 === 499 ? "other" : n % 3 === 0 ? `t:${n % 7}` : "t:key",
      n % 11 === 0 ? "" : `${n}`.padEnd(n % 100, "."),
    ]);
    await pipeline(client, messages);
    const sent = messages.filter(([target]) => target !== "other");
    const got: { partition: number; value: string }[] = [];
    for (const _ of sent) {
      const { partition, value } = await mustPop(client, "t");
      got.push({ partition, value: value! });
    }
    const values = (some: Iterable<string>): string[] => [...some].filter((one) => one !== "");
    const positions = new Map(sent.map(([, value], at) => [value, at]));
    for (const [partition, ofIt] of Map.groupBy(got, (one) => one.partition)) {
      const order = values(ofIt.map(({ value }) => value)).map((value) => positions.get(value)!);
      assert.deepEqual(order, order.toSorted((a, b) => a - b), `order of partition ${partition}`);
    }
    assert.deepEqual(
      got.map(({ value }) => value).toSorted(),
      sent.map(([, value]) => value).toSorted(),
    );
    assert.equal(await counter(client, "producer.produced.messages"), messages.length);
  },
);

testInEachProducerMode(
  "A pipeline waits for room in the queue, and all of it is delivered in its order",
  async (server) => {
    await using gateway = await TestGateway.start({
      config: { server, producer: { "queue.buffering.max.messages": 40, "linger.ms": 1 } },
    });
    using client = await gateway.connectAs("group:a");
    const values = Array.from({ length: 1_000 }, (_, n) => `${n}`);
    await pipeline(client, values.map((value) => ["t:key", value]));
    for (const value of values) assert.equal((await mustPop(client, "t")).value, value);
  },
);

testInEachProducerMode(
  "A message that librdkafka refuses is answered in its place, and WAIT knows of it",
  async (server) => {
    await using gateway = await TestGateway.start({
      config: { server, producer: { "message.max.bytes": 1_000 } },
    });
    using client = await gateway.connect();
    const values = ["one", "two", "x".repeat(990), "three", "x".repeat(991), "four"];
    await client.write(
      values.map((value) => encodeRequest(["RPUSHX", "topics:t", value])).join(""),
    );
    for (const { length } of values) {
      const tooLarge = new RegExp(`^-PROD Broker: Message size too large: ${length} bytes, `);
      assert.match(await client.reply(), length > 900 ? tooLarge : /^:1\r\n$/);
    }
    assert.equal(await client.ask("WAIT", 1, 20_000), ":0\r\n", "two were refused");
    assert.equal(await client.ask("WAIT", 1, 20_000), ":1\r\n");
    assert.equal(await counter(client, "producer.delivered.messages"), 4);
    assert.match(await commandStats(client), /^cmdstat_rpushx:calls=6,.*failed_calls=2\r$/m);
  },
);

Deno.test("What a pipeline holds between messages takes effect there", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const push = encodeRequest(["RPUSHX", "topics:t", "x"]);
  const rows: [wire: string, replies: string][] = [
    [push.repeat(3), ":1\r\n".repeat(3)],
    [encodeRequest(["MULTI"]) + push.repeat(2), "+OK\r\n+QUEUED\r\n+QUEUED\r\n"],
    [encodeRequest(["EXEC"]) + push.repeat(2), "*2\r\n" + ":1\r\n".repeat(4)],
    [push + encodeRequest(["CLIENT", "REPLY", "SKIP"]) + push.repeat(2), ":1\r\n".repeat(2)],
    [encodeRequest(["CLIENT", "REPLY", "OFF"]) + push.repeat(3), ""],
    [encodeRequest(["CLIENT", "REPLY", "ON"]) + push.repeat(2), "+OK\r\n" + ":1\r\n".repeat(2)],
    [encodeRequest(["RPUSH", "topics:t", "x"]).repeat(3), ":1\r\n".repeat(3)],
    [encodeRequest(["LPUSH", "topics:t", "x"]).repeat(3), ":1\r\n".repeat(3)],
    [encodeRequest(["XADD", "topics:t", "*", "value", ""]).slice(0, -4), ""],
    ["\r\n\r\n" + push.repeat(2), "id" + ":1\r\n".repeat(2)],
    [encodeRequest(["RPUSHX", "topics:t", "x", "y"]).repeat(2), ":2\r\n".repeat(2)],
    [push.repeat(2) + encodeRequest(["PING"]) + push, ":1\r\n".repeat(2) + "+PONG\r\n:1\r\n"],
  ];
  await client.write(rows.map(([wire]) => wire).join(""));
  const wanted = rows.map(([, replies]) => replies).join("");
  let got = "";
  while (got.length < wanted.length) {
    got += (await client.reply()).replace(/^\$.*\r\n.*-.*\r\n$/, "id");
  }
  assert.equal(got, wanted);
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  // RPUSHX and what is in transactions and not answered, RPUSH, LPUSH, XADD, two with two messages
  const produced = 3 + 4 + 3 + 3 + 2 + 3 + 3 + 1 + 2 + 4 + 3;
  assert.equal(await counter(client, "producer.produced.messages"), produced);
});

Deno.test("In the dialect of the README each message of a pipeline is answered OK", async () => {
  await using gateway = await TestGateway.start({ config: { server: { dialect: "readme" } } });
  using client = await gateway.connect();
  await client.write(encodeRequest(["RPUSHX", "topics:t", "x"]).repeat(5));
  for (let n = 0; n < 5; n++) assert.equal(await client.reply(), "$2\r\nOK\r\n");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
});

Deno.test("A user produces to no other topic in a pipeline than it may", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { users: ["user default off", "user ann on >secret +@all ~topics:own"] } },
  });
  using client = await gateway.connect();
  assert.equal(await client.ask("AUTH", "ann", "secret"), "+OK\r\n");
  const push = (target: string): string => encodeRequest(["RPUSHX", `topics:${target}`, "x"]);
  const targets = [
    "own",
    "own:k",
    "own",
    "foreign",
    "foreign",
    "foreign:own",
    "own",
    "own2",
    "own2",
  ];
  await client.write(targets.map(push).join(""));
  for (const target of targets) {
    assert.match(await client.reply(), /^own(:|$)/.test(target) ? /^:1\r\n$/ : /^-NOPERM /);
  }
});

Deno.test("MONITOR shows each message of a pipeline", async () => {
  await using gateway = await TestGateway.start();
  using monitor = await gateway.connect();
  assert.equal(await monitor.ask("MONITOR"), "+OK\r\n");
  using client = await gateway.connect();
  const values = Array.from({ length: 20 }, (_, n) => `${n}`);
  await pipeline(client, values.map((value) => ["t", value]));
  for (const value of values) {
    assert.ok((await monitor.reply()).endsWith(`"RPUSHX" "topics:t" "${value}"\r\n`));
  }
});

/** Sends messages in one write, which all have to be taken and delivered. */
async function pipeline(
  client: TestClient,
  messages: readonly (readonly [target: string, value: string])[],
): Promise<void> {
  const requests = messages.map(([target, value]) => ["RPUSHX", `topics:${target}`, value]);
  const writing = client.write([...requests, ["DUMP", "20000"]].map(encodeRequest).join(""));
  for (const _ of messages) assert.equal(await client.reply(), ":1\r\n");
  assert.equal(await client.reply(), ":0\r\n", "messages left undelivered");
  await writing;
}

async function commandStats(client: { ask(...words: string[]): Promise<string> }): Promise<string> {
  return await client.ask("INFO", "commandstats");
}
