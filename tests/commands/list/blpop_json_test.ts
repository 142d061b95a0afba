/**
 * The JSON of BLPOP over the life of a connection: it counts when its consumer is made. What comes later and is other
 * than that, or is none, does not pass in silence.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../../support/captured_log.ts";
import { TestGateway } from "../../support/gateway.ts";

const NULL = "*-1\r\n";
const DIFFERS = "sets other consumer settings than in its first BLPOP";

Deno.test("JSON that is the same at each BLPOP is no news, in whatever way it is written", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("g:same");
  const same = [
    '{"auto.offset.reset":"latest","fetch.wait.max.ms":50}',
    '{"auto.offset.reset":"latest","fetch.wait.max.ms":50}',
    '{ "fetch.wait.max.ms": "50", "auto.offset.reset": "latest" }',
    '{"auto.offset.reset":"latest","fetch.wait.max.ms":50,"log.connection.close":false}',
    "",
  ];
  for (const json of same) {
    assert.equal(await client.ask("BLPOP", `topics:t:${json}`, 0.001), NULL);
    assert.equal(await client.ask("BLPOP", "topics:t", 0.001), NULL);
  }
  assert.equal(log.count(DIFFERS), 0);
});

Deno.test("JSON that differs from what the consumer was made with is one line in the log", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("g:other");
  assert.equal(await client.ask("BLPOP", "topics:t", 0.001), NULL);
  for (const value of [50, 60, 70]) {
    assert.equal(
      await client.ask("BLPOP", `topics:t:{"fetch.wait.max.ms":${value}}`, 0.001),
      NULL,
    );
  }
  assert.equal(log.count(DIFFERS), 1, log.lines.join("\n"));
  assert.equal(log.count(`warning: Client g:other ${DIFFERS}; they count from the next`), 1);
});

Deno.test("JSON that is broken or refused is an error at every BLPOP, and costs no consumer", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("g:broken");
  assert.equal(await client.ask("BLPOP", "topics:t:{}", 0.001), NULL);
  for (const json of ["{bad", "[]", '{"topic.blacklist":"^("}', '{"fetch.min.bytes":0}']) {
    for (
      const command of [["BLPOP", `topics:t:${json}`, 1], ["LMPOP", 1, `topics:t:${json}`, "LEFT"]]
    ) {
      assert.match(await client.ask(...command), /^-CONS Error parsing configuration from '/);
    }
  }
  assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
  assert.equal((await client.pop("topics:t", 20))?.value, "hello");
});

Deno.test("What means nothing here is taken from a client, and said once for all clients", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await TestGateway.start();
  const json = '{"log.connection.close":false,"statistics.interval.ms":1,"go.x":1,"go.y":2}';
  for (const name of ["g:a", "g:b"]) {
    using client = await gateway.connectAs(name);
    assert.equal(await client.ask("BLPOP", `topics:t:${json}`, 0.1), NULL);
  }
  assert.deepEqual(log.lines.filter((line) => line.includes("which is ignored")), [
    "info: Client g:a sets log.connection.close for its consumer, which is ignored; " +
    "this is said once for all clients",
    "info: Client g:a sets statistics.interval.ms for its consumer, which is ignored; " +
    "this is said once for all clients",
    "info: Client g:a sets go.* for its consumer, which is ignored; " +
    "this is said once for all clients",
  ]);
  assert.equal(log.count("event of unknown type"), 0);
});

Deno.test("An embedded Kafka takes the session and heartbeat that a client has for a real one", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("g:heartbeat");
  const json = '{"session.timeout.ms":45000,"heartbeat.interval.ms":15000}';
  assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
  const first = await client.pop(`topics:t:${json}`, 20);
  assert.equal(first?.value, "hello");
  assert.equal(await client.ask("BLPOP", "topics:t", 4), NULL); // longer than the embedded session
  const { topic, partition, offset } = first;
  assert.equal(await client.ask("RPUSH", "acks", `${topic}:${partition}:${offset}`), ":1\r\n");
});

Deno.test("Workers of a group that assign in different ways do not end an embedded Kafka", async () => {
  await using gateway = await TestGateway.start();
  const clients = await Promise.all(["a", "b", "c"].map((name) => gateway.connectAs(`g:${name}`)));
  const strategies = ["range", "roundrobin", "cooperative-sticky"];
  const pops = clients.map((client, at) =>
    client.ask("BLPOP", `topics:t:{"partition.assignment.strategy":"${strategies[at]}"}`, 3)
  );
  assert.deepEqual(await Promise.all(pops), [NULL, NULL, NULL]);
  for (const client of clients) client[Symbol.dispose]();
});
