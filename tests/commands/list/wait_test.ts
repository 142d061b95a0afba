/**
 * WAIT, and commands with many messages or many acks: what is promised by their replies is so in Kafka.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { connectionId, untilBlocked } from "../../support/client_list.ts";
import { TestGateway } from "../../support/gateway.ts";
import { ack, counter, mustPop, TestCluster, testInEachProducerMode } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

/** Number of the request in the Kafka protocol, and of an error that is not tried again. */
const PRODUCE = 0;
const MESSAGE_TOO_LARGE = 10;

testInEachProducerMode(
  "WAIT answers 1 when nothing was produced, and when all of it is delivered",
  async (server) => {
    await using gateway = await TestGateway.start({
      config: { server, producer: { "linger.ms": 60_000 } },
    });
    using client = await gateway.connect();
    assert.equal(await client.ask("WAIT", 0, 0), ":1\r\n");
    assert.equal(await client.ask("wait", 1, 100), ":1\r\n");
    await client.write(
      encodeRequest(["RPUSHX", "topics:t", "hello"]).repeat(100) +
        encodeRequest(["WAIT", "1", "0"]),
    );
    for (let i = 0; i < 101; i++) assert.equal(await client.reply(), ":1\r\n");
    assert.equal(await counter(client, "producer.delivered.messages"), 100);
  },
);

testInEachProducerMode(
  "WAIT answers 0 when its time is over, and 1 when the messages are delivered at last",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
    using other = await gateway.connect();
    using client = await gateway.connect();
    const id = await connectionId(client);
    cluster.mock.setBrokerUp(1, false);
    await client.ask("RPUSHX", "topics:t", "hello");
    const startMs = performance.now();
    assert.equal(await client.ask("WAIT", 1, 100), ":0\r\n");
    assert.ok(performance.now() - startMs >= 95);
    assert.equal(
      await other.ask("WAIT", 1, 0),
      ":1\r\n",
      "what others produced is not its business",
    );
    await client.send("WAIT", 1, 0); // for ever
    await untilBlocked(other, id);
    cluster.mock.setBrokerUp(1, true);
    assert.equal(await client.reply(), ":1\r\n");
  },
);

testInEachProducerMode(
  "WAIT answers 0 once after a delivery failed, then 1 again",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
    using client = await gateway.connect();
    await deliverOneLoseOne(cluster, client);
    assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n");
    assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
    assert.equal(await client.ask("RPUSHX", "topics:t:key", "taken, too"), ":1\r\n");
    assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
    assert.equal(await counter(client, "producer.delivery.errors"), 1);
  },
);

testInEachProducerMode(
  "A WAIT whose time is over, or that is unblocked, leaves a failure to the next one",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
    using other = await gateway.connect();
    using client = await gateway.connect();
    const id = await connectionId(client);
    await deliverOneLoseOne(cluster, client);
    cluster.mock.setBrokerUp(1, false);
    await client.ask("RPUSHX", "topics:t:key", "late");
    assert.equal(await client.ask("WAIT", 1, 50), ":0\r\n", "its time is over");
    await client.send("WAIT", 1, 0);
    await untilBlocked(other, id);
    assert.equal(await other.ask("CLIENT", "UNBLOCK", id), ":1\r\n");
    assert.equal(await client.reply(), ":0\r\n", "unblocked");
    cluster.mock.setBrokerUp(1, true);
    assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n", "for the one that is lost");
    assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
  },
);

testInEachProducerMode(
  "WAIT answers 0 once after a command that produces was refused, then 1 again",
  async (server) => {
    await using gateway = await TestGateway.start({
      config: { server, producer: { "message.max.bytes": 1_000, "linger.ms": 60_000 } },
    });
    const tooLarge = "x".repeat(2_000);
    const rows: [command: string[], reply: RegExp][] = [
      [["RPUSHX", "nonsense", "x"], /^-PROD /],
      [["LPUSH", "topics:", "x"], /^-PROD /],
      [["RPUSH", "topics:a b", "x"], /^-/],
      [
        ["RPUSHX", "topics:t", "1", "2", tooLarge, "4"],
        /^-PROD .*; only the first 2 of 4 were taken\r/,
      ],
    ];
    for (const [command, reply] of rows) {
      using client = await gateway.connect();
      assert.match(await client.ask(...command), reply, command.join(" ").slice(0, 50));
      assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n", command.join(" "));
      assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n", command.join(" "));
    }
    using client = await gateway.connect();
    assert.equal(await counter(client, "producer.produced.messages"), 2);
    assert.equal(await counter(client, "producer.delivered.messages"), 2);
  },
);

