/**
 * A commit that Kafka refuses because the group has changed meanwhile: it is repeated, and the partitions stay.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { ack, mustPop, produceAll, TestCluster } from "../support/kafka.ts";
import { numbers, TestGroup, untilAcked, valuesOf } from "./group_support.ts";

/** OffsetCommit in Kafka's protocol. */
const OFFSET_COMMIT = 8;
/** How a commit of the generation before is refused, and one while the group changes. */
const OVERTAKEN = { ILLEGAL_GENERATION: 22, REBALANCE_IN_PROGRESS: 27 };
const STRATEGIES = ["cooperative-sticky", "range"];

for (const strategy of STRATEGIES) {
  for (const [name, code] of Object.entries(OVERTAKEN)) {
    const consumer = { "partition.assignment.strategy": strategy };
    const config = { consumer };

    Deno.test(`a reader of a stream keeps its partitions and acks when a commit meets ${name} (${strategy})`, async () => {
      await using cluster = await TestCluster.start();
      await using log = await CapturedLog.start();
      await using gateway = await TestGateway.start({ config: cluster.config(config) });
      const test = new TestGroup(gateway);
      cluster.mock.createTopic(test.topic);
      await test.create();
      await test.fill(20);
      const entries = await test.take(20);
      await until(() => log.count("is assigned") > 0, "the partitions");
      const group = await test.open();
      cluster.mock.failRequests(OFFSET_COMMIT, [code]);
      assert.equal(group.ack(entries.slice(0, 15).map(({ id }) => id)), 15);
      await log.has("could not commit");
      await untilAcked(test, 15);
      assert.deepEqual(valuesOf(group.take("c", 20, false)), [], "nothing is delivered again");
      assert.equal(group.pendingSummary().count, 5);
      assert.equal(log.count("gives up"), 0);
      assert.equal(group.ack(entries.map(({ id }) => id)), 5);
    });

    Deno.test(`a BLPOP worker keeps its partitions and acks when a commit meets ${name} (${strategy})`, async () => {
      await using cluster = await TestCluster.start();
      await using log = await CapturedLog.start();
      await using gateway = await TestGateway.start({ config: cluster.config(config) });
      const [topic, group] = [uniqueName("topic"), uniqueName("group")];
      cluster.mock.createTopic(topic);
      using worker = await gateway.connectAs(`${group}:worker`);
      await produceAll(worker, numbers(6).map((n) => [`${topic}:key`, `${n}`]));
      const values: (string | null)[] = [];
      for (let n = 0; n < 3; n++) {
        const message = await mustPop(worker, topic);
        values.push(message.value);
        if (n === 0) cluster.mock.failRequests(OFFSET_COMMIT, [code]);
        assert.equal(await ack(worker, message), ":1\r\n");
        if (n === 0) await log.has("could not commit");
      }
      assert.deepEqual(values, ["0", "1", "2"]);
      const { admin } = gateway.rafka.server.state.principals.own.cluster;
      await until(
        async () =>
          (await admin.listGroupOffsets(group, topic)).some(({ offset }) => offset === 3n),
        "the commit",
      );
      assert.equal(log.count("gives up"), 0);
    });
  }
}

Deno.test("the log says that Kafka refuses a commit of acks that is sent before librdkafka's own", async () => {
  await using cluster = await TestCluster.start();
  await using log = await CapturedLog.start();
  const consumer = {
    "auto.commit.interval.ms": 600_000,
    "max.poll.interval.ms": 6_000, // the acks are committed before that is over
    "session.timeout.ms": 6_000,
  };
  await using gateway = await TestGateway.start({ config: cluster.config({ consumer }) });
  const [topic, group] = [uniqueName("topic"), uniqueName("group")];
  cluster.mock.createTopic(topic);
  using worker = await gateway.connectAs(`${group}:worker`);
  await produceAll(worker, [[topic, "0"]]);
  const message = await mustPop(worker, topic);
  cluster.mock.failRequests(OFFSET_COMMIT, [OVERTAKEN.REBALANCE_IN_PROGRESS]);
  assert.equal(await ack(worker, message), ":1\r\n");
  await log.has(`could not commit ${topic}[`);
});
