/**
 * XREAD: what comes behind an id, at once or when it comes, and that many who wait for a topic cost one reader of Kafka.
 *
 * @module
 */
import assert from "node:assert/strict";
import { connectionId, untilBlocked } from "../../support/client_list.ts";
import type { TestClient } from "../../support/client.ts";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import { TestCluster, testOnEachKafka } from "../../support/kafka.ts";
import { addTo, errorIn, idsIn, newStream, readIn, streamsIn } from "./stream_client.ts";

/** An hour ago: Kafka deletes at once what is older than it keeps records. */
const T = Date.now() - 3_600_000;
/** Its number in the Kafka protocol. */
const FETCH = 1;
const TOPIC_AUTHORIZATION_FAILED = 29;
/** Null, in RESP2. */
const NOTHING = "*-1\r\n";

/** Sends an XREAD that waits, and waits until it does. */
async function waitWith(
  gateway: TestGateway,
  client: TestClient,
  ...args: (string | number)[]
): Promise<void> {
  const id = await connectionId(client);
  await client.send("XREAD", ...args);
  using asking = await gateway.connect();
  await untilBlocked(asking, id);
}

/** Adds an entry anywhere; returns its id. */
async function add(client: TestClient, topic: string, value: string): Promise<string> {
  return (await client.ask("XADD", `topics:${topic}`, "*", "value", value)).split("\r\n")[1]!;
}

testOnEachKafka("XREAD goes on behind an id, and says null at the end", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 2);
  const key = `topics:${topic}`;
  const ids: string[] = [];
  for (let n = 0; n < 6; n++) {
    ids.push(await addTo(client, topic, { partition: n % 2, of: 2, ms: T + n }, `${n}`));
  }
  const read = async (...args: (string | number)[]): Promise<string[]> =>
    readIn(await client.ask("XREAD", ...args)).map(({ id }) => id);
  assert.deepEqual(await read("STREAMS", key, 0), ids);
  assert.deepEqual(await read("COUNT", 2, "STREAMS", key, 0), ids.slice(0, 2));
  assert.deepEqual(await read("COUNT", 2, "STREAMS", key, ids[1]!), ids.slice(2, 4));
  assert.deepEqual(await read("STREAMS", key, ids[3]!), ids.slice(4));
  assert.deepEqual(await read("STREAMS", key, T + 3), ids.slice(3), "<ms> is <ms>-0");
  assert.equal(await client.ask("XREAD", "STREAMS", key, ids[5]!), NOTHING);
  assert.equal(await client.ask("XREAD", "STREAMS", key, "$"), NOTHING);
  assert.deepEqual(await read("COUNT", 5, "STREAMS", key, "+"), [ids[5]]);
  assert.equal(await client.ask("XREAD", "STREAMS", `topics:${uniqueName("no")}`, 0), NOTHING);
  assert.deepEqual(idsIn(await client.ask("XRANGE", key, "-", "+")), ids, "nothing is consumed");
});

testOnEachKafka("XREAD of several streams has those with entries", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topics = [await newStream(gateway, 1), await newStream(gateway, 1)];
  const keys = [...topics, uniqueName("no")].map((topic) => `topics:${topic}`);
  const first = await add(client, topics[0]!, "a");
  const read = async (...ids: string[]): Promise<string[][]> =>
    Object.entries(streamsIn(await client.ask("XREAD", "STREAMS", ...keys, ...ids)))
      .map(([key, entries]) => [key, ...entries.map(({ id }) => id)]);
  assert.deepEqual(await read("0", "0", "0"), [[keys[0], first]]);
  const second = await add(client, topics[1]!, "b");
  assert.deepEqual(await read("0", "0", "$"), [[keys[0], first], [keys[1], second]]);
  assert.deepEqual(await read(first, "0", "0"), [[keys[1], second]]);
  await client.ask("HELLO", 3);
  assert.deepEqual(await read("0", "0", "0"), [[keys[0], first], [keys[1], second]]);
  assert.equal(await client.ask("XREAD", "STREAMS", keys[0]!, first), "_\r\n");
});

testOnEachKafka("XREAD waits for what is appended behind the end of now", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  using other = await gateway.connect();
  const topic = await newStream(gateway, 4);
  const key = `topics:${topic}`;
  await add(other, topic, "before");
  assert.equal(await client.ask("XREAD", "BLOCK", 20, "STREAMS", key, "$"), NOTHING);
  await waitWith(gateway, client, "BLOCK", 0, "STREAMS", key, "$");
  const id = await add(other, topic, "after");
  assert.deepEqual(readIn(await client.reply()), [{ id, fields: ["value", "after"] }]);
  // from there on, also what comes between two commands
  const ids = [await add(other, topic, "2"), await add(other, topic, "3")];
  const seen: string[] = [];
  for (let last = id; seen.length < 2;) {
    const page = readIn(await client.ask("XREAD", "BLOCK", 20_000, "STREAMS", key, last));
    seen.push(...page.map((entry) => entry.id));
    last = seen.at(-1)!;
  }
  assert.deepEqual(seen.toSorted(), ids.toSorted());
});

