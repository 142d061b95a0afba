/**
 * What a gateway reports about itself.
 *
 * @module
 */

/** The version of Redis. Clients infer from it which connection and introspection commands they may use. */
export const REDIS_VERSION = "7.4.0";

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
