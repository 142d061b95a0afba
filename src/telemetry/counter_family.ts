/**
 * Counters of one metric that differ in their labels, made when they are first needed. Names of topics and groups are
 * their users' choice: beyond a bound they are counted as one.
 *
 * @module
 */

import type { Labels, Metric, MetricNames, Sample } from "./metrics.ts";

/** Maximum number of label sets. */
const MAX_LABEL_SETS = 1_000;
/** Stands for all further ones, and for a name that a client has made up. */
export const OTHER = "(other)";

/** Names of a family; `labelNames` are those of all its counters. */
export interface FamilyNames extends MetricNames {
  /** In the order of `of`. */
  readonly labelNames: readonly string[];
}

/** Values of up to three labels. */
type LabelValues = readonly [first: string, second: string | undefined, third: string | undefined];

/** One counter of a family. */
export class LabelledCounter {
  /** Since start-up. Counting adds to this field. */
  total = 0;
  /** Its labels. */
  readonly labels: Labels;
  #totalAtReset = 0;

  /** Starts at 0. */
  constructor(labels: Labels) {
    this.labels = labels;
  }

  /** Since start-up or the last `reset`. */
  get value(): number {
    return this.total - this.#totalAtReset;
  }

  /** Sets `value` to 0. */
  reset(): void {
    this.#totalAtReset = this.total;
  }
}

/** All counters of a metric. */
export class CounterFamily implements Metric {
  readonly type = "counter";
  readonly names: FamilyNames;
  readonly #counters = new Map<string, LabelledCounter>();
  /** A cache: mostly the next labels are the same. */
  #lastFirst: string | undefined;
  #lastSecond: string | undefined;
  #lastThird: string | undefined;
  #last: LabelledCounter | undefined;

  /** Starts empty. */
  constructor(names: FamilyNames) {
    this.names = names;
  }

  /**
   * The counter of these labels, in the order of `labelNames`.
   *
   * @param second of a family with two labels
   * @param third of one with three, where it has a value
   */
  of(first: string, second?: string, third?: string): LabelledCounter {
    const isLast = first === this.#lastFirst && second === this.#lastSecond &&
      third === this.#lastThird;
    if (this.#last && isLast) return this.#last;
    this.#lastFirst = first;
    this.#lastSecond = second;
    this.#lastThird = third;
    return this.#last = this.#find([first, second, third]);
  }

  /** The sum of all counters since start-up or the last `reset`. */
  get value(): number {
    let sum = 0;
    for (const { value } of this.#counters.values()) sum += value;
    return sum;
  }

  /** The sum since start-up. */
  get total(): number {
    let sum = 0;
    for (const { total } of this.#counters.values()) sum += total;
    return sum;
  }

  samples(): Sample[] {
    return [...this.#counters.values()].map(({ labels, total, value }) => ({
      labels,
      total,
      value,
    }));
  }

  /** Sets all values to 0; the totals continue. */
  reset(): void {
    for (const counter of this.#counters.values()) counter.reset();
  }

  #find(values: LabelValues): LabelledCounter {
    const known = this.#counters.get(keyOf(values));
    if (known) return known;
    if (this.#counters.size < MAX_LABEL_SETS) return this.#add(values);
    const other: LabelValues = [OTHER, OTHER, values[2]];
    return this.#counters.get(keyOf(other)) ?? this.#add(other);
  }

  #add(values: LabelValues): LabelledCounter {
    const key = keyOf(values);
    const labels = this.names.labelNames.map((name, at) => [name, values[at]])
      .filter(([, value]) => value !== undefined);
    const counter = new LabelledCounter(Object.fromEntries(labels));
    this.#counters.set(key, counter);
    return counter;
  }
}

function keyOf(values: LabelValues): string {
  return values.filter((value) => value !== undefined).join("\n"); // in no name of Kafka's or of a user
}
