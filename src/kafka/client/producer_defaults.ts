/**
 * Settings of producers that Rafka presets, and why. What the configuration says always comes before them, and where
 * it says something that one of them contradicts, that one is left out: a file that could be used goes on working.
 *
 * @module
 */

import type { KafkaSettings } from "./conf.ts";

/**
 * Where each connection has a producer for itself, each sends for itself: with librdkafka's 5 ms, fifty busy
 * connections take twice the processor time for a message. A message that is alone does not wait for it (LingerBypass).
 * A shared producer sends for all, and stays with librdkafka's.
 */
const LINGER_MS = 20;

/**
 * A message that is sent again, since the broker did not answer, is not stored twice nor behind later ones. Brokers
 * keep the number of each producer for a day (KIP-936): ProducerPool lets short connections share few of them.
 */
const IDEMPOTENCE = { "enable.idempotence": true } as const;

/**
 * New partitions are found so soon; librdkafka looks every five minutes, and sends nothing to them until then. Not
 * more often: with 4,000 topics an answer holds up producing for 0.15 s.
 */
const REFRESH = { "topic.metadata.refresh.interval.ms": 15_000 } as const;

/** Settings that librdkafka may refuse together with idempotence. */
const IDEMPOTENCE_MATTERS: readonly string[] = [
  "enable.idempotence",
  "enable.gapless.guarantee",
  "transactional.id",
  "max.in.flight",
  "max.in.flight.requests.per.connection",
  "retries",
  "message.send.max.retries",
  "queuing.strategy",
  "queue.buffering.backpressure.threshold",
];
/** How many replicas must have a message; idempotence needs all of them. */
const ACKS: readonly string[] = ["acks", "request.required.acks"];
/** librdkafka refuses a `linger.ms` that is not below. */
const MESSAGE_TIMEOUTS: readonly string[] = ["message.timeout.ms", "delivery.timeout.ms"];

/** What is preset for producers, by what their settings say otherwise. */
export function producerDefaults(
  settings: KafkaSettings,
  { shared }: { readonly shared: boolean },
): KafkaSettings {
  const linger = !shared && allowsLinger(settings) ? { "linger.ms": LINGER_MS } : {};
  const presets = { ...REFRESH, ...linger };
  return allowsIdempotence(settings) ? { ...presets, ...IDEMPOTENCE } : presets;
}

/** What the settings say of `acks`, if that is less than all replicas; undefined if not. */
export function weakAcks(settings: KafkaSettings): string | undefined {
  return ACKS.map((name) => String(settings[name] ?? "all"))
    .find((value) => value !== "all" && value !== "-1");
}

function allowsLinger(settings: KafkaSettings): boolean {
  return MESSAGE_TIMEOUTS.every((name) => {
    const timeoutMs = Number(settings[name] ?? 0);
    return timeoutMs === 0 || timeoutMs > LINGER_MS; // 0 is for ever
  });
}

function allowsIdempotence(settings: KafkaSettings): boolean {
  return IDEMPOTENCE_MATTERS.every((name) => settings[name] === undefined) &&
    weakAcks(settings) === undefined;
}
