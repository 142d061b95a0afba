/**
 * A compact histogram of durations: its buckets are 9 % wide.
 *
 * @module
 */

/** Buckets per power of two. */
const STEPS = 8;
/** Up to 2^31 microseconds, 36 minutes; longer durations count as that. */
const BUCKETS = 31 * STEPS + 1;

/** Counts durations, in microseconds. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;

  /** Number of durations. */
  get count(): number {
    return this.#count;
  }

  /** Mean in microseconds, 0 without durations. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Adds `weight` durations of `microseconds`. */
  add(microseconds: number, weight: number): void {
    const bucket = Math.ceil(Math.log2(Math.max(1, microseconds)) * STEPS);
    this.#counts[Math.min(bucket, BUCKETS - 1)]! += weight;
    this.#count += weight;
    this.#sum += weight * microseconds;
  }

  /**
   * The upper bound of the shortest `percent` of the durations.
   *
   * @param percent from 0 to 100
   * @returns microseconds, 0 without durations
   */
  percentile(percent: number): number {
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= this.#count * percent / 100) return upperBound(bucket);
    }
    return 0;
  }

  /**
   * Cumulative counts: powers of two, each with the number of durations up to it. Powers that add none are left out.
   */
  powersOfTwo(): [microseconds: number, count: number][] {
    const steps: [number, number][] = [];
    let seen = 0;
    for (let power = 0; power * STEPS < BUCKETS; power++) {
      const before = seen;
      const first = Math.max(0, (power - 1) * STEPS + 1);
      for (let bucket = first; bucket <= power * STEPS; bucket++) seen += this.#counts[bucket]!;
      if (seen > before) steps.push([2 ** power, seen]);
    }
    return steps;
  }

  /**
   * Cumulative counts at every second power of two.
   *
   * @param first the first power, of a microsecond
   * @param last the last one
   */
  upTo(first: number, last: number): [power: number, count: number][] {
    const steps: [number, number][] = [];
    let [seen, bucket] = [0, 0];
    for (let power = first; power <= last; power += 2) {
      for (; bucket <= power * STEPS; bucket++) seen += this.#counts[bucket]!;
      steps.push([power, seen]);
    }
    return steps;
  }

  /** Adds all durations of another histogram. */
  addAll(other: LatencyHistogram): void {
    for (const [bucket, count] of other.#counts.entries()) this.#counts[bucket]! += count;
    this.#count += other.#count;
    this.#sum += other.#sum;
  }

  /** Empties the histogram. */
  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
  }
}

function upperBound(bucket: number): number {
  return 2 ** (bucket / STEPS);
}
