/**
 * Counters of failed messages, by topic, error and principal.
 *
 * @module
 */

import type { Metric, MetricNames, Sample } from "./metrics.ts";

/** Maximum number of distinct kinds; all further ones are counted as one. */
const MAX_KINDS = 1_000;
const MORE = "(more)";

/** What failed messages that are counted together have in common. */
export interface FailureKind {
  /** Name of the topic. */
  readonly topic: string;
  /** Name of the error, e.g. `_MSG_TIMED_OUT`. */
  readonly error: string;
  /** The principal that they were produced as; undefined for the gateway's own. */
  readonly principal?: string | undefined;
}

/** Failed messages of a topic with the same error. */
export interface ErrorCount extends FailureKind {
  /** Number of messages. */
  readonly count: number;
}

interface Kind extends FailureKind {
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
  add(failure: FailureKind, count: number): void {
    const isNew = !this.#kinds.has(keyOf(failure));
    const counted = isNew && this.#kinds.size >= MAX_KINDS
      ? { ...failure, topic: MORE, error: MORE }
      : failure;
    const key = keyOf(counted);
    const kind = this.#kinds.get(key) ?? { ...counted, total: 0, totalAtReset: 0 };
    kind.total += count;
    this.#kinds.set(key, kind);
  }

  /** Counts since the last reset, in the order of their first occurrence. */
  entries(): ErrorCount[] {
    return [...this.#kinds.values()]
      .map(({ total, totalAtReset, ...failure }) => ({ ...failure, count: total - totalAtReset }))
      .filter(({ count }) => count > 0);
  }

  samples(): Sample[] {
    return [...this.#kinds.values()]
      .map(({ topic, error, principal, total, totalAtReset }) => ({
        labels: { topic, error, ...(principal !== undefined && { principal }) },
        total,
        value: total - totalAtReset,
      }));
  }

  /** Empties `entries`; the totals continue. */
  reset(): void {
    for (const kind of this.#kinds.values()) kind.totalAtReset = kind.total;
  }
}

function keyOf({ topic, error, principal }: FailureKind): string {
  return JSON.stringify([topic, error, principal]);
}
