/**
 * Topics as channels: what is produced to one reaches its subscribers, in order and none left out, and PUBLISH answers
 * when Kafka has the message. Channels that are no topics stay in the memory of the gateway.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import { testOnEachKafka } from "../../support/kafka.ts";

testOnEachKafka(
  "what is published behind SUBSCRIBE's reply arrives, in order",
  async (startGateway) => {
    await using gateway = await startGateway();
    const channel = `topics:${uniqueName("pubsub")}`;
    using publisher = await gateway.connect();
    assert.equal(await publisher.ask("PUBLISH", `${channel}:k`, "before"), ":1\r\n");
    using subscriber = await gateway.connect();
    using other = await gateway.connect();
    for (const one of [subscriber, other]) await one.ask("SUBSCRIBE", channel);
    const count = 200;
    for (let at = 0; at < count; at++) await publisher.send("PUBLISH", `${channel}:k`, `m${at}`);
    for (let at = 0; at < count; at++) assert.equal(await publisher.reply(), ":2\r\n");
    for (const one of [subscriber, other]) {
      for (let at = 0; at < count; at++) assert.equal(await payload(one), `m${at}`);
    }
  },
);

testOnEachKafka(
  "whatever produces to a topic, its subscribers get the values",
  async (startGateway) => {
    await using gateway = await startGateway();
    const topic = uniqueName("pubsub");
    using subscriber = await gateway.connect();
    await subscriber.ask("SUBSCRIBE", `topics:${topic}`); // does not exist yet
    using producer = await gateway.connect();
    assert.equal(await producer.ask("RPUSH", `topics:${topic}:k`, "list"), ":1\r\n");
    assert.equal(await payload(subscriber), "list");
    assert.match(await producer.ask("XADD", `topics:${topic}`, "*", "value", "stream"), /^\$/);
    assert.equal(await payload(subscriber), "stream");
    assert.equal(await producer.ask("RPUSH", `topics:${topic}`, ""), ":1\r\n");
    assert.equal(await payload(subscriber), "");
    assert.equal(await producer.ask("DEL", `topics:${topic}:k`), ":1\r\n");
    assert.equal(await payload(subscriber), "", "a tombstone");
  },
);

Deno.test("a topic is read once for all its subscribers, and no more without any", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { keys: [{ match: "events", topic: "events-1" }] } },
  });
  using a = await gateway.connect();
  using b = await gateway.connect();
  await a.ask("SUBSCRIBE", "topics:events-1", "events", "topic:events-1");
  for (let at = 0; at < 2; at++) await a.reply();
  await b.ask("PSUBSCRIBE", "events");
  await b.ask("SSUBSCRIBE", "topics:events-1");
  await b.ask("PSUBSCRIBE", "topics:ev*-?");
  using asking = await gateway.connect();
  assert.match(await asking.ask("INFO", "kafka"), /pubsub_topics:1\r\n/);
  assert.match(
    await asking.ask("INFO", "stats"),
    /pubsub_channels:3\r\npubsub_patterns:2\r\npubsubshard_channels:1/,
  );
  assert.match(await asking.ask("INFO", "clients"), /pubsub_clients:2\r\n/);
  assert.equal(await asking.ask("PUBLISH", "events", "m"), ":6\r\n");
  assert.equal(await asking.ask("PUBSUB", "NUMSUB", "events"), "*2\r\n$6\r\nevents\r\n:1\r\n");
  assert.deepEqual(
    (await messages(a, 3)).sort(),
    ["message events m", "message topic:events-1 m", "message topics:events-1 m"],
  );
  assert.deepEqual((await messages(b, 3)).sort(), [
    "pmessage events events m",
    "pmessage topics:ev*-? topics:events-1 m",
    "smessage topics:events-1 m",
  ]);
  await a.ask("RESET");
  b[Symbol.dispose]();
  await until(
    async () => (await asking.ask("INFO", "kafka")).includes("pubsub_topics:0\r\n"),
    "the topic to be read no more",
  );
});

Deno.test("a pattern of topics finds those that are made later, from their first message on", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.equal(await client.ask("PUBLISH", "topics:news-a", "old"), ":1\r\n");
  assert.equal(await client.ask("PUBLISH", "topics:other", "old"), ":1\r\n");
  using subscriber = await gateway.connect();
  await subscriber.ask("PSUBSCRIBE", "topics:news-*");
  assert.equal(await client.ask("PUBLISH", "topics:other", "no"), ":1\r\n");
  assert.equal(await client.ask("PUBLISH", "topics:news-a", "1"), ":1\r\n");
  assert.deepEqual(await messages(subscriber, 1), ["pmessage topics:news-* topics:news-a 1"]);
  assert.equal(await client.ask("PUBLISH", "topics:news-b:key", "2"), ":1\r\n");
  assert.equal(await client.ask("PUBLISH", "topics:news-b:key", "3"), ":1\r\n");
  assert.deepEqual(await messages(subscriber, 2), [
    "pmessage topics:news-* topics:news-b 2",
    "pmessage topics:news-* topics:news-b 3",
  ]);
});

Deno.test("a channel that is no topic makes none, and patterns without topics: find none", async () => {
  await using gateway = await TestGateway.start();
  using subscriber = await gateway.connect();
  using client = await gateway.connect();
  await subscriber.ask("PSUBSCRIBE", "*");
  assert.equal(await client.ask("PUBLISH", "reply.1234", "m"), ":1\r\n");
  assert.equal(await client.ask("PUBLISH", "topics:real", "m"), ":1\r\n");
  assert.equal(await client.ask("PUBLISH", "reply.1234", "n"), ":1\r\n");
  assert.deepEqual(await messages(subscriber, 2), [
    "pmessage * reply.1234 m",
    "pmessage * reply.1234 n",
  ]);
  assert.equal(await client.ask("KEYS", "*"), "*1\r\n$11\r\ntopics:real\r\n");
});

Deno.test("a message that Kafka does not take is an error, and so is a channel that is no topic", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.match(
    await client.ask("PUBLISH", "topics:t", "x".repeat(1_100_000)),
    /^-PROD .*1000000/,
  );
  for (
    const [command, channel, why] of [
      ["PUBLISH", "topics:a b", "'a b' is no topic"],
      ["PUBLISH", "topics:", "'' is no topic"],
      ["PUBLISH", "topics:__consumer_offsets", "Kafka's own"],
      ["SUBSCRIBE", "topics:a,b", "'a,b' is no topic"],
      ["SUBSCRIBE", "topics:t:key", "only PUBLISH takes a message key"],
      ["PSUBSCRIBE", "topics:t:key", "only PUBLISH takes a message key"],
      ["SSUBSCRIBE", "topics:__x", "Kafka's own"],
      ["SUBSCRIBE", "x".repeat(1_025), "at most 1024 are allowed"],
      ["PSUBSCRIBE", "x".repeat(513), "at most 512 are allowed"],
    ] as const
  ) {
    const reply = await client.ask(command, channel, ...(command === "PUBLISH" ? ["m"] : []));
    assert.ok(reply.startsWith("-ERR ") && reply.includes(why), `${channel}: ${reply}`);
  }
  assert.equal(await client.ask("PING"), "+PONG\r\n", "it does not subscribe");
});

Deno.test("one of several channels cannot be subscribed to: none is", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { pubsub: { maxSubscriptions: 3, maxChannels: 4, maxPatterns: 1 } } },
  });
  using client = await gateway.connect();
  using other = await gateway.connect();
  assert.match(await client.ask("SUBSCRIBE", "a", "b", "c", "d"), /^-ERR this connection has 3/);
  assert.equal(await client.ask("PUBSUB", "CHANNELS"), "*0\r\n");
  assert.match(await other.ask("PSUBSCRIBE", "a*", "b*"), /^-ERR there are 1 patterns/);
  assert.equal(await client.ask("PUBSUB", "NUMPAT"), ":0\r\n");
  assert.match(await other.ask("SUBSCRIBE", "a", "b"), /^\*3/);
  await other.reply();
  assert.match(await client.ask("SUBSCRIBE", "c", "d", "e"), /^-ERR there are 4 channels/);
  assert.match(await client.ask("SUBSCRIBE", "a", "topics:a:b"), /^-ERR Cannot use channel/);
  assert.equal(await client.ask("PUBSUB", "NUMSUB", "a"), "*2\r\n$1\r\na\r\n:1\r\n");
});

Deno.test("a topic beyond streams.maxReaders is an error, one of them already read is none", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { streams: { maxReaders: 1 } } },
  });
  using client = await gateway.connect();
  using other = await gateway.connect();
  await client.ask("SUBSCRIBE", "topics:a");
  assert.match(await other.ask("SUBSCRIBE", "topics:b"), /^-ERR there are subscribers of 1 topics/);
  assert.match(await other.ask("SUBSCRIBE", "topics:a"), /^\*3/);
});

Deno.test("a subscriber that does not read is cut off, the others get all", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { outputLimitBytes: 1_000_000 } },
  });
  using slow = await gateway.connect();
  using good = await gateway.connect();
  using client = await gateway.connect();
  await slow.ask("SUBSCRIBE", "big");
  await good.ask("SUBSCRIBE", "big");
  const big = "x".repeat(500_000);
  let count = 0;
  while (await client.ask("PUBLISH", "big", big) === ":2\r\n") {
    assert.equal((await payload(good)).length, big.length);
    assert.ok(count++ < 200, "never cut off");
  }
  assert.equal((await payload(good)).length, big.length);
  assert.match(
    await client.ask("INFO", "stats"),
    /client_output_buffer_limit_disconnections:1\r\n/,
  );
});

Deno.test("a connection that ends, or is killed, subscribes no more", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  for (const type of ["leaves", "killed"]) {
    using subscriber = await gateway.connect();
    await subscriber.ask("SUBSCRIBE", "x", "topics:x");
    await subscriber.reply();
    assert.match(await client.ask("CLIENT", "LIST", "TYPE", "pubsub"), /flags=P .*sub=2 psub=0/);
    if (type === "leaves") subscriber[Symbol.dispose]();
    else assert.equal(await client.ask("CLIENT", "KILL", "TYPE", "pubsub"), ":1\r\n");
    await until(
      async () => await client.ask("PUBSUB", "CHANNELS") === "*0\r\n",
      "the subscriptions to end",
    );
  }
});

async function payload(client: TestClient): Promise<string> {
  const message = await client.reply();
  const match = /^\*3\r\n\$7\r\nmessage\r\n\$\d+\r\n.*\r\n\$\d+\r\n(.*)\r\n$/.exec(message);
  assert.ok(match, message.slice(0, 200));
  return match[1]!;
}

/** `message <channel> <payload>` */
async function messages(client: TestClient, count: number): Promise<string[]> {
  const all: string[] = [];
  while (all.length < count) {
    const words = [...(await client.reply()).matchAll(/\$\d+\r\n(.*)\r\n/g)];
    all.push(words.map(([, word]) => word).join(" "));
  }
  return all;
}

Deno.test("What a client publishes to itself in the EXEC that subscribes it comes behind the reply, each message whole", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  await client.ask("HELLO", "3");
  await client.ask("MULTI");
  await client.ask("SUBSCRIBE", "x");
  for (const message of ["first", "second"]) await client.ask("PUBLISH", "x", message);
  assert.match(await client.ask("EXEC"), /^\*3\r\n>3\r\n[^]*:1\r\n:1\r\n:1\r\n$/);
  assert.match(await client.reply(), /first\r\n$/);
  assert.match(await client.reply(), /second\r\n$/);
});
