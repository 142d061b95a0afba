/**
 * The error that ends a connection with too many unread replies.
 *
 * @module
 */

/** The replies for a client exceed `outputLimitBytes`. */
export class OutputLimitError extends Error {
  /** Distinguishes it in logs. */
  override name = "OutputLimitError";

  /**
   * The error for a client's replies.
   *
   * @param pendingBytes their least size
   */
  constructor(pendingBytes: number, limitBytes: number) {
    super(`${pendingBytes} bytes of replies wait for it, outputLimitBytes is ${limitBytes}`);
  }
}
