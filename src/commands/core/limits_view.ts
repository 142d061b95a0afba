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
  /** Requests that have not arrived as a whole. */
  readonly inputBudget: InputView;
}

/** What requests that have not arrived as a whole take in memory, those of all connections. */
export interface InputView {
  /** How much they may take; one of them may take more, or nobody might go on. */
  readonly limitBytes: number;
  /** How much they take. */
  readonly usedBytes: number;
  /** How many connections are not read from, until there is room. */
  readonly waiting: number;
}
