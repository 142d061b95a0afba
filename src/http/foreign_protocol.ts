/**
 * Clients that speak no HTTP to the port for it, by the first bytes that they send.
 *
 * @module
 */

/** Type of the record that begins a TLS handshake, and the version behind it. */
const TLS_START = [0x16, 0x03];
/** An array of RESP, as every Redis client sends. */
const REDIS_START = /^\*\d+\r\n/;
/** Longest start that is looked at. */
const START_BYTES = 16;

/** What a client speaks instead of HTTP. */
export interface ForeignProtocol {
  /** In words, for the log. */
  readonly name: string;
  /** What such a client is told in its own protocol; "" for nothing. */
  readonly reply: string;
}

const TLS: ForeignProtocol = { name: "TLS", reply: "" };
const REDIS: ForeignProtocol = {
  name: "the Redis protocol",
  reply: "-ERR this port speaks HTTP only\r\n",
};

/** What the first bytes of a connection are; undefined where they may be HTTP. */
export function foreignProtocol(start: Uint8Array): ForeignProtocol | undefined {
  if (TLS_START.every((byte, at) => start[at] === byte)) return TLS;
  const text = String.fromCharCode(...start.subarray(0, START_BYTES));
  return REDIS_START.test(text) ? REDIS : undefined;
}
