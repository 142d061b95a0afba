/**
 * How long something took, many times: a histogram whose buckets are 9 % wide, in little memory.
 *
 * @module
 */

/** Buckets to the next power of two. */
const STEPS = 8;
/** Up to 2^31 microseconds, 36 minutes; what is longer counts as that. */
const BUCKETS = 31 * STEPS + 1;

/** Counts durations, in microseconds. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;

  /** How many durations. */
  get count(): number {
    return this.#count;
  }

  /** The mean of them, 0 without any. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** `weight` durations of so many microseconds. */
  add(microseconds: number, weight: number): void {
    const bucket = Math.ceil(Math.log2(Math.max(1, microseconds)) * STEPS);
    this.#counts[Math.min(bucket, BUCKETS - 1)]! += weight;
    this.#count += weight;
    this.#sum += weight * microseconds;
  }

  /** So much no more than `percent` of the durations took; 0 without any. */
  percentile(percent: number): number {
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= this.#count * percent / 100) return upperBound(bucket);
    }
    return 0;
  }

  /** Powers of two, each with how many durations were no longer, as far as there are any between it and the one before. */
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

  /** Forgets all. */
  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
  }
}

function upperBound(bucket: number): number {
  return 2 ** (bucket / STEPS);
}
