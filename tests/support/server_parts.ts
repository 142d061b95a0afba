/**
 * What a server takes beside its settings, where a test gives it listeners of its own.
 *
 * @module
 */
import { TIMEOUTS } from "../../src/config/timeouts.ts";
import { Cluster } from "../../src/kafka/cluster.ts";
import type { ServerParts } from "../../src/session/server_state.ts";
import { Telemetry } from "../../src/telemetry/telemetry.ts";
import type { TestKafka } from "./kafka_environment.ts";

/** Those of a server on the embedded Kafka. */
export function serverParts(
  { environment, settings }: TestKafka,
  port: number,
): Omit<ServerParts, "settings"> {
  return {
    own: {
      cluster: new Cluster(environment, { producer: settings, consumer: settings }),
      events: { close: () => {} },
    },
    telemetry: new Telemetry(0),
    timeouts: TIMEOUTS,
    about: { version: "test", librdkafkaVersion: "", brokers: "", runId: "" },
    port,
  };
}
