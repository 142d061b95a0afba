/**
 * What is played where a broker is the leader of all messages or follows it: a topic of one partition, written to by
 * connections that never stop for an answer, beside those that do.
 *
 * @module
 */
import type { StageOptions } from "./stage.ts";
import type { Pace } from "./steady.ts";

/**
 * Something is always behind what is in flight. The slowest send each message in a request of its own: five of them are
 * in flight, the last of which expires seconds after the first.
 */
const STEADY_WRITERS: readonly Pace[] = [
  { perSecond: 1, cover: undefined },
  { perSecond: 4, cover: undefined },
  { perSecond: 10, cover: "DUMP" },
  { perSecond: 50, cover: "WAIT" },
];

/** All that fails in minutes is named. */
const ERROR_RING_BYTES = 64 * 1024 * 1024;

/** How the gateway produces: what a scenario's name has for it, and its description. */
export const MODES = {
  connection: { suffix: "", text: "" },
  shared: { suffix: "-shared", text: "; one producer for all connections" },
} as const;

/** `server.producerMode` */
export type Mode = keyof typeof MODES;

/** All that there are. */
export const BOTH_MODES: readonly Mode[] = ["connection", "shared"];

/** Settings of librdkafka, in milliseconds. */
export type ProducerSettings = Readonly<Record<string, number>>;

/** Behind what is done to the brokers. */
export function describeProducer(mode: Mode, producer: ProducerSettings): string {
  const settings = Object.entries(producer).map(([key, value]) => `, ${key} is ${value / 1_000} s`);
  return settings.join("") + MODES[mode].text;
}

/** What is played on. */
export function onePartition(mode: Mode, producer: ProducerSettings): StageOptions {
  return {
    config: { server: { producerMode: mode, errorRingBytes: ERROR_RING_BYTES }, producer },
    writers: 2,
    steadyWriters: STEADY_WRITERS,
    partitions: 1,
    acksMayBeLost: true, // commits wait for the same brokers
  };
}
