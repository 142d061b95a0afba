/**
 * The arithmetic of the bench.
 *
 * @module
 */
import type { Judgement } from "./row.ts";

/** The least, the middle and the greatest of some numbers. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Of at least one number; of an even count the middle is between two. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("There is no median of nothing");
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  return { min: sorted[0]!, median, max: sorted.at(-1)! };
}

/**
 * Rafka's rounds as they are judged, each against the opponent's of the same round: what disturbs the machine for a
 * while disturbs both. A round too short for the clock has an infinite rate and says nothing.
 *
 * @returns `undefined` where no round says anything
 */
export function judge(
  judgement: Judgement,
  rafka: readonly number[],
  opponent: readonly number[] | undefined,
): Spread | undefined {
  if (judgement !== "value" && opponent?.length !== rafka.length) {
    throw new RangeError("Rounds without an opponent");
  }
  const judged = rafka.flatMap((own, round) => {
    if (judgement === "value") return Number.isFinite(own) ? own : [];
    const other = opponent![round]!;
    if (!Number.isFinite(own) || !Number.isFinite(other)) return [];
    return judgement === "ratio" ? own / other : own - other;
  });
  return judged.length === 0 ? undefined : spreadOf(judged);
}

/** Whether a judged figure is what it should be. */
export function meets(judgement: Judgement, figure: number, target: number): boolean {
  return judgement === "ratio" ? figure >= target : figure <= target;
}

/** The value that so many percent of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError("There is no percentile of nothing");
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)]!;
}