Deno.test("WAIT answers 0 once after an EXEC that ran nothing, also where no reply was shown", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const aborted = [["MULTI"], ["RPUSHX", "topics:t", "x"], ["NO-SUCH-COMMAND"], ["EXEC"]];
  for (const command of [["CLIENT", "REPLY", "OFF"], ...aborted]) await client.send(...command);
  assert.equal(await client.ask("CLIENT", "REPLY", "ON"), "+OK\r\n");
  assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n");
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
  assert.equal(await counter(client, "producer.produced.messages"), 0);
});

Deno.test("WAIT refuses what is no number and no time", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  for (const [replicas, timeout] of [["x", "0"], ["1", "x"], ["1", "-1"], ["1", "0.5"]] as const) {
    assert.match(await client.ask("WAIT", replicas, timeout), /^-(ERR|PROD) /, timeout);
  }
});

for (const command of ["RPUSHX", "LPUSH", "RPUSH"]) {
  Deno.test(`${command} takes many messages, and they arrive in their order`, async () => {
    await using gateway = await TestGateway.start();
    using client = await gateway.connectAs("group:a");
    const values = Array.from({ length: 1_000 }, (_, n) => `value-${n}`);
    assert.equal(await client.ask(command, "topics:t:key", ...values), ":1000\r\n");
    assert.equal(await client.ask(command, "topics:t:key", "last", ""), ":2\r\n");
    assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
    for (const value of [...values, "last", ""]) {
      assert.equal((await mustPop(client, "t")).value, value);
    }
    assert.equal(await counter(client, "producer.produced.messages"), 1_002);
  });
}

Deno.test("In the dialect of the README, RPUSHX of many messages answers OK, LPUSH a number", async () => {
  await using gateway = await TestGateway.start({ config: { server: { dialect: "readme" } } });
  using client = await gateway.connect();
  assert.equal(await client.ask("RPUSHX", "topics:t", "one", "two"), "$2\r\nOK\r\n");
  assert.equal(await client.ask("LPUSH", "topics:t", "one", "two"), ":2\r\n");
});

Deno.test("RPUSH acks with many acks stores all of them", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  const [one, two, three] = await popThree(client);
  assert.equal(await client.ask("RPUSH", "acks", one, two, three), ":3\r\n");
  assert.equal(await counter(client, "consumer.acked.messages"), 3);
  await client.ask("RPUSHX", "topics:t:key", "four");
  await client.ask("QUIT");
  using next = await gateway.connectAs("group:b");
  assert.equal((await mustPop(next, "t")).value, "four");
});

Deno.test("RPUSH acks with a bad ack among good ones stores the good ones and names the bad", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  const [one, two] = await popThree(client);
  const reply = await client.ask("RPUSH", "acks", one, "t:99:7", two, "other:0:1");
  assert.match(
    reply,
    /^-CONS Cannot ack t:99:7 other:0:1, the message will be handed out again: /,
  );
  assert.equal(await counter(client, "consumer.acked.messages"), 2);
  await client.ask("QUIT");
  using next = await gateway.connectAs("group:b");
  assert.equal((await mustPop(next, "t")).value, "three");
});

Deno.test("RPUSH acks with one that is no ack stores none", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  const [one] = await popThree(client);
  assert.match(await client.ask("RPUSH", "acks", one, "nonsense"), /^-CONS /);
  assert.equal(await counter(client, "consumer.acked.messages"), 0);
  await client.ask("QUIT");
  using next = await gateway.connectAs("group:b");
  const again = await mustPop(next, "t");
  assert.equal(again.value, "one");
  assert.equal(await ack(next, again), ":1\r\n");
});

/** Produces three messages and pops them; their acks. */
async function popThree(client: TestClient): Promise<[string, string, string]> {
  await client.ask("RPUSHX", "topics:t:key", "one", "two", "three");
  const acks: string[] = [];
  for (let i = 0; i < 3; i++) {
    const { topic, partition, offset } = await mustPop(client, "t");
    acks.push(`${topic}:${partition}:${offset}`);
  }
  return acks as [string, string, string];
}

/** Afterwards nothing is outstanding, and the failure is for the next WAIT. */
async function deliverOneLoseOne({ mock }: TestCluster, client: TestClient): Promise<void> {
  await client.ask("RPUSHX", "topics:t:key", "taken");
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
  mock.failRequests(PRODUCE, [MESSAGE_TOO_LARGE]);
  await client.ask("RPUSHX", "topics:t:key", "lost");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n", "a failed message is not outstanding");
}
