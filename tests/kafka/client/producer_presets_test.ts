/**
 * What is preset for producers: the configuration always wins, and librdkafka takes both together.
 *
 * @module
 */
import assert from "node:assert/strict";
import { producerDefaults } from "../../../src/kafka/client/settings_policy.ts";
import type { KafkaSettings } from "../../../src/kafka/client/conf.ts";
import { CapturedLog } from "../../support/captured_log.ts";
import { TestGateway } from "../../support/gateway.ts";
import { counter, TestCluster, testInEachProducerMode } from "../../support/kafka.ts";

const INIT_PRODUCER_ID = 22;
const CLUSTER_AUTHORIZATION_FAILED = 31;

const SHARED = { producerMode: "shared" };
const LINGER = { "linger.ms": 20 };
const IDEMPOTENCE = { "enable.idempotence": true };
const BOTH = { ...LINGER, ...IDEMPOTENCE };

/** For all of them. */
const REFRESH = { "topic.metadata.refresh.interval.ms": 15_000 };

/** Settings, and what else is preset with them for a connection's own producer and for a shared one. */
const rows: [settings: KafkaSettings, own: KafkaSettings, shared: KafkaSettings][] = [
  [{}, BOTH, IDEMPOTENCE],
  [{ "acks": "all" }, BOTH, IDEMPOTENCE],
  [{ "request.required.acks": -1 }, BOTH, IDEMPOTENCE],
  [{ "acks": 1 }, LINGER, {}],
  [{ "request.required.acks": "0" }, LINGER, {}],
  [{ "enable.idempotence": false }, LINGER, {}],
  [{ "enable.gapless.guarantee": false }, LINGER, {}],
  [{ "max.in.flight": 1000 }, LINGER, {}],
  [{ "max.in.flight.requests.per.connection": 6 }, LINGER, {}],
  [{ "retries": 0 }, LINGER, {}],
  [{ "message.send.max.retries": 0 }, LINGER, {}],
  [{ "queuing.strategy": "lifo" }, LINGER, {}],
  [{ "queue.buffering.backpressure.threshold": 10 }, LINGER, {}],
  [{ "message.timeout.ms": 20 }, IDEMPOTENCE, IDEMPOTENCE],
  [{ "delivery.timeout.ms": 10, "acks": 1 }, {}, {}],
  [{ "message.timeout.ms": 0 }, BOTH, IDEMPOTENCE],
  [{ "message.timeout.ms": 21 }, BOTH, IDEMPOTENCE],
  [{ "linger.ms": 60_000 }, BOTH, IDEMPOTENCE],
  [{ "queue.buffering.max.ms": 7 }, BOTH, IDEMPOTENCE],
];

for (const [producer, own, shared] of rows) {
  testInEachProducerMode(
    `${JSON.stringify(producer)} starts, and takes messages`,
    async (server) => {
      assert.deepEqual(producerDefaults(producer, { shared: false }), { ...REFRESH, ...own });
      assert.deepEqual(producerDefaults(producer, { shared: true }), { ...REFRESH, ...shared });
      await using gateway = await TestGateway.start({ config: { producer, server } });
      using client = await gateway.connect();
      assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
      await client.ask("DUMP", 5_000); // short timeouts may lose it: not the question here
    },
  );
}

Deno.test("where Kafka does not allow idempotence, producers do without; the log says so", async () => {
  await using log = await CapturedLog.start();
  await using cluster = await TestCluster.start();
  cluster.mock.failRequests(INIT_PRODUCER_ID, new Array(100).fill(CLUSTER_AUTHORIZATION_FAILED));
  await using gateway = await TestGateway.start({ config: cluster.config({ server: SHARED }) });
  using client = await gateway.connect();
  await client.ask("RPUSHX", "topics:t", "lost");
  assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n");
  assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
  assert.equal(await counter(client, "producer.delivery.errors"), 1);
  await log.has("Kafka does not allow enable.idempotence");
  using other = await gateway.connect();
  assert.equal(await other.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
  assert.equal(await other.ask("WAIT", 1, 0), ":1\r\n");
  assert.equal(log.count("Kafka does not allow enable.idempotence"), 1);
});

Deno.test("whoever asks for idempotence gets no producer without it", async () => {
  await using cluster = await TestCluster.start();
  cluster.mock.failRequests(INIT_PRODUCER_ID, new Array(100).fill(CLUSTER_AUTHORIZATION_FAILED));
  const producer = { "enable.idempotence": true };
  await using gateway = await TestGateway.start({
    config: cluster.config({ producer, server: SHARED }),
  });
  using client = await gateway.connect();
  for (let round = 0; round < 3; round++) {
    await client.ask("RPUSHX", "topics:t", "lost");
    assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n");
  }
  assert.equal(await counter(client, "producer.delivered.messages"), 0);
});
