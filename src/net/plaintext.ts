/**
 * Clients that speak no TLS to the port for TLS, by the first bytes that they send.
 *
 * @module
 */

/** Type of the record that begins a TLS handshake. */
const HANDSHAKE_RECORD = 0x16;
const HTTP = "HTTP without TLS";
const REDIS = "the Redis protocol without TLS";
const OTHER = "something else than TLS";
const HTTP_START = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|PRI) /;
/** An array of RESP, or a word of an inline command. */
const REDIS_START = /^(\*\d*\r?|[A-Za-z]+( |\r|\n|$))/;
/** Longest start that is looked at. */
const START_BYTES = 16;

/** The first bytes of a connection in words; undefined when they begin a TLS handshake. */
export function plaintextProtocol(start: Uint8Array): string | undefined {
  if (start[0] === HANDSHAKE_RECORD) return undefined;
  const text = String.fromCharCode(...start.subarray(0, START_BYTES));
  if (HTTP_START.test(text)) return HTTP;
  return REDIS_START.test(text) ? REDIS : OTHER;
}

/** What such a client is told; nothing unless it is a Redis client. */
export function plaintextReply(protocol: string): Uint8Array<ArrayBuffer> | undefined {
  if (protocol !== REDIS) return undefined;
  return new TextEncoder().encode("-ERR this port speaks TLS only\r\n");
}
