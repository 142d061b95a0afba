/**
 * @module
 * How long a shutdown may take, step by step: whoever stops the gateway kills it when it takes too long (systemd after
 * TimeoutStopSec, Docker and Kubernetes after a grace period). What a step has not ended by then is left to the end of
 * the process.
 */

/** How long messages of a connection that ends get to be delivered. */
export const FLUSH_TIMEOUT_MS = 5_000;

/** The steps that wait, in their order. */
export const SHUTDOWN_MS = {
  /** Connections with consumers: the last commits, leaving the groups, and what they have produced. */
  consumers: 8_500,
  /** The other connections: `FLUSH_TIMEOUT_MS`, and the end of the producers. */
  producers: 8_500,
  /** What the gateway has of its own: the client that is asked for topics, and the last question. */
  kafka: 6_000,
  /** The end of the process. */
  exit: 1_000,
} as const;
