/**
 * How many messages were not delivered, by topic and error.
 *
 * @module
 */

import type { Metric, MetricNames, Sample } from "./metrics.ts";

/** Kinds that are told apart; what comes on top of them is one kind. */
const MAX_KINDS = 1_000;
const MORE = "(more)";

/** Messages of a topic that were not delivered for one error. */
export interface ErrorCount {
  /** Name of the topic. */
  readonly topic: string;
  /** Name of the error, e.g. `_MSG_TIMED_OUT`. */
  readonly error: string;
  /** How many messages. */
  readonly count: number;
}

interface Kind {
  readonly topic: string;
  readonly error: string;
  total: number;
  totalAtReset: number;
}

/** Counters that are made when they are needed. */
export class ErrorCounts implements Metric {
  readonly type = "counter";
  readonly names: MetricNames;
  readonly #kinds = new Map<string, Kind>();

  /** Nothing is counted yet. */
  constructor(names: MetricNames) {
    this.names = names;
  }

  /** `count` more. */
  add(topic: string, error: string, count: number): void {
    const isNew = !this.#kinds.has(keyOf(topic, error));
    if (isNew && this.#kinds.size >= MAX_KINDS) [topic, error] = [MORE, MORE];
    const key = keyOf(topic, error);
    const kind = this.#kinds.get(key) ?? { topic, error, total: 0, totalAtReset: 0 };
    kind.total += count;
    this.#kinds.set(key, kind);
  }

  /** Those since the last reset, in the order in which they were first seen. */
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

  /** `entries` is empty again, the totals go on. */
  reset(): void {
    for (const kind of this.#kinds.values()) kind.totalAtReset = kind.total;
  }
}

function keyOf(topic: string, error: string): string {
  return `${topic}:${error}`; // no topic has a colon in its name
}
