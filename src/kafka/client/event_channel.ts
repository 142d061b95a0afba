/**
 * The channel of librdkafka's wake-ups: one end for it to write to, one for the event loop to read from.
 *
 * @module
 */

/** Both ends of a channel. */
export interface EventChannel {
  /** The end that librdkafka writes to. It never blocks: librdkafka holds the lock of a queue meanwhile. */
  readonly fd: number;
  /** Starts reading; each buffer is reused after the call. Called once. */
  read(onBytes: (bytes: Uint8Array) => void): void;
  /** Closes both ends; librdkafka must not write any more. */
  close(): Promise<void>;
}
