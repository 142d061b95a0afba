/**
 * Pushes to plain lists: the reply says that Kafka has the messages.
 *
 * @module
 */
import assert from "node:assert/strict";
import { PendingPush } from "../../../src/commands/list/pending_push.ts";
import { KafkaError } from "../../../src/kafka/client/error.ts";
import { error, integer, type Reply } from "../../../src/resp/reply.ts";
import { clientList, connectionId } from "../../support/client_list.ts";
import { TestGateway, until } from "../../support/gateway.ts";
import { TestCluster } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

const LISTS = { lists: { group: "group" } };
const STORED = { partition: 0, offset: 0, timestampMs: undefined, timestampType: undefined };
/** Numbers of Kafka's protocol. */
const [PRODUCE, INVALID_RECORD] = [0, 87];

Deno.test("a push is answered when Kafka has all of its messages, and not before", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config({ server: LISTS }) });
  using client = await gateway.connect();
  using other = await gateway.connect();
  assert.equal(await client.ask("RPUSH", "topics:t:k", "first"), ":1\r\n");
  const id = await connectionId(client);
  cluster.mock.setBrokerUp(1, false);
  await client.write(
    ["RPUSH", "LPUSH", "RPUSHX", "LPUSHX"]
      .map((push) => encodeRequest([push, "topics:t:k", push, "second"])).join(""),
  );
  let answered = false;
  const first = client.reply().finally(() => answered = true);
  await until(async () => {
    const listed = (await clientList(other)).find((one) => one.id === id);
    return listed?.outstanding === "8";
  }, "all messages to be on their way");
  assert.ok(!answered);
  cluster.mock.setBrokerUp(1, true);
  assert.equal(await first, ":2\r\n");
  for (let n = 0; n < 3; n++) assert.equal(await client.reply(), ":2\r\n");
});

Deno.test("a push that Kafka refuses in part says how many messages are stored", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config({ server: LISTS }) });
  using client = await gateway.connect();
  assert.equal(await client.ask("RPUSH", "topics:t:k", "fine"), ":1\r\n");
  cluster.mock.failRequests(PRODUCE, [INVALID_RECORD]);
  const reply = await client.ask("RPUSH", "topics:t:k", "a", "b", "c");
  assert.match(
    reply,
    /^-PROD Broker: Broker failed to validate record; [012] of 3 messages are stored\r\n$/,
  );
  const stored = Number(/; (\d) of/.exec(reply)![1]);
  assert.equal(await client.ask("XLEN", "topics:t"), `:${1 + stored}\r\n`);
  assert.equal(await client.ask("RPUSH", "topics:t:k", "d"), ":1\r\n");
});

Deno.test("messages of several partitions are reported one by one: the last report answers", () => {
  const refusal = new KafkaError("refused", INVALID_RECORD, "INVALID_RECORD");
  const rows: [reports: readonly boolean[], reply: Reply][] = [
    [[true, true, true], integer(3)],
    [[false, true, true], error("PROD refused; 2 of 3 messages are stored")],
    [[true, false, false], error("PROD refused; 1 of 3 messages are stored")],
  ];
  for (const [reports, reply] of rows) {
    const pending = new PendingPush(3, integer);
    pending.onFailure((cause) => error(`PROD ${(cause as Error).message}`));
    for (const isStored of reports) {
      assert.ok(!pending.isAnswered);
      if (isStored) pending.delivered(STORED);
      else pending.failed(refusal, false);
    }
    assert.deepEqual(pending.reply, reply);
  }
});

Deno.test("a push of messages one of which is too large says how many were taken", async () => {
  await using gateway = await TestGateway.start({
    config: { producer: { "message.max.bytes": 2_000 }, server: LISTS },
  });
  using client = await gateway.connect();
  const reply = await client.ask("RPUSH", "topics:t", "small", "x".repeat(3_000), "small");
  assert.match(
    reply,
    /^-PROD Broker: Message size too large: .*; only the first 1 of 3 were taken/,
  );
});

Deno.test("without room for all messages of a push the client is held, and all are stored", async () => {
  await using gateway = await TestGateway.start({
    config: { producer: { "queue.buffering.max.messages": 10 }, server: LISTS },
  });
  using client = await gateway.connect();
  const values = Array.from({ length: 200 }, (_, at) => String(at));
  assert.equal(await client.ask("RPUSH", "topics:t:k", ...values), ":200\r\n");
  assert.equal(await client.ask("XLEN", "topics:t"), ":200\r\n");
});

for (const [what, config] of [["no group is configured", {}], ["it has a name", LISTS]] as const) {
  Deno.test(`a push of a connection is answered at once if ${what}`, async () => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config({ server: config }) });
    using client = await (config === LISTS ? gateway.connectAs("group:name") : gateway.connect());
    assert.equal(await client.ask("RPUSHX", "topics:t:k", "first"), ":1\r\n");
    assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
    cluster.mock.setBrokerUp(1, false);
    assert.equal(await client.ask("RPUSHX", "topics:t:k", "second"), ":1\r\n");
    assert.equal(await client.ask("DUMP", 0), ":1\r\n");
    cluster.mock.setBrokerUp(1, true);
    assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  });
}
