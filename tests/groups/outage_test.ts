/**
 * A stream group whose broker is gone for a while, or for good.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, until } from "../support/gateway.ts";
import { TestCluster } from "../support/kafka.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { numbers, TestGroup, untilAcked, valuesOf } from "./group_support.ts";

const BROKER = 1;

Deno.test("acks of an outage are committed after it, and what is pending stays pending", async () => {
  await using cluster = await TestCluster.start();
  cluster.mock.createTopic("t");
  // a member that is away for longer than its session loses its partitions
  const config = cluster.config({ consumer: { "session.timeout.ms": 10_000 } });
  await using gateway = await TestGateway.start({ config });
  const test = new TestGroup(gateway, "g", "t");
  await test.create();
  await test.fill(20);
  const entries = await test.take(20);
  const group = await test.open();
  await untilAcked(test, 0);
  cluster.mock.setBrokerUp(BROKER, false);
  assert.equal(group.ack(entries.slice(0, 5).map(({ id }) => id)), 5);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  cluster.mock.setBrokerUp(BROKER, true);
  await untilAcked(test, 5);
  await test.fill(3, 20);
  assert.deepEqual(valuesOf(await test.take(3)), numbers(3, 20));
  assert.equal(group.ack(entries.slice(5).map(({ id }) => id)), 15);
});

Deno.test("a gateway ends in time without a broker, and says that acks may be lost", async () => {
  await using log = await CapturedLog.start();
  await using cluster = await TestCluster.start();
  cluster.mock.createTopic("t");
  const gateway = await TestGateway.start({ config: cluster.config() });
  const test = new TestGroup(gateway, "g", "t");
  await test.create();
  await test.fill(5);
  const entries = await test.take(5);
  cluster.mock.setBrokerUp(BROKER, false);
  (await test.open()).ack(entries.map(({ id }) => id));
  const startMs = performance.now();
  await gateway.rafka.stop();
  assert.ok(performance.now() - startMs < 15_000);
  assert.ok(log.count("not committed") + log.count("acks since the last commit may be lost") > 0);
  cluster.mock.setBrokerUp(BROKER, true);
  await until(() => gateway.library.handles.ending === 0, "librdkafka to end its clients", 60_000);
});
