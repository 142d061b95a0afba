/**
 * Limits of what a consumer prefetches: those of the configuration, or the preset ones. A client can lower them for its
 * consumer, not raise them.
 *
 * @module
 */

import type { Library } from "../../ffi/library.ts";
import { effectiveValue, type KafkaSettings } from "../client/conf.ts";

/** Limits of a consumer whose client sets none. */
export interface ConsumerLimits {
  /** `queued.min.messages` */
  readonly queuedMessages: number;
  /** `queued.max.messages.kbytes` */
  readonly queuedKbytes: number;
  /** `fetch.max.bytes`, as librdkafka uses it */
  readonly fetchBytes: number;
  /** `message.max.bytes`; librdkafka refuses a `fetch.max.bytes` below it. */
  readonly messageBytes: number;
}

/** The limits of a consumer with these settings. */
export function consumerLimits(library: Library, settings: KafkaSettings): ConsumerLimits {
  const read = (name: string): number => Number(effectiveValue(library, settings, name));
  const queuedKbytes = read("queued.max.messages.kbytes");
  const messageBytes = read("message.max.bytes");
  const fetchBytes = read("fetch.max.bytes");
  return {
    queuedMessages: read("queued.min.messages"),
    queuedKbytes,
    messageBytes,
    // librdkafka fits it to the queue, unless it is set
    fetchBytes: settings["fetch.max.bytes"] !== undefined
      ? fetchBytes
      : Math.max(Math.min(fetchBytes, queuedKbytes * 1024), messageBytes),
  };
}
