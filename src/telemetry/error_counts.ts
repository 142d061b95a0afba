/**
 * Counters of failed messages, by topic and error.
 *
 * @module
 */

import type { Metric, MetricNames, Sample } from "./metrics.ts";

/** Maximum number of distinct kinds; all further ones are counted as one. */
const MAX_KINDS = 1_000;
const MORE = "(more)";

/** Failed messages of a topic with the same error. */
export interface ErrorCount {
  /** Name of the topic. */
  readonly topic: string;
  /** Name of the error, e.g. `_MSG_TIMED_OUT`. */
  readonly error: string;
  /** Number of messages. */
  readonly count: number;
}

interface Kind {
  readonly topic: string;
  readonly error: string;
  total: number;
  totalAtReset: number;
}

/** Counters created on demand. */
export class ErrorCounts implements Metric {
  readonly type = "counter";
  readonly names: MetricNames;
  readonly #kinds = new Map<string, Kind>();

  /** Starts empty. */
  constructor(names: MetricNames) {
    this.names = names;
  }

  /** Counts `count` more failed messages. */
  add(topic: string, error: string, count: number): void {
    const isNew = !this.#kinds.has(keyOf(topic, error));
    if (isNew && this.#kinds.size >= MAX_KINDS) [topic, error] = [MORE, MORE];
    const key = keyOf(topic, error);
    const kind = this.#kinds.get(key) ?? { topic, error, total: 0, totalAtReset: 0 };
    kind.total += count;
    this.#kinds.set(key, kind);
  }

  /** Counts since the last reset, in the order of their first occurrence. */
  entries(): ErrorCount[] {
    return [...this.#kinds.values()]
      .map(({ topic, error, total, totalAtReset }) => ({
        topic,
        error,
        count: total - totalAtReset,
      }))
      .filter(({ count }) => count > 0);
  }

  samples(): Sample[] {
    return [...this.#kinds.values()]
      .map(({ topic, error, total, totalAtReset }) => ({
        labels: { topic, error },
        total,
        value: total - totalAtReset,
      }));
  }

  /** Empties `entries`; the totals continue. */
  reset(): void {
    for (const kind of this.#kinds.values()) kind.totalAtReset = kind.total;
  }
}

function keyOf(topic: string, error: string): string {
  return `${topic}:${error}`; // a topic's name has no colon
}
