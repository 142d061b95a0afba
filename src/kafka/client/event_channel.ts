/**
 * What wake-ups of librdkafka go through: one end for it to write to, one for the event loop to read from.
 *
 * @module
 */

/** Both ends. */
export interface EventChannel {
  /** Where librdkafka writes. It never blocks: librdkafka holds the lock of a queue meanwhile. */
  readonly fd: number;
  /** Hands over whatever comes, in a buffer that is used again; called once. */
  read(onBytes: (bytes: Uint8Array) => void): void;
  /** Closes both ends; nothing may be written any more. */
  close(): Promise<void>;
}
