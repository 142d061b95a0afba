/**
 * A topic whose `max.message.bytes` is below librdkafka's `batch.size`, on a real Kafka: messages that fit are delivered
 * however many are sent at once, in order; one that does not fit fails alone, and says why.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { kcatRecords } from "../support/kcat.ts";
import { onBrokers, produceAll } from "../support/kafka.ts";
import { hasKafkaTool, KafkaCluster } from "../support/kafka_cluster.ts";
import { hasKcat } from "../support/machine.ts";
import { failures } from "../support/rafka_errors.ts";

const MESSAGE_BYTES = 5_000;
const COUNT = 100;

Deno.test({
  name: "A topic with a small max.message.bytes takes many messages at once",
  ignore: !hasKafkaTool || !hasKcat,
  async fn(t): Promise<void> {
    await using kafka = await KafkaCluster.start();
    for (const producerMode of ["connection", "shared"]) {
      await t.step(producerMode, async () => {
        const topic = uniqueName("small");
        const config = ["--partitions", "1", "--config", `max.message.bytes=${10 * MESSAGE_BYTES}`];
        await kafka.run("topics", "--create", "--topic", topic, ...config);
        const server = { producerMode };
        await using gateway = await TestGateway.start({
          config: onBrokers(kafka.bootstrapServers, { server }),
        });
        using client = await gateway.connect();
        const values = Array.from({ length: COUNT }, (_, n) => `${n}`.padEnd(MESSAGE_BYTES));
        await produceAll(client, values.map((value) => [topic, value]));
        assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
        await client.ask("RPUSHX", `topics:${topic}`, "x".repeat(12 * MESSAGE_BYTES));
        assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n");
        const [failure, ...more] = await failures(client);
        assert.deepEqual(more, []);
        assert.match(failure!.reason!, /too large: the topic's max\.message\.bytes/);
        const records = await kcatRecords(kafka.bootstrapServers, topic);
        assert.deepEqual(records.map(({ value }) => value), values);
      });
    }
  },
});
