/**
 * Topics whose names begin with two underscores are Kafka's own: hidden and refused, unless `internalTopics` says so.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readText, type TestClient } from "../support/client.ts";
import { TestGateway } from "../support/gateway.ts";
import { mustPop, TestCluster, type TestConfig, testOnRealKafka } from "../support/kafka.ts";

const ALLOWED: TestConfig = { server: { internalTopics: true } };

Deno.test("Internal topics are not listed, counted or found", async () => {
  await using cluster = await clusterWithInternalTopic();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  const one = "*1\r\n$9\r\ntopics:my\r\n";
  assert.equal(await client.ask("KEYS", "*"), one);
  assert.equal(await client.ask("KEYS", "topics:__*"), "*0\r\n");
  assert.equal(await client.ask("SCAN", 0), `*2\r\n$1\r\n0\r\n${one}`);
  assert.equal(await client.ask("DBSIZE"), ":1\r\n");
  assert.equal(await client.ask("EXISTS", "topics:__internal", "topics:my"), ":1\r\n");
  assert.equal(await client.ask("TYPE", "topics:__internal"), "+none\r\n");
  assert.equal(await client.ask("GET", "topics:__internal"), "$-1\r\n");
  assert.equal(await client.ask("MEMORY", "USAGE", "topics:__internal"), "$-1\r\n");
  assert.match(readText(await client.ask("INFO", "keyspace")), /db0:keys=1,/);
});

Deno.test("Producing to an internal topic is refused, with its name and the setting", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const refusal = "-PROD Not to __internal: topics that begin with __ are Kafka's own, " +
    "server.internalTopics is false\r\n";
  for (const command of ["RPUSHX", "RPUSH", "LPUSH"]) {
    assert.equal(await client.ask(command, "topics:__internal:key", "x"), refusal, command);
  }
  assert.equal(await client.ask("DEL", "topics:__internal:key"), refusal);
  assert.equal(await client.ask("RPUSHX", "topics:_my", "x"), ":1\r\n");
  assert.equal(await client.ask("RPUSHX", "topics:__internal", "x"), refusal, "behind another");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  assert.equal(await client.ask("KEYS", "*"), "*1\r\n$10\r\ntopics:_my\r\n");
});

Deno.test("Consuming from an internal topic is refused, with its name and the setting", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  for (const topics of ["__internal", "my,__internal", "^__.*", "my,^__internal"]) {
    const error = `-CONS Cannot parse topics from \`topics:${topics}\`: `;
    const named = topics.split(",").at(-1);
    const why = `${named} is Kafka's own, server.internalTopics is false\r\n`;
    assert.equal(await client.ask("BLPOP", `topics:${topics}`, 1), error + why);
    assert.equal(await client.ask("LMPOP", 1, `topics:${topics}`, "LEFT"), error + why);
  }
  assert.equal(await client.ask("BLPOP", "topics:my", 0.01), "*-1\r\n");
});

for (
  const [what, consumer] of [["", {}], [" nor what topic.blacklist says", {
    "topic.blacklist": "^secret,^other",
  }]] as const
) {
  Deno.test(`A regular expression matches no internal topic${what}`, async () => {
    await using cluster = await clusterWithInternalTopic();
    await using gateway = await TestGateway.start({ config: cluster.config({ consumer }) });
    using producer = await gateway.connect();
    await producer.ask("RPUSHX", "topics:secret", "secret");
    using client = await gateway.connectAs("group:a");
    const values = new Set(await popAll(client, "^.*"));
    const want = "topic.blacklist" in consumer ? ["mine"] : ["mine", "secret"];
    assert.deepEqual([...values].sort(), want);
  });
}

Deno.test("With internalTopics they are topics as any other", async () => {
  await using cluster = await clusterWithInternalTopic();
  await using gateway = await TestGateway.start({ config: cluster.config(ALLOWED) });
  using client = await gateway.connectAs("group:a");
  assert.equal(await client.ask("DBSIZE"), ":2\r\n");
  assert.equal((await mustPop(client, "__internal")).value, "internal");
  using other = await gateway.connectAs("other:a");
  assert.deepEqual((await popAll(other, "^.*")).sort(), ["internal", "mine"]);
});

testOnRealKafka("The committed offsets of a real Kafka are nobody's business", async (start) => {
  await using gateway = await start();
  using client = await gateway.connectAs("internal-test:a");
  await client.ask("RPUSHX", "topics:internal-test", "x");
  await mustPop(client, "internal-test"); // so that there are offsets
  assert.equal(await client.ask("KEYS", "topics:__*"), "*0\r\n");
  await using allowed = await start(ALLOWED);
  using operator = await allowed.connect();
  assert.match(await operator.ask("KEYS", "topics:__*"), /topics:__consumer_offsets/);
});

async function clusterWithInternalTopic(): Promise<TestCluster> {
  const cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config(ALLOWED) });
  using client = await gateway.connect();
  await client.ask("RPUSHX", "topics:__internal", "internal");
  await client.ask("RPUSHX", "topics:my", "mine");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  return cluster;
}

/** The values of all messages, until there is none for two seconds. */
async function popAll(client: TestClient, topics: string): Promise<(string | null)[]> {
  const values = [(await client.pop(`topics:${topics}`, 20))?.value ?? "none"];
  for (;;) {
    const message = await client.pop(`topics:${topics}`, 2);
    if (!message) return values;
    values.push(message.value!);
  }
}