testOnEachKafka("XREAD that waits goes on over entries that come late", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  using other = await gateway.connect();
  const topic = await newStream(gateway, 2);
  const key = `topics:${topic}`;
  await waitWith(gateway, client, "BLOCK", 0, "STREAMS", key, "$");
  const first = await addTo(other, topic, { partition: 0, of: 2, ms: T + 2_000 }, "first");
  assert.deepEqual(readIn(await client.reply()).map(({ id }) => id), [first]);
  const late = await addTo(other, topic, { partition: 1, of: 2, ms: T + 1_000 }, "late");
  const page = readIn(await client.ask("XREAD", "BLOCK", 20_000, "STREAMS", key, first));
  assert.deepEqual(page.map(({ id }) => id), [late]);
  assert.equal(await client.ask("XREAD", "STREAMS", key, late), NOTHING);
});

testOnEachKafka("many who wait for a topic cost one reader of Kafka", async (startGateway) => {
  await using gateway = await startGateway();
  const topic = await newStream(gateway, 4);
  const { handles } = gateway.library;
  const clients = await Promise.all(Array.from({ length: 40 }, () => gateway.connect()));
  const from = await add(clients[0]!, topic, "from");
  await Promise.all(
    clients.map((client) =>
      waitWith(gateway, client, "BLOCK", 0, "STREAMS", `topics:${topic}`, from)
    ),
  );
  const { streams } = gateway.rafka.server.state.principals.own;
  assert.equal(streams.tails, 1);
  assert.ok(handles.clients.reader <= 1 + 4 + 2, `${handles.clients.reader} readers`);
  using other = await gateway.connect();
  const ids: string[] = [];
  for (let n = 0; n < 10; n++) ids.push(await add(other, topic, `${n}`));
  for (const client of clients) {
    const seen: string[] = [];
    for (;;) {
      seen.push(...readIn(await client.reply()).map(({ id }) => id));
      if (seen.length >= 10) break;
      await client.send("XREAD", "BLOCK", 20_000, "STREAMS", `topics:${topic}`, seen.at(-1)!);
    }
    assert.deepEqual(seen.toSorted(), ids.toSorted());
  }
  assert.equal(streams.tails, 1);
  for (const client of clients) client[Symbol.dispose]();
});

testOnEachKafka(
  "a reader that has fallen behind the others misses nothing",
  async (startGateway) => {
    await using gateway = await startGateway();
    using waiting = await gateway.connect();
    using slow = await gateway.connect();
    using other = await gateway.connect();
    const topic = await newStream(gateway, 2);
    const key = `topics:${topic}`;
    await waitWith(gateway, slow, "BLOCK", 0, "STREAMS", key, "$");
    const first = await add(other, topic, "first");
    assert.equal(readIn(await slow.reply()).length, 1);
    // more than is kept for those who are behind, and less than the embedded Kafka keeps of a partition
    const value = "x".repeat(420_000);
    const ids: string[] = [];
    let last = first;
    for (let n = 0; n < 11; n++) {
      ids.push(await add(other, topic, value));
      const page = readIn(await waiting.ask("XREAD", "BLOCK", 20_000, "STREAMS", key, last));
      last = page.at(-1)!.id;
    }
    const seen: string[] = [];
    for (let last = first;;) {
      const page = readIn(await slow.ask("XREAD", "COUNT", 3, "STREAMS", key, last));
      if (page.length === 0) break;
      seen.push(...page.map(({ id }) => id));
      last = seen.at(-1)!;
    }
    assert.deepEqual(seen.toSorted(), ids.toSorted());
  },
);

testOnEachKafka("XREAD waits for a topic that does not exist yet", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  using fromNow = await gateway.connect();
  using other = await gateway.connect();
  const topic = uniqueName("later");
  await waitWith(gateway, client, "BLOCK", 0, "STREAMS", `topics:${topic}`, 0);
  await waitWith(gateway, fromNow, "BLOCK", 0, "STREAMS", `topics:${topic}`, "$");
  assert.equal(await other.ask("EXISTS", `topics:${topic}`), ":0\r\n");
  const id = await add(other, topic, "first");
  for (const reader of [client, fromNow]) {
    assert.deepEqual(readIn(await reader.reply()).map((entry) => entry.id), [id]);
  }
});

