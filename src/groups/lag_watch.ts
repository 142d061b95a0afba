/**
 * The lag of the groups that consume through this gateway, for monitors that ask again and again: Kafka is asked only
 * when they do, and at most every few seconds.
 *
 * @module
 */

import { settlesWithin } from "../async/settles_within.ts";
import { KafkaError } from "../kafka/client/error.ts";
import { partitionName } from "../kafka/client/topic_partitions.ts";
import type { ConsumedPartition } from "./consumed_partitions.ts";
import type { PartitionLag } from "./group_lag.ts";

/** The lag of a group in a partition. */
export interface ConsumedLag extends ConsumedPartition {
  /** Number of messages that are neither acked nor skipped. */
  readonly lag: number;
}

/** Asks Kafka for the lag of a group in each partition of a topic. */
export type AskLag = (group: string, topic: string) => Promise<readonly PartitionLag[]>;

/** An answer that is no older is given again. */
const FRESH_MS = 4_000;
/** A monitor waits no longer; it gets what is known. */
const PATIENCE_MS = 1_000;
/** Number of topics of groups that are asked for at a time. */
const ASKED_AT_A_TIME = 8;

/** Knows the latest lag. */
export class LagWatch {
  readonly #consumed: () => readonly ConsumedPartition[];
  readonly #ask: AskLag;
  #latest: readonly ConsumedLag[] = [];
  #looking: Promise<void> | undefined;
  #lookedAtMs = -Infinity;

  /**
   * Asks nothing yet.
   *
   * @param consumed the partitions that consumers of the gateway have
   */
  constructor(consumed: () => readonly ConsumedPartition[], ask: AskLag) {
    this.#consumed = consumed;
    this.#ask = ask;
  }

  /** As of the last look; without partitions that Kafka has no answer for, or nothing committed of. */
  get latest(): readonly ConsumedLag[] {
    return this.#latest;
  }

  /** Looks again, unless the latest is fresh; what takes too long is known later. */
  async refresh(): Promise<void> {
    if (performance.now() - this.#lookedAtMs < FRESH_MS) return;
    this.#looking ??= this.#look().finally(() => this.#looking = undefined);
    await settlesWithin(this.#looking, PATIENCE_MS);
  }

  async #look(): Promise<void> {
    const topics = [...Map.groupBy(this.#consumed(), ({ group, topic }) => `${group}:${topic}`)];
    const found: ConsumedLag[] = [];
    for (let at = 0; at < topics.length; at += ASKED_AT_A_TIME) {
      const some = topics.slice(at, at + ASKED_AT_A_TIME);
      found.push(...(await Promise.all(some.map(([, places]) => this.#lagsOf(places)))).flat());
    }
    this.#latest = found;
    this.#lookedAtMs = performance.now();
  }

  /** Of one group and topic; none when Kafka does not answer, or refuses. */
  async #lagsOf(places: readonly ConsumedPartition[]): Promise<ConsumedLag[]> {
    const [{ group, topic }] = places as readonly [ConsumedPartition];
    try {
      const lags = new Map((await this.#ask(group, topic)).map((one) => [partitionName(one), one]));
      return places.flatMap((place) => {
        const lag = lags.get(partitionName(place))?.lag;
        return lag === undefined ? [] : { ...place, lag: Number(lag) };
      });
    } catch (error) {
      if (error instanceof KafkaError) return [];
      throw error;
    }
  }
}
