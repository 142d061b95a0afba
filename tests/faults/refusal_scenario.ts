/**
 * A Kafka that refuses messages, which takes one that can be told to: librdkafka's mock cluster.
 *
 * @module
 */
import { TestCluster } from "../support/kafka.ts";
import { pause } from "./load.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";

/** Number of the request in the Kafka protocol. */
const PRODUCE = 0;
/** What brokers answer, by its name in the Kafka protocol. */
const ERRORS = {
  KAFKA_STORAGE_ERROR: 56, // the disk is full, or broken
  MESSAGE_TOO_LARGE: 10,
  TOPIC_AUTHORIZATION_FAILED: 29,
  NOT_ENOUGH_REPLICAS: 19,
} as const;
/** Requests that are refused in a row, each time. */
const IN_A_ROW = 2;
const PAUSE_MS = 500;

/**
 * A broker refuses what comes behind a message that it has not got; this one takes it, and librdkafka takes that for an
 * acknowledgement of both.
 */
const ONE_AT_A_TIME = { "enable.idempotence": true, "max.in.flight": 1 };

/** Errors for messages, some of which are final. */
export const refusalScenario: Scenario = {
  name: "refusals",
  what:
    "Kafka refuses messages: disk full, too large, not authorised, too few replicas (mock cluster)",
  short: true,
  run: async (_cluster, full) => {
    await using cluster = await TestCluster.start();
    const { mock } = cluster;
    const kafka = {
      bootstrapServers: mock.bootstrapServers,
      createTopic: (topic: string, partitions: number) => mock.createTopic(topic, partitions),
    };
    const config = { consumer: mock.consumerSettings, producer: ONE_AT_A_TIME };
    // its groups forget commits when members come and go
    return await play(kafka, { config, acksMayBeLost: true }, async () => {
      for (let round = 0; round < (full ? 10 : 2); round++) {
        for (const code of Object.values(ERRORS)) {
          mock.failRequests(PRODUCE, new Array(IN_A_ROW).fill(code));
          await pause(PAUSE_MS);
        }
      }
    });
  },
};
