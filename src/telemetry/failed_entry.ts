/**
 * @module
 * What commands can see of messages that were not delivered.
 */

/** Messages of a topic that were not delivered for one error. */
export interface ErrorCount {
  /** Name of the topic. */
  readonly topic: string;
  /** Name of the error, e.g. `_MSG_TIMED_OUT`. */
  readonly error: string;
  /** How many messages. */
  readonly count: number;
}

/** A message that was not delivered. */
export interface FailedEntry {
  /** Unix time at which it was known. */
  readonly timeMs: number;
  /** Name or address of the connection that produced it. */
  readonly client: string;
  /** Name of the topic. */
  readonly topic: string;
  /** -1 when none was chosen yet. */
  readonly partition: number;
  /** null for none, and for one that is too large to be kept. */
  readonly key: Uint8Array | null;
  /** Name of the error. */
  readonly error: string;
  /** The error in words. */
  readonly reason: string;
  /** It may be in Kafka all the same. */
  readonly possiblyPersisted: boolean;
  /** Size of the value. */
  readonly valueBytes: number;
  /** null when it is too large to be kept. */
  readonly value: Uint8Array | null;
}

/** The messages that were last not delivered. */
export interface ErrorsView {
  /** How many are kept. */
  readonly count: number;
  /** What they take. */
  readonly bytes: number;
  /** The last `count`, the latest first. */
  latest(count: number): FailedEntry[];
}
