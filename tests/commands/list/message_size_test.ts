/**
 * Messages that are larger than producers take: refused without a place in memory, and nothing else is.
 *
 * @module
 */
import assert from "node:assert/strict";
import { encode } from "../../support/client.ts";
import { TestGateway } from "../../support/gateway.ts";
import { counter } from "../../support/kafka.ts";
import { Program } from "../../support/program.ts";
import { resourcesOf } from "../../support/resources.ts";

const MIB = 1024 * 1024;
/** As large as an argument may be. */
const LARGEST = new Uint8Array(32_768_000);

Deno.test("Messages that no producer takes cost no memory, however many clients send them at once", async () => {
  await using program = await Program.start(["--dev"]);
  using other = await program.connect();
  await other.ask("RPUSHX", "topics:t", "x"); // what a first message costs
  const before = await resourcesOf(program.pid);
  const request = encode(["RPUSHX", "topics:t", LARGEST]);
  await Promise.all(Array.from({ length: 6 }, async () => {
    using client = await program.connect();
    const [reply] = await Promise.all([client.reply(60_000), client.write(request)]);
    assert.match(reply, /^-PROD Broker: Message size too large: 32768000 bytes, /);
    assert.equal(await client.ask("PING"), "+PONG\r\n");
  }));
  const grownBytes = (await resourcesOf(program.pid)).peakMemoryBytes - before.peakMemoryBytes;
  assert.ok(grownBytes < 25 * MIB, `${(grownBytes / MIB).toFixed(1)} MiB more`);
});

Deno.test("A message that is too large is answered in its place, and the others of a pipeline are produced", async () => {
  await using gateway = await TestGateway.start({
    config: { producer: { "message.max.bytes": 2_000 } },
  });
  using client = await gateway.connect();
  const tooLarge = "x".repeat(2_001);
  const commands = [
    ["PING", "1"],
    ["RPUSHX", "topics:t", "small"],
    ["lpush", "topics:t", tooLarge],
    ["RPUSH", "topics:t:key", "small", tooLarge, "never taken"],
    ["RPUSHX", `topics:t:${tooLarge}`, "x"],
    ["PING", tooLarge],
  ];
  for (const command of commands) await client.send(...command);
  const error =
    "-PROD Broker: Message size too large: 2001 bytes, message.max.bytes is 2000 and counts " +
    "key and overhead, too";
  assert.equal(await client.reply(), "$1\r\n1\r\n");
  assert.equal(await client.reply(), ":1\r\n");
  assert.equal(await client.reply(), `${error}\r\n`);
  assert.equal(await client.reply(), `${error}; only the first 1 of 3 were taken\r\n`);
  assert.equal(await client.reply(), `${error.replace("2001", "2010")}\r\n`);
  assert.equal(await client.reply(), `$2001\r\n${tooLarge}\r\n`);
  assert.equal(await counter(client, "producer.produced.messages"), 2);
});

Deno.test("A message that is too large with its key is refused with the same words", async () => {
  await using gateway = await TestGateway.start({
    config: { producer: { "message.max.bytes": 2_000 } },
  });
  using client = await gateway.connect();
  assert.match(
    await client.ask("RPUSHX", `topics:t:${"k".repeat(1_000)}`, "x".repeat(1_500)),
    /^-PROD Broker: Message size too large: 1500 bytes, message.max.bytes is 2000 and counts key /,
  );
});

Deno.test("A message that is too large between MULTI and EXEC is refused there, and EXEC runs nothing", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const requests = [["MULTI"], ["RPUSHX", "topics:t", "small"], ["RPUSHX", "topics:t", LARGEST], [
    "EXEC",
  ]];
  for (const request of requests) await client.send(...request);
  assert.equal(await client.reply(), "+OK\r\n");
  assert.equal(await client.reply(), "+QUEUED\r\n");
  assert.match(await client.reply(), /^-PROD Broker: Message size too large: 32768000 bytes, /);
  assert.match(await client.reply(), /^-EXECABORT /);
  assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n", "whoever is not shown replies asks WAIT");
  assert.equal(await counter(client, "producer.produced.messages"), 0);
});

Deno.test("With a larger message.max.bytes larger messages are taken", async () => {
  await using gateway = await TestGateway.start({
    config: { producer: { "message.max.bytes": 3_000_000 } },
  });
  using client = await gateway.connect();
  assert.equal(await client.ask("RPUSHX", "topics:t", new Uint8Array(2_900_000)), ":1\r\n");
});