testOnEachKafka(
  "more topics that are waited for than maxReaders are refused",
  async (startGateway) => {
    await using gateway = await startGateway({ server: { streams: { maxReaders: 1 } } });
    using client = await gateway.connect();
    using other = await gateway.connect();
    const [one, two] = [await newStream(gateway, 1), await newStream(gateway, 1)];
    await waitWith(gateway, client, "BLOCK", 0, "STREAMS", `topics:${one}`, "$");
    assert.equal(
      errorIn(await other.ask("XREAD", "BLOCK", 0, "STREAMS", `topics:${two}`, "$")),
      "ERR there are readers of 1 topics that XREAD waits for, as many as server.streams.maxReaders allows",
    );
    await add(other, one, "first");
    assert.equal(readIn(await client.reply()).length, 1);
    // nobody waits for the first topic any more
    assert.equal(await other.ask("XREAD", "BLOCK", 1, "STREAMS", `topics:${two}`, "$"), NOTHING);
  },
);

testOnEachKafka("what ends a wait of XREAD", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  using other = await gateway.connect();
  const topic = await newStream(gateway, 1);
  const wait = ["BLOCK", 0, "STREAMS", `topics:${topic}`, "$"] as const;
  const id = await connectionId(client);
  await waitWith(gateway, client, ...wait);
  await other.ask("CLIENT", "UNBLOCK", id);
  assert.equal(await client.reply(), NOTHING);
  await waitWith(gateway, client, ...wait);
  await other.ask("CLIENT", "UNBLOCK", id, "ERROR");
  assert.match(await client.reply(), /^-UNBLOCKED /);
  await client.ask("MULTI");
  await client.ask("XREAD", ...wait);
  assert.equal(await client.ask("EXEC"), "*1\r\n*-1\r\n");
  await waitWith(gateway, client, ...wait);
  await other.ask("CLIENT", "KILL", "ID", id);
  assert.equal(await client.untilClosed(), "");
});

testOnEachKafka("a shutdown answers an XREAD that waits", async (startGateway) => {
  const gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 1);
  await waitWith(gateway, client, "BLOCK", 0, "STREAMS", `topics:${topic}`, "$");
  const stopped = gateway[Symbol.asyncDispose]();
  assert.equal(await client.untilClosed(), "-CONS Server shutdown\r\n");
  await stopped;
});

Deno.test("XREAD goes on when Kafka is back, and a broker that hangs holds up nobody else", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  using other = await gateway.connect();
  const topic = uniqueName("outage");
  cluster.mock.createTopic(topic);
  await waitWith(gateway, client, "BLOCK", 0, "STREAMS", `topics:${topic}`, "$");
  cluster.mock.setBrokerUp(1, false);
  await other.send("XADD", `topics:${topic}`, "*", "value", "meanwhile");
  using asking = await gateway.connect();
  assert.equal(await asking.ask("PING"), "+PONG\r\n");
  cluster.mock.setBrokerUp(1, true);
  const [, id] = (await other.reply()).split("\r\n");
  assert.deepEqual(readIn(await client.reply()).map((entry) => entry.id), [id]);
});

Deno.test("a topic that may not be read is an error of each command", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  const topic = uniqueName("refused");
  cluster.mock.createTopic(topic, 1);
  const id = await add(client, topic, "value");
  const commands = [
    ["XRANGE", `topics:${topic}`, "-", "+"],
    ["XREAD", "STREAMS", `topics:${topic}`, 0],
    ["XREAD", "BLOCK", 0, "STREAMS", `topics:${topic}`, "$"],
    ["XDEL", `topics:${topic}`, id],
  ];
  for (const command of commands) {
    // more than one: the reader of the command before may fetch once more
    cluster.mock.failRequests(FETCH, Array(5).fill(TOPIC_AUTHORIZATION_FAILED));
    const error = errorIn(await client.ask(...command));
    assert.ok(error.startsWith(`ERR ${topic}[0]: `), error);
    assert.ok(error.endsWith("Broker: Topic authorization failed"), error);
  }
});

Deno.test("a connection that is gone waits no longer", async () => {
  await using gateway = await TestGateway.start({ timeouts: { halfClosedMs: 100 } });
  using client = await gateway.connect();
  const topic = await newStream(gateway, 1);
  await waitWith(gateway, client, "BLOCK", 0, "STREAMS", `topics:${topic}`, "$");
  client[Symbol.dispose]();
  await until(() => gateway.rafka.server.sessionCount === 0, "the end of the connection");
});

testOnEachKafka("XREAD refuses what it cannot read", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  assert.match(
    errorIn(await client.ask("XREAD", "STREAMS", "orders", 0)),
    /^ERR Cannot parse a stream from 'orders': .*'topics:orders'/,
  );
  assert.match(
    errorIn(await client.ask("XREAD", "STREAMS", "topics:__consumer_offsets", 0)),
    /Kafka's own/,
  );
});
