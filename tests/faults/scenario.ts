/**
 * What a scenario is.
 *
 * @module
 */
import type { Cluster } from "./cluster.ts";
import type { Outcome } from "./stage.ts";

/** One fault, played under load. */
export interface Scenario {
  /** As it is named on the command line. */
  readonly name: string;
  /** What happens, for the table. */
  readonly what: string;
  /** It is part of the short form. */
  readonly short: boolean;
  /** Plays it; `full` lets it last as long as it is meant to. */
  run(cluster: Cluster, full: boolean): Promise<Outcome>;
}
