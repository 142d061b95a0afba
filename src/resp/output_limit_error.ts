/**
 * What ends a connection whose replies are too large.
 *
 * @module
 */

/** More bytes of replies wait for a client than may. */
export class OutputLimitError extends Error {
  /** Shown in stack traces. */
  override name = "OutputLimitError";

  /** So many bytes would wait, at least. */
  constructor(pendingBytes: number, limitBytes: number) {
    super(`${pendingBytes} bytes of replies wait for it, outputLimitBytes is ${limitBytes}`);
  }
}
