/**
 * Durations as a histogram of Prometheus: buckets are powers of four of a microsecond.
 *
 * @module
 */

import { LatencyHistogram } from "./latency_histogram.ts";
import type { HistogramSample, Labels, Metric, MetricNames, Sample } from "./metrics.ts";

/** Powers of two, in microseconds. */
export interface BucketRange {
  /** Upper bound of the first bucket. */
  readonly from: number;
  /** Upper bound of the last one. */
  readonly to: number;
}

/** Durations without labels. */
export class DurationHistogram implements Metric {
  readonly type = "histogram";
  readonly names: MetricNames;
  readonly #range: BucketRange;
  readonly #durations = new LatencyHistogram();

  /** Starts empty. */
  constructor(names: MetricNames, range: BucketRange) {
    this.names = names;
    this.#range = range;
  }

  /** Adds `weight` durations. */
  add(microseconds: number, weight = 1): void {
    this.#durations.add(microseconds, weight);
  }

  samples(): Sample[] {
    return [];
  }

  histograms(): HistogramSample[] {
    return [secondsOf(this.#durations, {}, this.#range)];
  }
}

/** Durations in seconds. */
export function secondsOf(
  durations: LatencyHistogram,
  labels: Labels,
  { from, to }: BucketRange,
): HistogramSample {
  const { count, mean } = durations;
  return {
    labels,
    buckets: durations.upTo(from, to).map(([power, upTo]) => [2 ** power / 1e6, upTo]),
    sum: mean * count / 1e6,
    count,
  };
}
