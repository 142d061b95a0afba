/**
 * Topics that a gateway has no partition of while readers wait for them: the group has more members than the topic has
 * partitions, or no coordinator, and these readers get nothing.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { StreamGroup } from "./stream_group.ts";

/** A rebalance may take a few seconds. */
const PATIENCE_MS = 10_000;

const logger = getLogger(["rafka", "groups"]);

/** The starving topics of one group. */
export class Starvation {
  readonly #group: string;
  /** Since when there is no partition; `Infinity` when that is logged. */
  readonly #since = new Map<string, number>();

  /** None so far. */
  constructor(group: string) {
    this.#group = group;
  }

  /** Logs once when readers of a topic have waited for long. */
  look({ topic, partitions, waiting }: StreamGroup, nowMs: number): void {
    if (partitions.size > 0 || waiting.count === 0) return void this.#since.delete(topic);
    const sinceMs = this.#since.get(topic) ?? nowMs;
    this.#since.set(topic, sinceMs);
    if (nowMs - sinceMs < PATIENCE_MS) return;
    this.#since.set(topic, Infinity);
    logger.warn(
      "Group {group}: {count} readers wait for {topic}, and this gateway has no partition of it: other members have " +
        "all of them, or Kafka has not assigned them yet",
      { group: this.#group, count: waiting.count, topic },
    );
  }
}
