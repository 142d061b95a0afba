/**
 * What a gateway says of itself.
 *
 * @module
 */

/** What a gateway is, from its start to its end. */
export interface About {
  /** Of Rafka. */
  readonly version: string;
  /** Of librdkafka. */
  readonly librdkafkaVersion: string;
  /** As configured; the embedded Kafka's address. */
  readonly brokers: string;
  /** 40 hexadecimal digits, of this start. */
  readonly runId: string;
}
