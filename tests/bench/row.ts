/**
 * What a row of the bench is: sides that are measured in turns, and lines of the table that show the result.
 *
 * @module
 */
import type { Bench } from "./bench.ts";
import type { ToolName } from "./tools.ts";

/** What one round of one side has measured. */
export interface Sample {
  /** One number for each line of the row. */
  readonly values: readonly number[];
  /** User and system time of the server for one message, in microseconds. */
  readonly cpuUs?: number;
}

/** Measures one side once, and checks that nothing went wrong. */
export type Round = () => Promise<Sample>;

/** Who is measured. `NOT_AVAILABLE` is a side that this Rafka does not have; one that is left out makes no sense. */
export interface Sides {
  readonly opponent?: Round;
  readonly own?: Round | typeof NOT_AVAILABLE;
  readonly shared?: Round | typeof NOT_AVAILABLE;
  /** What a reader has to know. */
  readonly note?: string;
}

/** The name of a side. */
export type SideName = "opponent" | "own" | "shared";
/** The order in which they take turns. */
export const SIDES: readonly SideName[] = ["opponent", "own", "shared"];
/** This Rafka cannot do it. */
export const NOT_AVAILABLE = "n/a";

/**
 * How Rafka is judged: by its part of the opponent's figure, by what it adds to it, or by its own figure. A ratio is
 * to be at least the target, the others at most.
 */
export type Judgement = "ratio" | "difference" | "value";

/** A line of the table. */
export interface Line {
  readonly title: string;
  readonly unit: string;
  readonly judgement: Judgement;
  readonly target: { readonly own?: number; readonly shared?: number };
}

/** Something to measure. */
export interface Row {
  /** For `--rows`. */
  readonly name: string;
  /** What the opponent is called. */
  readonly opponent?: string;
  readonly lines: readonly Line[];
  /** What it cannot be measured without. */
  readonly tools: readonly ToolName[];
  /** Starts what its rounds need; all of it ends with `stack`. A text says why the row is left out here. */
  open(bench: Bench, stack: AsyncDisposableStack): Promise<Sides | string>;
}
