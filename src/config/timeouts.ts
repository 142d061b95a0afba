/**
 * How long the gateway waits for clients, Kafka and its own parts, where no setting says so. Tests inject shorter ones.
 *
 * @module
 */

/** All of them, in milliseconds. */
export interface Timeouts {
  /** A command goes on waiting for a client that has shut down its sending side. */
  readonly halfClosedMs: number;
  /** A closed connection is read further, so that the client receives its last replies. */
  readonly lingerMs: number;
  /** A client that holds a name another client asks for may turn out to be disconnected. */
  readonly nameHolderMs: number;
  /** Messages of a closed connection are in flight before the log says so. */
  readonly undeliveredMs: number;
  /** INFO and MEMORY wait for the number of topics. */
  readonly countTopicsMs: number;
  /** KEYS and the like wait for the names of topics. */
  readonly metadataMs: number;
  /** A connection that needs memory waits before those that hold it have to make progress. */
  readonly inputStallMs: number;
  /** Accepting pauses after an error. */
  readonly acceptPauseMs: number;
  /** The steps of a shutdown. */
  readonly shutdown: ShutdownTimeouts;
}

/**
 * The steps of a shutdown, in order. Their sum and `flushTimeoutMs` stay below systemd's TimeoutStopSec; what a step has
 * not ended by then is left to the end of the process.
 */
export interface ShutdownTimeouts {
  /** Connections with consumers: the last commits, leaving the groups, and what they have produced. */
  readonly consumersMs: number;
  /** The part of it for consumers that are slow to leave. */
  readonly leaveGroupsMs: number;
  /** The part of each connection for the client to read its last replies. */
  readonly repliesMs: number;
  /** The other connections and their producers, in addition to `flushTimeoutMs`. */
  readonly producersMs: number;
  /** The gateway's own Kafka client. */
  readonly kafkaMs: number;
  /** The end of the process. */
  readonly exitMs: number;
}

/** What a gateway runs with. */
export const TIMEOUTS: Timeouts = {
  halfClosedMs: 5_000,
  lingerMs: 5_000,
  nameHolderMs: 100,
  undeliveredMs: 5_000,
  countTopicsMs: 500,
  metadataMs: 5_000,
  inputStallMs: 5_000,
  acceptPauseMs: 100,
  shutdown: {
    consumersMs: 8_500,
    leaveGroupsMs: 4_000,
    repliesMs: 500,
    producersMs: 3_500,
    kafkaMs: 6_000,
    exitMs: 1_000,
  },
};

/** How long a shutdown takes at most, without `flushTimeoutMs`. */
export function longestShutdownMs({ shutdown }: Timeouts): number {
  const { consumersMs, producersMs, kafkaMs, exitMs } = shutdown;
  return consumersMs + producersMs + kafkaMs + exitMs;
}
