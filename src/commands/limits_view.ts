/**
 * @module
 * How much a client may send, and be sent.
 */

/** Limits of a gateway. */
export interface LimitsView {
  /** The largest argument that it takes. */
  readonly maxBulkBytes: number;
  /** The largest message that producers take: `message.max.bytes`. */
  readonly maxMessageBytes: number;
  /** The largest command, and all commands between MULTI and EXEC together. */
  readonly maxRequestBytes: number;
  /** What may wait for a client in replies. */
  readonly outputLimitBytes: number;
}
