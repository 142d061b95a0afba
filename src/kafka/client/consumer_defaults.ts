/**
 * Settings of consumers that are other than librdkafka's own defaults, because a gateway is no single program: it has many
 * consumers, each of one worker. What the user sets wins, one by one.
 *
 * @module
 */

import type { Library } from "../../ffi/library.ts";
import { type KafkaSettings, refusedSettings } from "./conf.ts";

/** Of every consumer. */
const CONSUMER_DEFAULTS: KafkaSettings = {
  // A group without a committed offset begins with the oldest message: with librdkafka's `largest`, a message that was
  // handed out and not acked would be gone for a group that has not committed yet.
  "auto.offset.reset": "earliest",
  // How soon it finds what was not there: a topic that is made later, or that a regular expression matches later, more
  // partitions, a right that is granted. librdkafka looks every five minutes, while its workers wait.
  "topic.metadata.refresh.interval.ms": 5_000,
};

/**
 * A rebalance takes only the partitions that move, the workers go on with the others: with librdkafka's
 * `range,roundrobin` each one that comes or goes stops the whole group, and hands out again what it works on.
 */
const ASSIGNOR: KafkaSettings = { "partition.assignment.strategy": "cooperative-sticky" };

/**
 * How much a consumer fetches ahead of what is asked for. Measured on a topic of four partitions, with messages of 100
 * bytes and of 10 KB: 12 and 6 MB a consumer instead of 46 and 70, and 0.8 million messages/s instead of 0.15.
 */
const PREFETCH: KafkaSettings = {
  // A consumer whose queue is full looks again after this time; after librdkafka's second of it a fast one has long been
  // waiting. It must be shorter than the queue lasts, and each look costs: 0.15 % of a core a consumer.
  "fetch.queue.backoff.ms": 20,
  // Lasts for those 20 ms at a million messages/s.
  "queued.min.messages": 20_000,
  // The same limit for large messages, and for a fetch (fetch.max.bytes follows); librdkafka has 64 MB.
  "queued.max.messages.kbytes": 4_096,
};

/** All of them: those of a consumer with a current librdkafka and no settings of its own. */
export const consumerPresets: KafkaSettings = { ...CONSUMER_DEFAULTS, ...ASSIGNOR, ...PREFETCH };

/**
 * For this librdkafka: before 2.2 the time between two looks is a second, for which a small queue is too short.
 *
 * @param asked what the user has set: with `group.protocol` `consumer` librdkafka refuses an assignor, the broker has it
 */
export function consumerDefaults(library: Library, asked: KafkaSettings = {}): KafkaSettings {
  const knowsPrefetch = refusedSettings(library, PREFETCH).length === 0;
  return {
    ...CONSUMER_DEFAULTS,
    ...(asked["group.protocol"] === "consumer" ? {} : ASSIGNOR),
    ...(knowsPrefetch ? PREFETCH : {}),
  };
}
