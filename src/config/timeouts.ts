/**
 * @module
 * How long a shutdown may take, step by step: whoever stops the gateway kills it when it takes too long (systemd after
 * TimeoutStopSec, Docker and Kubernetes after a grace period): 24 s with the default of `flushTimeoutMs`. What a step has not ended by then is left to the end of
 * the process.
 */

/** The steps that wait, in their order. */
export const SHUTDOWN_MS = {
  /** Connections with consumers: the last commits, leaving the groups, and what they have produced. */
  consumers: 8_500,
  /** The other connections and the end of the producers, beyond `flushTimeoutMs`. */
  producers: 3_500,
  /** What the gateway has of its own: the client that is asked for topics, and the last question. */
  kafka: 6_000,
  /** The end of the process. */
  exit: 1_000,
} as const;
