/**
 * Calls and latencies of a command. Counting runs at each command, so it has to be cheap: reading the clock takes a
 * tenth of the time of a small command, so only a sample of the quick ones is timed.
 *
 * @module
 */

import { LatencyHistogram } from "./latency_histogram.ts";

/** This many first calls of a quick command are timed, then one of each such number, which counts as all of them. */
const SAMPLING = 64;

/** What `reset` does not change. */
export interface CallTotals {
  /** Calls that ran. */
  readonly calls: number;
  /** Calls that did not run. */
  readonly rejected: number;
  /** Calls that returned an error. */
  readonly failed: number;
  /** Latencies of the timed calls. */
  readonly latencies: LatencyHistogram;
}

/** The counters of one command. */
export class CallCounter {
  /** Calls that ran, whatever the reply. */
  calls = 0;
  /** Calls that did not run: wrong number of arguments, or not allowed in this state. */
  rejected = 0;
  /** Calls that ran and returned an error. */
  failed = 0;
  readonly #sampling: number;
  /** Created on first use: most commands never run. */
  #latencies: LatencyHistogram | undefined;
  #timed = 0;
  /** Before the last reset. */
  #earlier: CallTotals | undefined;

  /**
   * Starts at 0.
   *
   * @param quick whether reading the clock would cost a noticeable part of a call
   */
  constructor(quick: boolean) {
    this.#sampling = quick ? SAMPLING : 1;
  }

  /**
   * Begins a call.
   *
   * @returns its start, in milliseconds of `performance.now()`; undefined if the call is not timed
   */
  begin(): number | undefined {
    const { calls } = this;
    return calls < SAMPLING || calls % this.#sampling === 0 ? performance.now() : undefined;
  }

  /** Counts a call that has run or waits. */
  ran(): void {
    this.calls++;
  }

  /** Counts calls that have run together since `startMs`, each with its part of the time. */
  ranTogether(count: number, startMs: number): void {
    this.calls += count;
    this.#latencies ??= new LatencyHistogram();
    this.#latencies.add((performance.now() - startMs) * 1_000 / count, count);
  }

  /** Records the latency of a call that began at `startMs`. */
  took(startMs: number): void {
    const weight = this.#timed < SAMPLING ? 1 : this.#sampling;
    this.#timed++;
    this.#latencies ??= new LatencyHistogram();
    this.#latencies.add((performance.now() - startMs) * 1_000, weight);
  }

  /** Latencies of the timed calls, weighted by the sampling; undefined without any. */
  get latencies(): LatencyHistogram | undefined {
    return this.#latencies;
  }

  /** Since start-up, whatever was reset. */
  get totals(): CallTotals {
    const { calls = 0, rejected = 0, failed = 0 } = this.#earlier ?? {};
    const latencies = new LatencyHistogram();
    for (const some of [this.#earlier?.latencies, this.#latencies]) {
      if (some) latencies.addAll(some);
    }
    return {
      calls: calls + this.calls,
      rejected: rejected + this.rejected,
      failed: failed + this.failed,
      latencies,
    };
  }

  /** Sets all but the totals to 0. */
  reset(): void {
    this.#earlier = this.totals;
    this.calls = 0;
    this.rejected = 0;
    this.failed = 0;
    this.#latencies = undefined;
    this.#timed = 0;
  }
}
