/**
 * What the log says of brokers that are away: that they are, once for all clients, when they are back, and nothing when
 * only connections have been closed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { mustPop, produceAll, TestCluster } from "../support/kafka.ts";
import type { TestClient } from "../support/client.ts";
import { CapturedLog } from "../support/captured_log.ts";

Deno.test("Connections that a broker closes, as it does with idle ones, are no outage", async () => {
  await using log = await CapturedLog.start();
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using producer = await gateway.connect();
  using worker = await gateway.connectAs("group:worker");
  const topic = uniqueName("idle");
  await handOver(producer, worker, topic);
  for (let times = 0; times < 3; times++) {
    cluster.mock.setBrokerUp(1, false);
    cluster.mock.setBrokerUp(1, true);
    await handOver(producer, worker, topic);
  }
  const said = log.lines.filter((line) => /brokers are down|does not answer/.test(line));
  assert.deepEqual(said, []);
});

Deno.test("An outage is one line for all clients, and its end another", async () => {
  await using log = await CapturedLog.start();
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using producer = await gateway.connect();
  using worker = await gateway.connectAs("group:worker");
  using other = await gateway.connectAs("other:worker");
  const topic = uniqueName("outage");
  await handOver(producer, worker, topic);
  await mustPop(other, topic);
  cluster.mock.setBrokerUp(1, false);
  await log.has("error: Kafka does not answer: no broker can be reached");
  cluster.mock.setBrokerUp(1, true);
  await log.has("info: Kafka answers again, after ");
  await handOver(producer, worker, topic);
  assert.equal(log.count("Kafka does not answer"), 1);
  assert.equal(log.count("brokers are down"), 0, log.lines.join("\n"));
});

async function handOver(producer: TestClient, worker: TestClient, topic: string): Promise<void> {
  const value = crypto.randomUUID();
  await produceAll(producer, [[topic, value]]);
  while ((await mustPop(worker, topic)).value !== value);
}
