/**
 * Keys that stand for topics by rules, in every command that takes the key of a topic.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../../support/gateway.ts";
import { connectAs, NO_KEY, startWith } from "../../security/users.ts";

const KEYS = [
  { match: "suricata", topic: "suricata-eve", valueField: "eve" },
  { match: "logs:*", topic: "logs.$1" },
  { match: "stream:*", topic: "s-$1", type: "stream" },
  { match: "int:*", topic: "__$1" },
];

function start(): Promise<TestGateway> {
  return TestGateway.start({ config: { server: { keys: KEYS } } });
}

Deno.test("a key by rule is its topic, in each command", async () => {
  await using gateway = await start();
  using client = await gateway.connectAs("rules:1");
  assert.equal(await client.ask("RPUSH", "suricata", "a", "b"), ":2\r\n");
  assert.equal(await client.ask("RPUSH", "topics:suricata-eve", "c"), ":1\r\n");
  assert.equal(await client.ask("LPUSH", "suricata", "d"), ":1\r\n");
  assert.equal(await client.ask("RPUSHX", "suricata", "e"), ":1\r\n");
  assert.equal(await client.ask("DUMP", "20000"), ":0\r\n");
  assert.equal(await client.ask("LLEN", "suricata"), ":5\r\n");
  assert.equal(await client.ask("XLEN", "suricata"), ":5\r\n");
  assert.equal(await client.ask("EXISTS", "suricata", "topics:suricata-eve", "logs:x"), ":2\r\n");
  assert.equal(await client.ask("TYPE", "suricata"), "+list\r\n");
  assert.equal(await client.ask("TTL", "suricata"), ":-1\r\n");
  assert.equal(await client.ask("MEMORY", "USAGE", "suricata"), ":0\r\n");
  assert.match(await client.ask("GET", "suricata"), /^-WRONGTYPE/);
  assert.match(await client.ask("SET", "suricata", "x", "NX"), /^-ERR SET takes locks only/);
  assert.match(await client.ask("DEL", "suricata"), /topics are not deleted here/);
  assert.match(
    await client.ask("BLPOP", "suricata", "20"),
    /^\*8\r\n.*\r\n.*\r\n\$12\r\nsuricata-eve\r\n/,
  );
  assert.equal(
    await client.ask("COMMAND", "GETKEYS", "LLEN", "suricata"),
    "*1\r\n$8\r\nsuricata\r\n",
  );
});

Deno.test("what a star stands for is in the topic's name; keys are shown beside topics", async () => {
  await using gateway = await start();
  using client = await gateway.connect();
  assert.equal(await client.ask("RPUSH", "logs:web", "m"), ":1\r\n");
  assert.match(await client.ask("XADD", "stream:a", "*", "f", "v"), /^\$/);
  assert.match(await client.ask("XADD", "stream:a:b", "*", "f", "v"), /^-ERR .*becomes 's-a:b'/);
  assert.equal(await client.ask("DUMP", "20000"), ":0\r\n");
  assert.equal(await client.ask("KEYS", "logs:*"), "*1\r\n$8\r\nlogs:web\r\n");
  assert.equal(
    await client.ask("KEYS", "topics:"),
    "*2\r\n$15\r\ntopics:logs.web\r\n$10\r\ntopics:s-a\r\n",
  );
  assert.equal(await client.ask("DBSIZE"), ":2\r\n");
  assert.equal(await client.ask("TYPE", "stream:a"), "+stream\r\n");
  assert.equal(await client.ask("TYPE", "topics:s-a"), "+list\r\n");
  assert.equal(
    await client.ask("SCAN", "0", "TYPE", "stream"),
    "*2\r\n$1\r\n0\r\n*1\r\n$8\r\nstream:a\r\n",
  );
});

Deno.test("a message goes to the topic of its own key, whatever key was before it", async () => {
  await using gateway = await start();
  using client = await gateway.connect();
  for (const key of ["logs:a", "logs:a:b", "logs:ab", "logs:a", "topics:logs", "topics:logs:a"]) {
    const isTopic = key !== "logs:a:b";
    const reply = await client.ask("RPUSH", key, "m");
    if (isTopic) assert.equal(reply, ":1\r\n", key);
    else assert.match(reply, /^-PROD Invalid topic 'logs\.a:b'/);
  }
  assert.equal(await client.ask("DUMP", "20000"), ":0\r\n");
  assert.equal(await client.ask("LLEN", "logs:a"), ":2\r\n");
  assert.equal(await client.ask("LLEN", "logs:ab"), ":1\r\n");
  assert.equal(await client.ask("LLEN", "topics:logs"), ":2\r\n");
});

Deno.test("the field that a rule names is the value, whatever other fields there are", async () => {
  await using gateway = await start();
  using client = await gateway.connectAs("rules:2");
  assert.match(await client.ask("XADD", "suricata", "*", "value", "no", "eve", "{}"), /^\$/);
  assert.match(await client.ask("BLPOP", "suricata", "20"), /value\r\n\$2\r\n\{\}\r\n$/);
  assert.match(
    await client.ask("XRANGE", "suricata", "-", "+"),
    /\*4\r\n\$5\r\nvalue\r\n\$2\r\nno\r\n\$3\r\neve\r\n\$2\r\n\{\}\r\n$/,
  );
});

Deno.test("a key that no rule makes a topic is the same error as without rules", async () => {
  await using gateway = await start();
  await using plain = await TestGateway.start();
  using client = await gateway.connectAs("rules:3");
  using without = await plain.connectAs("rules:3");
  for (
    const request of [
      ["RPUSHX", "orders", "m"],
      ["RPUSH", "orders", "m"],
      ["BLPOP", "orders", "1"],
      ["XADD", "orders", "*", "f", "v"],
      ["XLEN", "suricata:x"],
      ["RPUSH", "acks", "x"],
      ["LLEN", "orders"],
      ["TYPE", "orders"],
    ]
  ) {
    assert.equal(await client.ask(...request), await without.ask(...request), request.join(" "));
  }
  assert.match(await client.ask("RPUSH", "int:consumer_offsets", "m"), /^-PROD Not to __consumer/);
  assert.match(await client.ask("XLEN", "int:consumer_offsets"), /Kafka's own/);
  assert.equal(await client.ask("LLEN", "int:consumer_offsets"), ":0\r\n");
});

Deno.test("13: the right that counts is that to the topic, in and outside of a transaction", async () => {
  await using gateway = await startWith([
    "user default off",
    "user root on >root ~* +@all",
    "user red on >red ~topics:logs.red ~logs:blue ~suricata +@all",
  ], { keys: KEYS });
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("RPUSH", "logs:red", "m"), ":1\r\n");
  assert.equal(await red.ask("RPUSH", "logs:red", "m"), ":1\r\n");
  for (const key of ["logs:blue", "suricata", "logs:red:x", "logs:re", "topics:suricata-eve"]) {
    assert.equal(await red.ask("RPUSH", key, "m"), NO_KEY, key);
    assert.equal(await red.ask("LLEN", key), NO_KEY, key);
    assert.equal(await red.ask("XRANGE", key, "-", "+"), NO_KEY, key);
    assert.equal(await red.ask("EXISTS", "logs:red", key), NO_KEY, key);
  }
  assert.equal(await red.ask("MULTI"), "+OK\r\n");
  assert.equal(await red.ask("RPUSH", "logs:red", "m"), "+QUEUED\r\n");
  assert.equal(await red.ask("RPUSH", "logs:blue", "m"), NO_KEY);
  assert.match(await red.ask("EXEC"), /^-EXECABORT/);
  assert.equal(await red.ask("DUMP", "20000"), ":0\r\n");
  using root = await connectAs(gateway, "root");
  assert.equal(await root.ask("RPUSH", "logs:blue", "m"), ":1\r\n");
  assert.equal(await root.ask("DUMP", "20000"), ":0\r\n");
  const keys = await red.ask("KEYS", "*");
  assert.ok(keys.includes("logs:red") && !keys.includes("blue"), keys);
});
