/**
 * What a consumer with a queue for each partition fetches ahead: librdkafka's limits are those of one queue.
 *
 * @module
 */

import type { Library } from "../../ffi/library.ts";
import { type KafkaSettings, refusedSettings } from "../client/conf.ts";

/** Limits of a consumer as a whole. */
export interface Prefetch {
  /** Number of messages. */
  readonly messages: number;
  /** Their size. */
  readonly bytes: number;
  /** Number of partitions that share it; those that come later have as much each. */
  readonly partitions: number;
}

/** A partition fetches at least so much at a time, or one message. */
const MIN_FETCH_BYTES = 64 * 1024;
/** librdkafka's default of `fetch.message.max.bytes`. */
const MAX_FETCH_BYTES = 1024 * 1024;
/** A full queue is looked at again so soon: its messages must last for longer. */
const BACKOFF = { "fetch.queue.backoff.ms": 5 };

/** The settings for these limits, where librdkafka can work with small queues: those before 2.2 wait for a second. */
export function prefetchSettings(
  library: Library,
  consumer: KafkaSettings,
  { messages, bytes, partitions }: Prefetch,
): KafkaSettings {
  if (refusedSettings(library, BACKOFF).length > 0) return {};
  const shareBytes = Math.max(MIN_FETCH_BYTES, Math.floor(bytes / partitions));
  const fetchBytes = Number(consumer["fetch.message.max.bytes"] ?? MAX_FETCH_BYTES);
  return {
    ...BACKOFF,
    "queued.min.messages": Math.max(1, Math.floor(messages / partitions)),
    "queued.max.messages.kbytes": Math.ceil(shareBytes / 1024),
    "fetch.message.max.bytes": Math.min(shareBytes, fetchBytes),
  };
}
