/**
 * SCAN, KEYS, DBSIZE, EXISTS, TYPE and GET: topics as Redis' keys.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { LANES } from "../../../src/kafka/client/blocking_calls.ts";
import { TestGateway } from "../../support/gateway.ts";
import { TestCluster } from "../../support/kafka.ts";

const TOPICS = Array.from({ length: 30 }, (_, n) => `t-${n}`);

Deno.test("SCAN goes through all topics and shows each once, whatever the count", async () => {
  await using cluster = await clusterWith(TOPICS);
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  const want = TOPICS.map((topic) => `topics:${topic}`).sort();
  for (const options of [[], ["COUNT", 1], ["count", 7], ["COUNT", 1_000], ["TYPE", "LIST"]]) {
    assert.deepEqual((await scanAll(client, options)).sort(), want, options.join(" "));
  }
});

Deno.test("SCAN shows a topic once that is there all the time, while others are made", async () => {
  await using cluster = await clusterWith(TOPICS);
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  let made = 0;
  const shown = await scanAll(client, ["COUNT", 2], () => {
    cluster.mock.createTopic(`new-${made++}`, 1);
  });
  const lasting = shown.filter((key) => !key.startsWith("topics:new-"));
  assert.deepEqual(lasting.sort(), TOPICS.map((topic) => `topics:${topic}`).sort());
  assert.ok(made > 5, "topics were made between the calls");
  assert.deepEqual([...new Set(shown)].length, shown.length, "no topic came twice");
});

Deno.test("SCAN filters by MATCH and TYPE; a page may be empty while there is more", async () => {
  await using cluster = await clusterWith(TOPICS);
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  const rows: [options: (string | number)[], want: string[]][] = [
    [["MATCH", "topics:t-7"], ["topics:t-7"]],
    [["match", "*-2[0-2]", "COUNT", 1], ["topics:t-20", "topics:t-21", "topics:t-22"]],
    [["MATCH", "t-7"], []],
    [["TYPE", "string"], []],
    [["TYPE", "list", "MATCH", "*-29"], ["topics:t-29"]],
  ];
  for (const [options, want] of rows) {
    assert.deepEqual((await scanAll(client, options)).sort(), want, options.join(" "));
  }
});

Deno.test("SCAN refuses what makes no sense", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const rows: [words: (string | number)[], error: string][] = [
    [["x"], "invalid cursor"],
    [["1.5"], "invalid cursor"],
    [[0, "COUNT", 0], "syntax error"],
    [[0, "COUNT", "x"], "value is not an integer or out of range"],
    [[0, "COUNT"], "syntax error"],
    [[0, "OTHER", "x"], "syntax error"],
  ];
  for (const [words, error] of rows) {
    assert.equal(await client.ask("SCAN", ...words), `-ERR ${error}\r\n`, words.join(" "));
  }
  assert.equal(await client.ask("SCAN", 0), "*2\r\n$1\r\n0\r\n*0\r\n", "no topics at all");
});

Deno.test("KEYS takes globs of keys, also those that do not begin with topics:", async () => {
  await using cluster = await clusterWith(["orders", "users"]);
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  const both = "*2\r\n$13\r\ntopics:orders\r\n$12\r\ntopics:users\r\n";
  for (const glob of ["*", "topics:", "topics:*", "top*", "?opics:*", "[t]opics:*ers"]) {
    assert.equal(await client.ask("KEYS", glob), both, glob);
  }
  assert.equal(await client.ask("KEYS", "*:u*"), "*1\r\n$12\r\ntopics:users\r\n");
  assert.equal(await client.ask("KEYS", "orders*"), "*0\r\n");
  assert.match(await client.ask("KEYS", "orders"), /^-ERR Expected argument to be 'topics:'/);
});

Deno.test("DBSIZE, EXISTS, TYPE and GET see topics as keys that hold lists", async () => {
  await using cluster = await clusterWith(["orders", "users"]);
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  const wrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
  const rows: [command: string[], reply: string][] = [
    [["DBSIZE"], ":2\r\n"],
    [["EXISTS", "topics:orders"], ":1\r\n"],
    [["EXISTS", "topics:orders", "topics:orders", "topics:users", "topics:none", "x"], ":3\r\n"],
    [["EXISTS", "orders"], ":0\r\n"],
    [["TYPE", "topics:users"], "+list\r\n"],
    [["TYPE", "topics:none"], "+none\r\n"],
    [["TYPE", "users"], "+none\r\n"],
    [["GET", "topics:users"], wrongType],
    [["GET", "topics:none"], "$-1\r\n"],
    [["GET", "anything"], "$-1\r\n"],
  ];
  for (const [command, reply] of rows) {
    assert.equal(await client.ask(...command), reply, command.join(" "));
  }
  assert.equal(await client.ask("DBSIZE"), ":2\r\n", "asking has made no topic");
});

async function clusterWith(topics: readonly string[]): Promise<TestCluster> {
  const cluster = await TestCluster.start();
  for (const topic of topics) cluster.mock.createTopic(topic, 1);
  return cluster;
}

/** A full iteration; `between` is called after each call but the last. */
async function scanAll(
  client: TestClient,
  options: readonly (string | number)[],
  between: () => void = () => {},
): Promise<string[]> {
  const keys: string[] = [];
  let cursor = "0";
  for (;;) {
    const [, , next, , ...items] = (await client.ask("SCAN", cursor, ...options)).split("\r\n");
    keys.push(...items.filter((item) => item.startsWith("topics:")));
    cursor = next!;
    if (cursor === "0") return keys;
    between();
  }
}

Deno.test("INFO does not wait for those who ask a Kafka that hangs for its topics", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const hung = Promise.withResolvers<void>();
  const before = LANES.topics.run(() => hung.promise);
  const info = client.ask("INFO", "keyspace");
  try {
    const timeout = AbortSignal.timeout(4_000);
    const first = new Promise<string>((resolve) =>
      timeout.addEventListener("abort", () => resolve("no answer"))
    );
    assert.match(await Promise.race([info, first]), /# Keyspace/);
  } finally {
    hung.resolve();
    await before;
  }
});
