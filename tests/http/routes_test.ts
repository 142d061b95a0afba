/**
 * What the HTTP port shows of a gateway with traffic, and what it never shows.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, until } from "../support/gateway.ts";
import { EventReader } from "../support/event_reader.ts";
import { get, getJson } from "../support/http.ts";
import { TestGroup } from "../support/stream_group.ts";

const PATHS = [
  "/",
  "/metrics",
  "/api/status",
  "/api/connections",
  "/api/groups",
  "/api/failures",
  "/api/topics",
  "/api/lag",
  "/api/brokers",
];

async function startWithTraffic(server: Record<string, unknown> = {}): Promise<TestGateway> {
  const gateway = await TestGateway.start({
    config: { server: { http: { port: 0 }, ...server }, producer: { "message.timeout.ms": 5_000 } },
  });
  using producer = await gateway.connect();
  assert.equal(await producer.ask("RPUSHX", "topics:orders:the-key", "the message"), ":1\r\n");
  assert.equal(await producer.ask("DUMP", 5_000), ":0\r\n");
  return gateway;
}

Deno.test("29: counters of messages are shown, messages are not", async () => {
  await using gateway = await startWithTraffic();
  using worker = await gateway.connectAs("shop:worker");
  const [message] = [await worker.ask("BLPOP", "topics:orders", 10)];
  assert.match(message, /the message/);
  const port = gateway.rafka.httpPort!;
  const { metrics } = await getJson(port, "/api/status");
  assert.equal(metrics.rafka_producer_delivered_messages_total, 1);
  assert.equal(metrics.rafka_consumer_consumed_messages_total, 1);
  const { total, connections } = await getJson(port, "/api/connections");
  assert.equal(total, 1);
  assert.deepEqual(
    connections.map(({ name, group, topics }: Record<string, unknown>) => [
      name,
      group,
      topics,
    ]),
    [["shop:worker", "shop", ["orders"]]],
  );
  for (const path of PATHS) {
    const { status, body } = await get(port, path);
    assert.equal(status, 200, path);
    assert.doesNotMatch(body, /the message|the-key/, path);
  }
});

Deno.test("18: with users no name is shown, unless the configuration says so", async () => {
  const users = ["user default on nopass ~* +@all", "user alice on >secret ~* +@all"];
  for (const [http, isShown] of [[{ port: 0 }, false], [{ port: 0, names: true }, true]] as const) {
    await using gateway = await startWithTraffic({ users, http });
    using worker = await gateway.connectAs("shop:worker");
    await worker.ask("BLPOP", "topics:orders", 10);
    const bodies = await Promise.all(PATHS.map((path) => get(gateway.rafka.httpPort!, path)));
    const all = bodies.map(({ body }) => body).join("\n");
    assert.equal(/\b(shop|worker|orders)\b|127\.0\.0\.1/.test(all), isShown);
    assert.doesNotMatch(all, /secret/);
  }
});

Deno.test("connections are listed in parts, and found by a part of their name", async () => {
  await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
  const port = gateway.rafka.httpPort!;
  using stack = new DisposableStack();
  for (let i = 0; i < 5; i++) stack.use(await gateway.connectAs(`group:worker${i}`));
  const names = async (query: string): Promise<string[]> => {
    const { connections } = await getJson(port, `/api/connections?${query}`);
    return connections.map(({ name }: { name: string }) => name);
  };
  assert.deepEqual(await names("count=2&cursor=3"), ["group:worker3", "group:worker4"]);
  assert.deepEqual(await names("match=ker1"), ["group:worker1"]);
  assert.equal((await names("count=-1&cursor=x")).length, 5);
});

Deno.test("each list has parts, the same way as the one of connections", async () => {
  await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
  const port = gateway.rafka.httpPort!;
  using client = await gateway.connect();
  for (let i = 1; i <= 3; i++) {
    const values = new Array(4 - i).fill("value"); // the most messages come first
    await client.ask("RPUSHX", `topics:part${i}`, ...values);
    const group = await TestGroup.create(client, `part${i}`);
    await group.add(client, "value");
    await group.take(client, "alice", 1);
  }
  for (const [path, name] of [["topics", "topic"], ["groups", "group"]] as const) {
    const read = async (query: string): Promise<[number, string[]]> => {
      const { total, [path]: rows } = await getJson(port, `/api/${path}?${query}`);
      return [total, rows.map((row: Record<string, string>) => row[name])];
    };
    const [total, all] = await read("match=part");
    assert.equal(total, 3, path);
    assert.deepEqual(await read("match=part&count=1&cursor=1"), [3, all.slice(1, 2)]);
    assert.deepEqual(await read("match=part3"), [1, ["part3"]]);
    assert.deepEqual(await read("match=part&cursor=3"), [3, []]);
  }
});

Deno.test("a group is listed once, with its workers and its streams, and found by its topics", async () => {
  await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
  const port = gateway.rafka.httpPort!;
  using client = await gateway.connect();
  using worker = await gateway.connectAs("shop:worker");
  const group = await TestGroup.create(client, "shop");
  await client.ask("RPUSHX", "topics:orders", "one");
  await client.ask("XADD", group.key, "*", "name", "value");
  await group.take(client, "alice", 1);
  assert.equal((await worker.pop("topics:orders", 20))?.value, "one");
  const { total, groups: [shop] } = await getJson(port, "/api/groups?match=orders");
  assert.deepEqual([total, shop.group, shop.workers, shop.consumers, shop.pending], [
    1,
    "shop",
    1,
    1,
    1,
  ]);
  assert.deepEqual(shop.topics, ["orders", group.key.slice("topics:".length)]);
  assert.deepEqual(shop.streams.map(({ pending }: { pending: number }) => pending), [1]);
  assert.equal((await getJson(port, "/api/groups?match=none")).total, 0);
});

Deno.test("the lag of a group is the sum of its partitions", async () => {
  await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
  const port = gateway.rafka.httpPort!;
  using client = await gateway.connect();
  const group = await TestGroup.create(client, "shop");
  for (let i = 0; i < 8; i++) await client.ask("XADD", group.key, "*", "name", "value");
  await group.take(client, "alice", 8);
  await until(async () => {
    const { lag } = await getJson(port, "/api/lag");
    const { groups: [shop] } = await getJson(port, "/api/groups");
    const sum = lag.reduce((all: number, one: { lag: number }) => all + one.lag, 0);
    return sum === 8 && shop.lag === 8;
  }, "the lag of 8 entries that are not acked");
});

Deno.test("a stream sends an event each second, and at most 20 are open", async () => {
  await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
  const port = gateway.rafka.httpPort!;
  const streams: EventReader[] = [];
  try {
    for (let i = 0; i < 20; i++) streams.push(await EventReader.open(port));
    for (const stream of streams) assert.equal((await stream.next()).ready, true);
    const refused = await get(port, "/api/events");
    assert.deepEqual([refused.status, refused.body], [
      503,
      "There are 20 streams of events already\n",
    ]);
    using client = await gateway.connect();
    await client.ask("RPUSHX", "topics:t", "m");
    for (;;) {
      const { metrics } = await streams[0]!.next();
      if (metrics.rafka_producer_produced_messages_total === 1) break;
    }
    streams.shift()!.close();
    await until(async () => {
      const stream = await EventReader.open(port).catch(() => undefined);
      if (stream) streams.push(stream);
      return stream !== undefined;
    }, "room for another stream");
  } finally {
    for (const stream of streams) stream.close();
  }
});
