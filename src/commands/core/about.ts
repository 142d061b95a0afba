/**
 * The identity of a gateway.
 *
 * @module
 */

/** Immutable facts about this process. */
export interface About {
  /** Rafka's release. */
  readonly version: string;
  /** As librdkafka reports it. */
  readonly librdkafkaVersion: string;
  /** `bootstrap.servers`; in embedded mode the mock cluster's address. */
  readonly brokers: string;
  /** 40 hexadecimal digits, new at each start. */
  readonly runId: string;
}
