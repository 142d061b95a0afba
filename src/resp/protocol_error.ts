/**
 * The one error of the RESP layer: bytes that are not a request, after which the stream has no
 * known position and the connection can only be closed. The texts are Redis' own.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */

/**
 * Input that breaks the protocol. `message` is the complete reply text after `ERR `, such as
 * `Protocol error: invalid bulk length`: one line of printable ASCII.
 */
export class ProtocolError extends Error {
  /** Tells it from other errors in logs. */
  override readonly name = "ProtocolError";
}
