/**
 * Whether something that goes up and down stays where it is in the end.
 *
 * @module
 */

/** What is measured again and again, and how much more of it there may be in the end. */
export interface Gauge<Sample> {
  /** For people, e.g. "threads". */
  readonly name: string;
  read(sample: Sample): number;
  /** Of what there was after the warm-up, e.g. 0.1. */
  readonly allowedShare: number;
  /** Beside that, as many as come and go by chance. */
  readonly allowedCount: number;
}

/** The middle of what a gauge showed. */
export interface Course {
  /** After the warm-up: in the second quarter. */
  readonly early: number;
  /** In the last quarter. */
  readonly late: number;
  /** More than is allowed. */
  readonly rises: boolean;
}

/** The first quarter is the warm-up. There must be four samples at least. */
export function courseOf<Sample>(gauge: Gauge<Sample>, samples: readonly Sample[]): Course {
  const values = samples.map((sample) => gauge.read(sample));
  const quarter = Math.floor(values.length / 4);
  if (quarter === 0) throw new Error(`Cannot judge ${gauge.name}: ${values.length} samples`);
  const early = median(values.slice(quarter, 2 * quarter));
  const late = median(values.slice(-quarter));
  return { early, late, rises: late > early * (1 + gauge.allowedShare) + gauge.allowedCount };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
