/**
 * Whether clients can work: the gateway listens, Kafka was reached and answers, no shutdown has begun. The reason is for
 * people, and holds neither a login nor a name of a topic.
 *
 * @module
 */

import { settlesWithin } from "../async/settles_within.ts";
import type { Cluster } from "../kafka/cluster.ts";

/** How far the gateway is. */
export type Phase = "starting" | "serving" | "stopping";

/** Whether clients can work, and why not. */
export interface Readiness {
  /** They can. */
  readonly ready: boolean;
  /** In words. */
  readonly reason: string;
}

/** The part of the cluster that it depends on. */
export type WatchedCluster = Pick<Cluster, "bootstrap" | "outage" | "isEmbedded">;

/** A probe waits this long for Kafka: Kubernetes gives up after a second. */
const ANSWER_MS = 500;

/** Finds out, at most once a second with a request to Kafka. */
export class ReadinessCheck {
  /** Set by the gateway. */
  phase: Phase = "starting";
  /** Known when the gateway has started. */
  cluster: WatchedCluster | undefined;

  /** Asks Kafka whether it still answers, unless that was asked within the last second. */
  async check(): Promise<Readiness> {
    const { cluster } = this;
    if (this.phase === "serving" && cluster && !cluster.bootstrap.isWaiting) {
      await settlesWithin(cluster.outage.check(), ANSWER_MS);
    }
    return this.latest;
  }

  /** As known without asking. */
  get latest(): Readiness {
    const { cluster } = this;
    if (this.phase === "stopping") return not("The gateway is shutting down");
    if (this.phase === "starting" || !cluster) return not("The gateway is starting");
    const { bootstrap, outage } = cluster;
    if (bootstrap.failure) return not(`Kafka was never reached: ${bootstrap.failure.message}`);
    if (bootstrap.isWaiting) return not("Kafka was not reached yet");
    if (outage.sinceMs === undefined) return { ready: true, reason: "ready" };
    const seconds = Math.round((performance.now() - outage.sinceMs) / 1_000);
    return not(`Kafka does not answer, for ${seconds} s now`);
  }
}

function not(reason: string): Readiness {
  return { ready: false, reason };
}
