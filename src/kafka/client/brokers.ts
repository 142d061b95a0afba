/**
 * The brokers of a cluster.
 *
 * @module
 */

import { RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER } from "../../ffi/constants.ts";
import { fromCString } from "../../ffi/memory.ts";
import { type AdminCalls, readPointers } from "./admin_calls.ts";
import type { KafkaClient } from "./kafka_client.ts";

/** A broker. */
export interface BrokerDescription {
  /** Kafka's `node.id`. */
  readonly id: number;
  /** The name that it advertises. */
  readonly host: string;
  /** The port that it advertises. */
  readonly port: number;
  /** `broker.rack`; undefined for none. */
  readonly rack: string | undefined;
}

/**
 * The brokers that are up, by id.
 *
 * @throws {KafkaError} when none answers
 */
export async function describeBrokers(
  calls: AdminCalls,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<BrokerDescription[]> {
  const { client } = calls;
  const { pointer, library: { symbols } } = client;
  const describe = calls.required(symbols.rd_kafka_DescribeCluster);
  const brokers = await calls.call(
    { operation: RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER, timeoutMs },
    (...rest) => describe(pointer, ...rest),
    (event) =>
      readPointers(client, (count) => symbols.rd_kafka_DescribeCluster_result_nodes!(event, count))
        .map((node) => readBroker(client, node)),
  );
  return brokers.sort((a, b) => a.id - b.id);
}

/** A broker that something else owns, `rd_kafka_Node_t *`. */
export function readBroker(
  { library: { symbols } }: KafkaClient,
  node: Deno.PointerValue,
): BrokerDescription {
  const rack = symbols.rd_kafka_Node_rack?.(node) ?? null;
  return {
    id: symbols.rd_kafka_Node_id(node),
    host: fromCString(symbols.rd_kafka_Node_host(node)),
    port: symbols.rd_kafka_Node_port(node),
    rack: rack === null ? undefined : fromCString(rack),
  };
}
