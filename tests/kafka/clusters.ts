/**
 * The same test of the Kafka layer on the embedded cluster and, if there is one, on a real Kafka.
 *
 * @module
 */
import type { KafkaSettings } from "../../src/kafka/client/conf.ts";
import { uniqueName } from "../support/gateway.ts";
import { TestKafka } from "../support/kafka_environment.ts";
import { kafkaBrokers } from "../support/machine.ts";

/** A cluster of a test. */
export interface TestedCluster {
  /** Makes the clients; only their settings say which cluster they use. */
  readonly kafka: TestKafka;
  /** Where the cluster is. */
  readonly settings: KafkaSettings;
  /** The same for consumers, with what the cluster wants of them. */
  readonly consumerSettings: KafkaSettings;
  /** A topic that no other test uses; a real one has as many partitions as its brokers give it. */
  readonly topic: string;
  readonly isReal: boolean;
}

/** Registers the test for each cluster. */
export function testOnEachCluster(
  title: string,
  run: (cluster: TestedCluster) => Promise<void>,
): void {
  Deno.test(`${title} (embedded Kafka)`, async () => {
    await using kafka = await TestKafka.start();
    const { settings } = kafka;
    const topic = kafka.newTopic();
    await run({ kafka, settings, consumerSettings: settings, topic, isReal: false });
  });
  Deno.test({
    name: `${title} (real Kafka)`,
    ignore: kafkaBrokers === undefined,
    async fn(): Promise<void> {
      await using kafka = await TestKafka.start();
      const settings = { "bootstrap.servers": kafkaBrokers! };
      // the embedded cluster takes a shorter one
      const consumerSettings = { ...settings, "session.timeout.ms": 10_000 };
      await run({ kafka, settings, consumerSettings, topic: uniqueName("topic"), isReal: true });
    },
  });
}
