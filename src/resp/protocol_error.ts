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

/** What a parser finds wrong. */
export const BROKEN = {
  invalidCount: "Protocol error: invalid multibulk length",
  invalidLength: "Protocol error: invalid bulk length",
  unauthenticatedCount: "Protocol error: unauthenticated multibulk length",
  unauthenticatedLength: "Protocol error: unauthenticated bulk length",
  tooBigCount: "Protocol error: too big mbulk count string",
  tooBigLength: "Protocol error: too big bulk count string",
  tooBigInline: "Protocol error: too big inline request",
  tlsHandshake: "Protocol error: TLS handshake, and this port speaks no TLS",
} as const;
