/**
 * A group that reads what open transactions have written, and what is behind it: isolation.level is read_uncommitted.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { onBrokers } from "../support/kafka.ts";
import { hasKafkaTool, KafkaCluster } from "../support/kafka_cluster.ts";
import { numbers, TestGroup, untilAcked, valuesOf } from "./group_support.ts";
import { signalProcess } from "../support/signal_process.ts";

/** A Java program starts, and Kafka makes its topic of transactions. */
const BEGIN_MS = 60_000;
/** Nothing more comes. */
const END_MS = 1_000;

Deno.test({
  name: "acks behind an open transaction outlive the gateway, and count in the lag",
  ignore: !hasKafkaTool,
  async fn(): Promise<void> {
    await using kafka = await KafkaCluster.start();
    const config = onBrokers(kafka.bootstrapServers, {
      consumer: { "isolation.level": "read_uncommitted" },
    });
    const [name, topic] = [uniqueName("group"), uniqueName("topic")];
    await kafka.run("topics", "--create", "--topic", topic, "--partitions", "1");
    await using _ = new OpenTransaction(kafka, topic);
    {
      await using first = await TestGateway.start({ config });
      const { admin } = first.rafka.server.state.principals.own.cluster;
      const end = async (): Promise<bigint | undefined> =>
        (await admin.listOffsets(topic, 1, "latest", { isolationLevel: "read_uncommitted" }))[0];
      await until(async () => await end() === 2n, "messages of the transaction", BEGIN_MS);
      const test = new TestGroup(first, name, topic);
      await test.create();
      await test.fill(8, 2);
      const entries = await test.take(10);
      assert.deepEqual(valuesOf(entries), numbers(10));
      const group = await test.open();
      assert.equal(group.ack(entries.slice(1).map(({ id }) => id)), 9);
      assert.equal((await group.info()).lag, 1);
      await untilAcked(test, 9);
    }
    await using second = await TestGateway.start({ config });
    const test = new TestGroup(second, name, topic);
    assert.deepEqual(valuesOf(await test.take(1)), [0]);
    assert.deepEqual(valuesOf(await test.take(1, "c", END_MS)), []);
  },
});

/** A transaction of Kafka's own producer, which would end much later. */
class OpenTransaction implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;

  /** With two messages, "0" and "1". */
  constructor(kafka: KafkaCluster, topic: string) {
    this.#process = kafka.spawn(
      "perf",
      ...["--topic", topic, "--num-records", "2", "--throughput", "0.01", "--payload-monotonic"],
      ...["--transactional-id", topic, "--transaction-duration-ms", "600000"],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    signalProcess(this.#process, "SIGKILL");
    await this.#process.status;
  }
}
