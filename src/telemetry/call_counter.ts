/**
 * How often a command was run, and how long that took. It is counted at each command, so it must cost nothing: to look
 * at the clock takes as long as a tenth of a small command, so of the quick ones few are timed.
 *
 * @module
 */

import { LatencyHistogram } from "./latency_histogram.ts";

/** So many calls of a quick command are timed, then each of that number, which stands for as many. */
const SAMPLING = 64;

/** The counters of one command. */
export class CallCounter {
  /** Run, whatever the reply. */
  calls = 0;
  /** Not run: wrong number of arguments, or not allowed there. */
  rejected = 0;
  /** Run, and answered with an error. */
  failed = 0;
  readonly #sampling: number;
  /** Most commands are never run. */
  #latencies: LatencyHistogram | undefined;
  #timed = 0;

  /**
   * Nothing is counted yet.
   *
   * @param quick it takes so little time that it matters to look at the clock
   */
  constructor(quick: boolean) {
    this.#sampling = quick ? SAMPLING : 1;
  }

  /** A call begins. Its start, if it is timed, else undefined. */
  begin(): number | undefined {
    const { calls } = this;
    return calls < SAMPLING || calls % this.#sampling === 0 ? performance.now() : undefined;
  }

  /** A call was run, or its command waits now. */
  ran(): void {
    this.calls++;
  }

  /** A call that has begun at `startMs` has ended now. */
  took(startMs: number): void {
    const weight = this.#timed < SAMPLING ? 1 : this.#sampling;
    this.#timed++;
    this.#latencies ??= new LatencyHistogram();
    this.#latencies.add((performance.now() - startMs) * 1_000, weight);
  }

  /** Of those that were timed, each standing for all that it was picked from; undefined without any. */
  get latencies(): LatencyHistogram | undefined {
    return this.#latencies;
  }

  /** Sets all to 0. */
  reset(): void {
    this.calls = 0;
    this.rejected = 0;
    this.failed = 0;
    this.#latencies = undefined;
    this.#timed = 0;
  }
}
