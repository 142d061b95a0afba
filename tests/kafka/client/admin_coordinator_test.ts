/**
 * Requests of the Admin API that meet a coordinator that is none, or is too old: the process must survive them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Cluster } from "../../../src/kafka/cluster.ts";
import type { Admin } from "../../../src/kafka/client/admin.ts";
import { TestKafka } from "../../support/kafka_environment.ts";

/** Number of the request in the Kafka protocol. */
const OFFSET_FETCH = 9;
/** What a broker answers, by its name in the Kafka protocol. */
const NOT_COORDINATOR = 16;

/** An admin that takes the mock cluster for any Kafka, and a topic. */
async function administer(
  run: (admin: Admin, topic: string, kafka: TestKafka) => Promise<void>,
  brokers = 1,
): Promise<void> {
  await using kafka = await TestKafka.start(brokers);
  const topic = kafka.newTopic();
  const { environment, settings } = kafka;
  const cluster = new Cluster(environment, { producer: settings, consumer: settings }, undefined);
  try {
    await run(cluster.admin, topic, kafka);
  } finally {
    await cluster.close();
  }
}

Deno.test("listing offsets goes on when another broker has become the coordinator", async () => {
  await administer(async (admin, topic, kafka) => {
    await admin.alterGroupOffsets("group", [{ topic, partition: 0, offset: 7n }]);
    kafka.mock.failRequests(OFFSET_FETCH, [NOT_COORDINATOR]);
    const [committed] = await admin.listGroupOffsets("group", topic);
    assert.equal(committed?.offset, 7n);
  });
});

Deno.test("a group is found again whenever another broker becomes its coordinator", async () => {
  await administer(async (admin, topic, { mock }) => {
    for (const [at, coordinator] of [1, 2, 3, 1].entries()) {
      mock.setCoordinator("group", coordinator);
      const offset = BigInt(at);
      await admin.alterGroupOffsets("group", [{ topic, partition: 0, offset }]);
      mock.setCoordinator("group", coordinator % 3 + 1);
      const [committed] = await admin.listGroupOffsets("group", topic);
      assert.equal(committed?.offset, offset);
    }
  }, 3);
});

Deno.test("requests that the coordinator does not have fail, however often", async () => {
  await administer(async (admin, topic) => {
    for (let call = 0; call < 20; call++) {
      await admin.alterGroupOffsets(`group-${call}`, [{ topic, partition: 0, offset: 7n }]);
      await assert.rejects(admin.deleteGroupOffsets(`group-${call}`, topic), /KIP-496/);
    }
  });
});
