/**
 * Settings of librdkafka for reading without a group, each for another purpose. Measured on Kafka 4.3 and the embedded one.
 *
 * @module
 */

import type { KafkaSettings } from "../client/conf.ts";
import type { PoolLimits } from "./reader_pool.ts";
import type { WindowLimits } from "./tail_window.ts";

/**
 * For a read of a few messages anywhere: 2 to 4 ms. The end of a partition is known after an empty fetch, so that must not
 * wait for messages; and what is fetched beyond the last one is thrown away, so that should be little.
 */
export const POINT_READS: KafkaSettings = {
  "fetch.min.bytes": 1,
  "fetch.wait.max.ms": 5,
  "fetch.message.max.bytes": 64 * 1024,
  "fetch.queue.backoff.ms": 1,
  "queued.min.messages": 1,
  "queued.max.messages.kbytes": 1024,
};

/**
 * For the end of a topic. A partition that is added is fetched when the fetch under way has ended, so that must not take
 * long; a new message ends it at once.
 */
export const TAIL_READS: KafkaSettings = {
  "fetch.min.bytes": 1,
  "fetch.wait.max.ms": 50,
  "fetch.message.max.bytes": 256 * 1024,
  "fetch.queue.backoff.ms": 1,
  "queued.min.messages": 1_000,
  "queued.max.messages.kbytes": 1024,
};

/** Readers for point reads: each has about five threads, and most reads take milliseconds. */
export const POOL_LIMITS: PoolLimits = { maxReaders: 4, idleMs: 60_000, stallMs: 5_000 };

/** What the reader of a topic keeps for clients that are a little behind. */
export const TAIL_WINDOW: WindowLimits = { maxCount: 20_000, maxBytes: 4 * 1024 * 1024 };
/** The reader of a topic that nobody waits for is closed after this time: it reads all that is produced. */
export const TAIL_IDLE_MS = 10_000;
/** How often new partitions are looked for. */
export const LOOK_FOR_PARTITIONS_MS = 10_000;
