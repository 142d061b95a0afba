/**
 * Pipelines of XADD: entries are added many at a time, and nobody can tell.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import { counter, onBrokers, TestCluster, testOnEachKafka } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

const PRODUCE = 0;
/** An error that is final. */
const INVALID_RECORD = 87;

/** Which are added together, and which are not: the fields of an entry, with `#` for its number. */
const FIELDS: readonly (readonly string[])[] = [
  ["value", "#"],
  ["payload", "#"],
  ["type", "order", "value", "#"],
  ["value", "same", "n", "#"],
  ["key", "k", "value", "#"],
  ["value", "#", "key", "k"],
  ["n", "#", "m", "#"],
];

testOnEachKafka(
  "each XADD of a pipeline is answered with the id of its own entry",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const key = `topics:${uniqueName("topic")}`;
    const requests = Array.from({ length: 700 }, (_, n) => {
      const block = Math.floor(n / 20);
      const fields = FIELDS[n < 500 ? block % FIELDS.length : block % 2]!;
      return [
        n % 3 === 0 ? key : `${key}:${n % 5}`,
        "*",
        ...fields.map((one) => one.replace("#", `${n}`)),
      ];
    });
    const replies = await pipeline(client, requests.map((words) => ["XADD", ...words]));
    const ids = replies.map(readId);
    assert.equal(new Set(ids).size, ids.length);
    const other = `topics:${uniqueName("topic")}`;
    for (let at = 0; at < requests.length; at += 9) {
      const [target, ...rest] = requests[at]!;
      const alone = readId(await client.ask("XADD", target!.replace(key, other), ...rest));
      const wanted = readWords(await client.ask("XRANGE", other, alone, alone)).slice(1);
      assert.deepEqual(readWords(await client.ask("XRANGE", key, ids[at]!, ids[at]!)), [
        ids[at],
        ...wanted,
      ]);
    }
  },
);

Deno.test("entries of a pipeline that Kafka refuses are errors, each in its place", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: onBrokers(cluster.mock.bootstrapServers),
  });
  using client = await gateway.connect();
  await client.ask("XADD", "topics:t:k", "*", "value", "first");
  cluster.mock.failRequests(PRODUCE, new Array(1).fill(INVALID_RECORD));
  const requests = Array.from(
    { length: 300 },
    (_, n) => ["XADD", "topics:t:k", "*", "value", `${n}`],
  );
  const replies = await pipeline(client, requests);
  const refused = replies.filter((reply) => reply.startsWith("-PROD "));
  assert.ok(refused.length > 0);
  const stored = (await client.ask("XRANGE", "topics:t", "-", "+")).split("\r\n");
  for (const [n, reply] of replies.entries()) {
    const id = /^\$\d+\r\n(.*)\r\n$/.exec(reply)?.[1];
    const at = stored.indexOf(`${n}`);
    assert.equal(at >= 0, id !== undefined, `entry ${n}: ${reply}`);
    if (id) assert.ok(stored.slice(0, at).includes(id), `${n} has another id`);
  }
  assert.match(
    await client.ask("INFO", "commandstats"),
    new RegExp(`^cmdstat_xadd:calls=301,.*failed_calls=${refused.length}\r$`, "m"),
  );
});

Deno.test("entries of a pipeline that Kafka does not acknowledge in time are errors, and no id comes later", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: onBrokers(cluster.mock.bootstrapServers, {
      server: { streams: { addTimeoutMs: 500 } },
    }),
  });
  using client = await gateway.connect();
  await client.ask("XADD", "topics:t", "*", "value", "first");
  cluster.mock.setBrokerUp(1, false);
  const requests = Array.from({ length: 50 }, (_, n) => ["XADD", "topics:t", "*", "value", `${n}`]);
  for (const reply of await pipeline(client, requests)) {
    assert.match(reply, /^-PROD Kafka has not acknowledged the message within /);
  }
  cluster.mock.setBrokerUp(1, true);
  assert.equal(await client.ask("WAIT", 1, 20_000), ":1\r\n");
  assert.equal(await client.ask("PING"), "+PONG\r\n", "nothing came in between");
  assert.equal(await counter(client, "producer.delivered.messages"), 51);
});

