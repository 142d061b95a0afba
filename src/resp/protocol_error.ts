/**
 * The error for bytes that are not a request. The position in the stream is unknown then, and the connection must be
 * closed. The texts are Redis' own.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */

/**
 * Input that breaks the protocol. `message` is the complete reply text after `ERR `, such as
 * `Protocol error: invalid bulk length`: one line of printable ASCII.
 */
export class ProtocolError extends Error {
  /** Distinguishes it in logs. */
  override readonly name = "ProtocolError";
}
