/**
 * DEL topics:<topic>:<key> produces a message without a value, with all that holds for other messages.
 *
 * @module
 */
import assert from "node:assert/strict";
import { untilListed } from "../../support/client_list.ts";
import { TestGateway, uniqueName } from "../../support/gateway.ts";
import { kcatRecords } from "../../support/kcat.ts";
import {
  counter,
  mustPop,
  onBrokers,
  TestCluster,
  testInEachProducerMode,
} from "../../support/kafka.ts";
import { hasKcat, kafkaBrokers } from "../../support/machine.ts";
import { failures } from "../../support/rafka_errors.ts";
import { encodeRequest } from "../../support/wire.ts";

const MSG_SIZE_TOO_LARGE = 10;
const PRODUCE = 0;

testInEachProducerMode("DEL of a key produces a null behind the key's messages", async (server) => {
  await using gateway = await TestGateway.start({ config: { server } });
  using client = await gateway.connectAs("group:a");
  const commands = [
    ["RPUSHX", "topics:t:a:b", "one"],
    ["DEL", "topics:t:a:b"],
    ["RPUSHX", "topic:t:a:b", ""],
    ["del", "topic:t:a:b"],
    ["WAIT", "1", "20000"],
  ];
  await client.write(commands.map(encodeRequest).join(""));
  for (const _command of commands) assert.equal(await client.reply(), ":1\r\n");
  const popped = [];
  for (const _value of [1, 2, 3, 4]) popped.push(await mustPop(client, "t"));
  assert.deepEqual(popped.map(({ value }) => value), ["one", null, "", null]);
  assert.equal(new Set(popped.map(({ partition }) => partition)).size, 1, "one partition");
  assert.equal(await counter(client, "producer.produced.messages"), 4);
  assert.equal(await counter(client, "producer.delivered.messages"), 4);
});

testInEachProducerMode("DEL of many keys answers how many, or produces none", async (server) => {
  await using gateway = await TestGateway.start({ config: { server } });
  using client = await gateway.connectAs("group:a");
  for (const wrong of ["topics:t", "topics:no such:key", "stats", "nosuch"]) {
    assert.match(
      await client.ask("DEL", "topics:t:a", wrong),
      /^-(ERR Expected|PROD Invalid) /,
      wrong,
    );
  }
  assert.equal(await counter(client, "producer.produced.messages"), 0);
  assert.equal(await client.ask("DEL", "topics:t:a", "topics:t:b", "topics:u:a"), ":3\r\n");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  assert.equal(await counter(client, "producer.delivered.messages"), 3);
});

Deno.test("DEL of what is no message's key says what is deleted, and how", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const topic = "-ERR Expected key to be 'stats', got TOPICS:T: topics are not deleted here; " +
    "'topics:<topic>:<key>' produces a tombstone for a key\r\n";
  assert.equal(await client.ask("DEL", "topics:t"), topic);
  assert.equal(
    await client.ask("DEL", "nosuch"),
    "-ERR Expected key to be 'stats', got NOSUCH\r\n",
  );
});

testInEachProducerMode(
  "A tombstone that Kafka refuses is told by WAIT and RAFKA ERRORS",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
    using client = await gateway.connect();
    assert.equal(await client.ask("RPUSHX", "topics:t:key", "connects"), ":1\r\n");
    assert.equal(await client.ask("WAIT", 1, 20_000), ":1\r\n");
    cluster.mock.failRequests(PRODUCE, [MSG_SIZE_TOO_LARGE]);
    assert.equal(await client.ask("DEL", "topics:t:key"), ":1\r\n");
    assert.equal(await client.ask("WAIT", 1, 20_000), ":0\r\n");
    const [failed] = await failures(client, "WITHVALUES");
    assert.partialDeepStrictEqual(failed, { topic: "t", key: "key", bytes: "0", value: null });
  },
);

testInEachProducerMode(
  "A DEL for which there is no room is held, then all of it is delivered",
  async (server) => {
    await using cluster = await TestCluster.start();
    const producer = { "queue.buffering.max.messages": 5 };
    await using gateway = await TestGateway.start({ config: cluster.config({ server, producer }) });
    using client = await gateway.connect();
    using other = await gateway.connect();
    cluster.mock.setBrokerUp(1, false);
    await client.send("DEL", ...Array.from({ length: 20 }, (_, n) => `topics:t:${n}`));
    await untilListed(other, { addr: client.address, held: "1" });
    cluster.mock.setBrokerUp(1, true);
    assert.equal(await client.reply(), ":20\r\n");
    assert.equal(await client.ask("WAIT", 1, 20_000), ":1\r\n");
    assert.equal(await counter(client, "producer.delivered.messages"), 20);
  },
);

Deno.test({
  name: "A tombstone has its key and no value (real Kafka, kcat)",
  ignore: kafkaBrokers === undefined || !hasKcat,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start({ config: onBrokers(kafkaBrokers!) });
    const topic = uniqueName("tombstones");
    using client = await gateway.connect();
    assert.equal(await client.ask("DEL", `topics:${topic}:some:key`), ":1\r\n");
    assert.equal(await client.ask("WAIT", 1, 20_000), ":1\r\n");
    const [record] = await kcatRecords(kafkaBrokers!, topic);
    assert.partialDeepStrictEqual(record, { key: "some:key", value: null });
  },
});

Deno.test("DEL of a key that is too large says how large it is", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.match(
    await client.ask("DEL", `topics:t:${"k".repeat(1_100_000)}`),
    /^-PROD Broker: Message size too large: 1100000 bytes/,
  );
});
