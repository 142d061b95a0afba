/**
 * BLPOP and RPUSH acks: what a message looks like, how long BLPOP waits, what it holds back, what an ack does.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readPopped } from "../../support/client.ts";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import { ack, mustPop, onBrokers, PATIENCE_SECONDS, quit } from "../../support/kafka.ts";
import { kafkaBrokers } from "../../support/machine.ts";
import { encodeRequest } from "../../support/wire.ts";

Deno.test("BLPOP answers topic, partition, offset and value, with integers as integers", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  for (const value of ["one", "two"]) await client.ask("RPUSHX", "topics:t:key", value);
  const { partition } = await mustPop(client, "t");
  await client.send("blpop", "topics:t", 20);
  assert.equal(
    await client.reply(),
    `*8\r\n$5\r\ntopic\r\n$1\r\nt\r\n$9\r\npartition\r\n:${partition}\r\n` +
      "$6\r\noffset\r\n:1\r\n$5\r\nvalue\r\n$3\r\ntwo\r\n",
  );
});

Deno.test("BLPOP answers the null array when nothing came in time, a fraction of a second too", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  for (const seconds of [1, 0.5, 0.001]) {
    const startMs = performance.now();
    assert.equal(await client.ask("BLPOP", "topics:t", seconds), "*-1\r\n");
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs >= seconds * 1_000 - 5, `${seconds} s were over after ${tookMs} ms`);
  }
});

Deno.test("In the dialect of the README, BLPOP counts milliseconds and RPUSH acks answers OK", async () => {
  await using gateway = await TestGateway.start({ config: { server: { dialect: "readme" } } });
  using client = await gateway.connectAs("group:a");
  const startMs = performance.now();
  assert.equal(await client.ask("BLPOP", "topics:t", 200), "*-1\r\n");
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs >= 195 && tookMs < 100_000, `200 ms were over after ${tookMs} ms`);
  assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), "$2\r\nOK\r\n");
  await client.send("BLPOP", "topics:t", 20_000);
  const message = readPopped(await client.reply())!;
  assert.equal(message.value, "hello");
  assert.equal(await ack(client, message), "$2\r\nOK\r\n");
});

Deno.test("BLPOP 0 waits until there is a message", async () => {
  await using gateway = await TestGateway.start();
  using waiting = await gateway.connectAs("group:a");
  using other = await gateway.connectAs("other:a");
  await waiting.send("BLPOP", "topics:t", 0);
  assert.equal(await other.pop("topics:t", 0.5), undefined, "nothing for half a second");
  await other.ask("RPUSHX", "topics:t", "hello");
  assert.equal(readPopped(await waiting.reply())?.value, "hello");
});

Deno.test("BLPOP holds back later commands of its connection, and no other connection", async () => {
  await using gateway = await TestGateway.start();
  using waiting = await gateway.connectAs("group:a");
  using other = await gateway.connect();
  await waiting.write(
    encodeRequest(["PING", "before"]) + encodeRequest(["BLPOP", "topics:t", "0"]) +
      encodeRequest(["RPUSHX", "topics:late", "hello"]) + encodeRequest(["PING", "after"]),
  );
  assert.equal(await waiting.reply(), "$6\r\nbefore\r\n");
  for (let i = 0; i < 50; i++) assert.equal(await other.ask("PING"), "+PONG\r\n");
  await other.ask("RPUSHX", "topics:t", "hello");
  assert.equal(await other.ask("DUMP", 20_000), ":0\r\n");
  assert.equal(readPopped(await waiting.reply())?.value, "hello");
  assert.equal(await waiting.reply(), ":1\r\n");
  assert.equal(await waiting.reply(), "$5\r\nafter\r\n");
});

Deno.test("One consumer takes several topics, in whatever order they are named", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  for (const topic of ["one", "two"]) await client.ask("RPUSHX", `topics:${topic}`, topic);
  const first = await mustPop(client, "one,two");
  const second = await mustPop(client, "two,one");
  assert.deepEqual([first.topic, second.topic].sort(), ["one", "two"]);
  assert.deepEqual([first.value, second.value], [first.topic, second.topic]);
});

Deno.test("The JSON of the first BLPOP sets up the consumer; that of a later one does not count", async () => {
  await using gateway = await TestGateway.start();
  using producer = await gateway.connect();
  await producer.ask("RPUSHX", "topics:t", "before");
  assert.equal(await producer.ask("DUMP", 20_000), ":0\r\n");
  using client = await gateway.connectAs("group:a");
  const settings = '{"auto.offset.reset":"error","client.rack":"a:b,c","check.crcs":true}';
  assert.match(await client.ask("BLPOP", `topics:t:${settings}`, 20), /^-CONS Poll /);

  using earliest = await gateway.connectAs("other:a");
  const other = '{"auto.offset.reset":"earliest","session.timeout.ms":"6000"}';
  await earliest.send("BLPOP", `topics:t:${other}`, PATIENCE_SECONDS);
  assert.equal(readPopped(await earliest.reply())?.value, "before");
  const ignored = '{"auto.offset.reset":"error"}';
  assert.equal(await earliest.ask("BLPOP", `topics:t:${ignored}`, 0.1), "*-1\r\n");
});

Deno.test("What was acked is done for the group; what was not is handed out again", async () => {
  await using gateway = await TestGateway.start();
  using producer = await gateway.connect();
  for (const value of ["one", "two", "three"]) {
    await producer.ask("RPUSHX", "topics:t:key", value);
  }
  using first = await gateway.connectAs("group:a");
  const message = await mustPop(first, "t");
  assert.equal((await mustPop(first, "t")).value, "two");
  await first.send("rpush", "ACKS", `t:${message.partition}:${message.offset}`);
  assert.equal(await first.reply(), ":1\r\n");
  await quit(first);

  using second = await gateway.connectAs("group:b");
  assert.equal((await mustPop(second, "t")).value, "two");
  using other = await gateway.connectAs("other:a");
  assert.equal((await mustPop(other, "t")).value, "one");
});

Deno.test("A topic that is not there yet is waited for: BLPOP gets its message once it is made", async () => {
  await using gateway = await TestGateway.start({
    config: { consumer: { "topic.metadata.refresh.interval.ms": 250 } },
  });
  const prefix = uniqueName("new");
  using client = await gateway.connectAs("group:a");
  using producer = await gateway.connect();
  assert.equal(await client.ask("BLPOP", `topics:^${prefix}`, 0.3), "*-1\r\n");
  assert.equal(await producer.ask("KEYS", `topics:${prefix}*`), "*0\r\n");
  await client.send("BLPOP", `topics:^${prefix}`, 0);
  await producer.ask("RPUSHX", `topics:${prefix}-1`, "hello");
  assert.equal(readPopped(await client.reply())?.value, "hello");
});

Deno.test({
  name: "On a real Kafka, BLPOP goes on waiting for a topic that is not there and gets its message",
  ignore: kafkaBrokers === undefined,
  fn: async (): Promise<void> => {
    await using gateway = await TestGateway.start({ config: onBrokers(kafkaBrokers!) });
    const topic = uniqueName("new");
    using client = await gateway.connectAs(`${topic}:a`);
    using producer = await gateway.connect();
    assert.equal(await client.ask("BLPOP", `topics:${topic}`, 2), "*-1\r\n");
    assert.equal(await producer.ask("KEYS", `topics:${topic}`), "*0\r\n");
    await client.send("BLPOP", `topics:${topic}`, 0);
    await producer.ask("RPUSHX", `topics:${topic}`, "hello");
    assert.equal(await producer.ask("DUMP", 20_000), ":0\r\n");
    assert.equal(readPopped(await client.reply(60_000))?.value, "hello");
  },
});

Deno.test("A connection may have a producer and a consumer", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  assert.equal(await client.ask("BLPOP", "topics:t", 0.01), "*-1\r\n");
  assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
  assert.equal((await mustPop(client, "t")).value, "hello");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
});

Deno.test("A connection that quits leaves nothing behind", async () => {
  await using gateway = await TestGateway.start({ config: { server: { producerPool: 0 } } });
  await settledHandles(gateway);
  const before = { ...gateway.library.handles.open };
  const client = await gateway.connectAs("group:a");
  await client.ask("RPUSHX", "topics:t", "hello");
  await mustPop(client, "t");
  await quit(client);
  client[Symbol.dispose]();
  await gateway.untilSessions(0);
  assert.deepEqual(gateway.library.handles.open, before);
});

/** The client that is asked for topics stays open: it is made before handles are counted. */
async function settledHandles(gateway: TestGateway): Promise<void> {
  using client = await gateway.connect();
  await client.ask("KEYS", "topics:");
  client[Symbol.dispose]();
  await until(() => gateway.rafka.server.sessionCount === 0, "no session");
}
