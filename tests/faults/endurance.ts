/**
 * What Rafka has to endure beside faults of Kafka: floods, garbage, clients that come and go.
 *
 * @module
 */

import type { Cluster } from "./cluster.ts";

/** What a trial has shown. */
export interface EnduranceOutcome {
  /** For the table, e.g. `{ requests: 1_000_000, "longest stall": "31 ms" }`. */
  readonly figures: Readonly<Record<string, string | number>>;
  /** What must not have happened, a line each. */
  readonly problems: readonly string[];
}

/** One trial, with a gateway of its own. */
export interface Endurance {
  /** As it is named on the command line. */
  readonly name: string;
  /** What is done to the gateway, for the table. */
  readonly what: string;
  /** `full` as the promise is meant; else a short form that sees that trial and gateway work. */
  run(full: boolean): Promise<EnduranceOutcome>;
}

/** One trial on the Kafka of three brokers. */
export interface ClusterTrial extends Omit<Endurance, "run"> {
  /** It is part of the short form. */
  readonly short: boolean;
  run(cluster: Cluster, full: boolean): Promise<EnduranceOutcome>;
}