Deno.test("a pipeline of XADD waits for room in the queue, and keeps its order", async () => {
  await using gateway = await TestGateway.start({
    config: {
      server: { streams: { addTimeoutMs: 60_000 } },
      producer: { "queue.buffering.max.messages": 30 },
    },
  });
  using client = await gateway.connect();
  const requests = Array.from(
    { length: 500 },
    (_, n) => ["XADD", "topics:t:k", "*", "value", `${n}`],
  );
  const replies = await pipeline(client, requests);
  const offsets = replies.map((reply) => BigInt(/-(\d+)\r\n$/.exec(reply)![1]!));
  assert.deepEqual(offsets, offsets.toSorted((a, b) => Number(a - b)));
  assert.equal(new Set(offsets).size, 500);
});

Deno.test("a pipeline of XADD goes on when about a thousand are answered, and none is lost", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: onBrokers(cluster.mock.bootstrapServers),
  });
  using client = await gateway.connect();
  using other = await gateway.connect();
  await client.ask("XADD", "topics:t", "*", "value", "first");
  cluster.mock.setBrokerUp(1, false);
  const count = 5_000;
  const request = encodeRequest(["XADD", "topics:t", "*", "value", "x"]);
  const writing = client.write(request.repeat(count));
  const outstanding = async (): Promise<number> =>
    Number(/^outstanding:(\d+)/m.exec(await other.ask("INFO", "kafka"))![1]);
  await until(async () => await outstanding() >= 1_024, "a thousand that are pending");
  assert.ok(await outstanding() <= 1_024 + 256);
  cluster.mock.setBrokerUp(1, true);
  const ids = new Set<string>();
  for (let n = 0; n < count; n++) ids.add(readId(await client.reply()));
  await writing;
  assert.equal(ids.size, count);
});

Deno.test("what a pipeline holds between XADDs takes effect there, and replies keep their order", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const add = ["XADD", "topics:t", "*", "value", "x"];
  const push = ["RPUSHX", "topics:t", "x"];
  const requests = [
    ...[add, add, add, ["PING"], add, add],
    ...[["MULTI"], add, add, ["EXEC"], add, add],
    ...[push, push, push, add, add, ["XADD", "topics:t", "*", "value"], add, ["XLEN", "topics:t"]],
  ];
  const replies = await pipeline(client, requests);
  const shapes = replies.map((reply) => reply.replaceAll(/\$\d+\r\n\d+-\d+\r\n/g, "id "));
  assert.deepEqual(shapes.slice(0, -1), [
    ...["id ", "id ", "id ", "+PONG\r\n", "id ", "id "],
    ...["+OK\r\n", "+QUEUED\r\n", "+QUEUED\r\n", "*2\r\nid id ", "id ", "id "],
    ...[":1\r\n", ":1\r\n", ":1\r\n", "id ", "id "],
    ...["-ERR wrong number of arguments for 'xadd' command\r\n", "id "],
  ]);
});

/** Sends requests in one write; their replies. */
async function pipeline(client: TestClient, requests: readonly string[][]): Promise<string[]> {
  const writing = client.write(requests.map(encodeRequest).join(""));
  const replies: string[] = [];
  for (const _ of requests) replies.push(await client.reply());
  await writing;
  return replies;
}

/** The id in a bulk string. */
function readId(reply: string): string {
  return /^\$\d+\r\n(\d+-\d+)\r\n$/.exec(reply)?.[1] ?? assert.fail(reply);
}

/** The bulk strings of a reply. */
function readWords(reply: string): string[] {
  return [...reply.matchAll(/\$\d+\r\n(.*)\r\n/g)].map(([, word]) => word!);
}
