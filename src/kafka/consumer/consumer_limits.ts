/**
 * How much a consumer holds of what it has fetched: as the operator has configured it, or as it is preset. A client may
 * have less of it for its consumer, not more.
 *
 * @module
 */

import type { Library } from "../../ffi/library.ts";
import { effectiveValue, type KafkaSettings } from "../client/conf.ts";

/** What a consumer has whose client sets nothing. */
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
