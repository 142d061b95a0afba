/**
 * The ID that an idempotent producer gets from Kafka before it can send (KIP-98). librdkafka requests it when it gets
 * metadata while a broker is up, else every 500 ms; its first metadata is from a bootstrap connection that it closes at
 * that moment, so a new producer would always wait.
 *
 * @module
 */

import { ERR_NO_ERROR } from "../../ffi/constants.ts";
import { OutParameter } from "../../ffi/memory.ts";
import { askBrokers } from "../client/blocking_calls.ts";
import type { KafkaClient } from "../client/kafka_client.ts";

/** At the second answer a broker is up: measured on Kafka 4.3, 507 ms to the first delivery become 40. */
const REQUESTS = 2;
/** After this, librdkafka's own timer is as good. */
const TIMEOUT_MS = 500;

/** Makes librdkafka request the ID soon. The client must live until this resolves. */
export async function requestProducerId(client: KafkaClient): Promise<void> {
  const { symbols } = client.library;
  for (let request = 0; request < REQUESTS; request++) {
    const metadata = new OutParameter();
    const code = await askBrokers(client.library, client.pointer, metadata.buffer, TIMEOUT_MS);
    if (code !== ERR_NO_ERROR) return; // the next request that needs Kafka fails with the reason
    symbols.rd_kafka_metadata_destroy(metadata.pointer);
  }
}
