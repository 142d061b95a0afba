/**
 * Limits of a producer's queue, and how long it tries to deliver: librdkafka's own, as the settings of a cluster make
 * them.
 *
 * @module
 */

import type { Library } from "../../ffi/library.ts";
import { effectiveValue, type KafkaSettings } from "../client/conf.ts";

/** Limits of each producer with the same settings. */
export interface QueueLimits {
  /** `queue.buffering.max.messages`, `Infinity` for none. */
  readonly maxMessages: number;
  /** `queue.buffering.max.kbytes` */
  readonly maxBytes: number;
  /** `message.timeout.ms`, `Infinity` for none. */
  readonly messageTimeoutMs: number;
  /** `enable.idempotence` */
  readonly idempotent: boolean;
}

/** librdkafka does not read out topic settings that are not set. */
const DEFAULT_MESSAGE_TIMEOUT_MS = 300_000;

/** The limits of a producer with these settings. */
export function queueLimits(library: Library, settings: KafkaSettings): QueueLimits {
  const read = (name: string): string => effectiveValue(library, settings, name);
  return {
    maxMessages: Number(read("queue.buffering.max.messages")) || Infinity,
    maxBytes: Number(read("queue.buffering.max.kbytes")) * 1024,
    messageTimeoutMs: Number(read("message.timeout.ms") || DEFAULT_MESSAGE_TIMEOUT_MS) || Infinity,
    idempotent: read("enable.idempotence") === "true",
  };
}
