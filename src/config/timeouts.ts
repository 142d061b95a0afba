/**
 * Timeouts that have no setting. Tests inject shorter ones.
 *
 * @module
 */

/** The timeouts of a gateway, in milliseconds. */
export interface Timeouts {
  /** A command continues to wait for a client that has closed its sending side. */
  readonly halfClosedMs: number;
  /** A closing connection is read to the end, so that the client receives its last replies. */
  readonly lingerMs: number;
  /** The disconnect of a client may be noticed after another asks for its name. */
  readonly nameHolderMs: number;
  /** Messages of a closed connection may be in flight before they are logged. */
  readonly undeliveredMs: number;
  /** INFO and MEMORY wait for the number of topics. */
  readonly countTopicsMs: number;
  /** KEYS and the like wait for the names of topics. */
  readonly metadataMs: number;
  /** A connection waits for memory before the holders have to make progress. */
  readonly inputStallMs: number;
  /** Nobody has used Kafka with a user's own login before it is closed. */
  readonly principalIdleMs: number;
  /** A failed login is answered, and twice as late each time; up to 5 seconds. */
  readonly loginFailureMs: number;
  /** Accepting pauses after an error. */
  readonly acceptPauseMs: number;
  /** A TLS handshake, from the first byte on. */
  readonly handshakeMs: number;
  /** The files of certificates are looked at as often. */
  readonly certificateCheckMs: number;
  /** The steps of a shutdown. */
  readonly shutdown: ShutdownTimeouts;
}

/**
 * The steps of a shutdown, in order. Their sum and `flushTimeoutMs` stay below systemd's TimeoutStopSec; work left by a
 * step ends with the process.
 */
export interface ShutdownTimeouts {
  /** Connections that are under way to a port that is shared, until they are accepted. */
  readonly leavePortMs: number;
  /** Connections with consumers: the last commits, the departure from the groups, the delivery of their messages. */
  readonly consumersMs: number;
  /** The part of `consumersMs` for consumers that are slow to leave. */
  readonly leaveGroupsMs: number;
  /** For each connection, the client reads its last replies. */
  readonly repliesMs: number;
  /** The other connections and their producers, in addition to `flushTimeoutMs`. */
  readonly producersMs: number;
  /** The gateway's own Kafka client. */
  readonly kafkaMs: number;
  /** The end of the process. */
  readonly exitMs: number;
}

/** The timeouts in production. */
export const TIMEOUTS: Timeouts = {
  halfClosedMs: 5_000,
  lingerMs: 5_000,
  nameHolderMs: 100,
  undeliveredMs: 5_000,
  countTopicsMs: 500,
  metadataMs: 5_000,
  inputStallMs: 5_000,
  principalIdleMs: 60_000,
  loginFailureMs: 100,
  acceptPauseMs: 100,
  handshakeMs: 10_000,
  certificateCheckMs: 5_000,
  shutdown: {
    leavePortMs: 900,
    consumersMs: 8_500,
    leaveGroupsMs: 4_000,
    repliesMs: 500,
    producersMs: 3_500,
    kafkaMs: 6_000,
    exitMs: 1_000,
  },
};

/** The maximum duration of a shutdown in milliseconds, without `flushTimeoutMs`. */
export function longestShutdownMs({ shutdown }: Timeouts): number {
  const { leavePortMs, consumersMs, producersMs, kafkaMs, exitMs } = shutdown;
  return leavePortMs + consumersMs + producersMs + kafkaMs + exitMs;
}
