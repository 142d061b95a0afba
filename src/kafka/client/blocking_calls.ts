/**
 * The functions of librdkafka that block a thread, each kind in a lane of its own: however many calls of one kind
 * wait for a broker that hangs, the other kinds still run. Nothing else calls these functions.
 *
 * @module
 */

import { RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE } from "../../ffi/constants.ts";
import { Lane } from "../../ffi/lane.ts";
import type { Library } from "../../ffi/library.ts";

/** Threads that Deno blocks at a time, for all calls of the process together. */
export const DENO_BLOCKING_CALLS = 32;

/** Maximum number of calls of each kind that block a thread at a time. */
export const LANES: {
  /** Sending what lingers: 5 ms. */
  readonly flush: Lane;
  /** Destroying a client: milliseconds. */
  readonly destroy: Lane;
  /** Destroying a consumer that could not leave its group: up to `session.timeout.ms`. */
  readonly abandon: Lane;
  /** Requests for the ID of a new producer, and for the brokers: 500 ms. */
  readonly brokers: Lane;
  /** Requests for topics: 5 s. */
  readonly topics: Lane;
  /** Seeking: milliseconds, at most 5 s. */
  readonly seek: Lane;
  /** Destroying the embedded Kafka. */
  readonly mockCluster: Lane;
} = {
  flush: new Lane(9),
  destroy: new Lane(9),
  abandon: new Lane(4),
  brokers: new Lane(4),
  topics: new Lane(1),
  seek: new Lane(1),
  mockCluster: new Lane(1),
};

/** rd_kafka_flush: sends what lingers immediately. */
export function flush(
  { symbols }: Library,
  client: Deno.PointerValue,
  timeoutMs: number,
): Promise<number> {
  return LANES.flush.run(() => symbols.rd_kafka_flush(client, timeoutMs));
}

/**
 * rd_kafka_destroy_flags: joins the threads of the client. That takes milliseconds, except for a consumer that could
 * not leave its group: librdkafka keeps trying for `session.timeout.ms`.
 */
export function destroy(
  { symbols }: Library,
  client: Deno.PointerValue,
  flags: number,
): Promise<void> {
  const lane = flags & RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE ? LANES.abandon : LANES.destroy;
  return lane.run(() => symbols.rd_kafka_destroy_flags(client, flags));
}

/**
 * rd_kafka_metadata with all topics: writes its address to `metadata`.
 *
 * @returns an `rd_kafka_resp_err_t`; undefined if the lane was full for `timeoutMs`
 */
export function askTopics(
  { symbols }: Library,
  client: Deno.PointerValue,
  metadata: BigUint64Array<ArrayBuffer>,
  timeoutMs: number,
): Promise<number | undefined> {
  return LANES.topics.runWithin(
    timeoutMs,
    () => symbols.rd_kafka_metadata(client, 1, null, metadata, timeoutMs),
  );
}

/**
 * rd_kafka_metadata without topics: reads the brokers, and makes a new producer request its ID.
 *
 * @returns an `rd_kafka_resp_err_t`; undefined if the lane was full for `timeoutMs`
 */
export function askBrokers(
  { symbols }: Library,
  client: Deno.PointerValue,
  metadata: BigUint64Array<ArrayBuffer>,
  timeoutMs: number,
): Promise<number | undefined> {
  return LANES.brokers.runWithin(
    timeoutMs,
    () => symbols.rd_kafka_metadata(client, 0, null, metadata, timeoutMs),
  );
}

/** rd_kafka_seek_partitions: returns an `rd_kafka_error_t *`; each partition may have an error of its own. */
export function seek(
  { symbols }: Library,
  client: Deno.PointerValue,
  partitions: Deno.PointerValue,
  timeoutMs: number,
): Promise<Deno.PointerValue> {
  return LANES.seek.run(() => symbols.rd_kafka_seek_partitions(client, partitions, timeoutMs));
}

/** rd_kafka_mock_cluster_destroy: joins the thread of the cluster. */
export function destroyMockCluster(
  { symbols }: Library,
  cluster: Deno.PointerValue,
): Promise<void> {
  return LANES.mockCluster.run(() => symbols.rd_kafka_mock_cluster_destroy(cluster));
}
