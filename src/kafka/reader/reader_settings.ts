/**
 * Settings of librdkafka for reading without a group, each for another purpose. Measured on Kafka 4.3 and the embedded one.
 *
 * @module
 */

import type { KafkaSettings } from "../client/conf.ts";
import type { PoolLimits } from "./reader_pool.ts";
import type { WindowLimits } from "./tail_window.ts";

/** For reads that end: the end of a partition is known after an empty fetch, so that must not wait for messages. */
const READS: KafkaSettings = {
  "fetch.min.bytes": 1,
  "fetch.wait.max.ms": 5,
  "fetch.queue.backoff.ms": 1,
  "queued.min.messages": 1,
};

/**
 * For a few messages anywhere. What is fetched beyond the last one is thrown away: ten messages of 100 bytes from each of
 * eight partitions take 2 ms of processor time with 8 KiB, and 12 with 64 KiB.
 */
export const POINT_READS: KafkaSettings = {
  ...READS,
  "fetch.message.max.bytes": 8 * 1024,
  "queued.max.messages.kbytes": 512,
};

/** For many messages. */
export const LONG_READS: KafkaSettings = {
  ...READS,
  "fetch.message.max.bytes": 256 * 1024,
  "queued.max.messages.kbytes": 4 * 1024,
};

/** Messages of a partition from which on a read is a long one. */
export const LONG_READ = 200;

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

/** Each reader has about five threads, and most reads take milliseconds. */
export const POINT_POOL: PoolLimits = { maxReaders: 4, idleMs: 60_000, stallMs: 5_000 };
/** The same for long reads, which take more memory. */
export const LONG_POOL: PoolLimits = { maxReaders: 2, idleMs: 60_000, stallMs: 5_000 };

/** What the reader of a topic keeps for clients that are a little behind. */
export const TAIL_WINDOW: WindowLimits = { maxCount: 20_000, maxBytes: 4 * 1024 * 1024 };
/** The reader of a topic that nobody waits for is closed after this time: it reads all that is produced. */
export const TAIL_IDLE_MS = 10_000;
/** How often new partitions are looked for. */
export const LOOK_FOR_PARTITIONS_MS = 10_000;
