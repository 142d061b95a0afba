/**
 * Requests, and their limits.
 *
 * @module
 */

/** A command's name, then its arguments. Never empty. */
export type Request = Uint8Array<ArrayBuffer>[];

/** Limits of one request. An inline command is limited by the length of a line, 64 KiB. */
export interface ParserLimits {
  /** Maximum size of an argument. */
  maxBulkBytes: number;
  /** Maximum number of arguments, the command's name included. */
  maxArguments: number;
  /** Maximum size of all arguments together. */
  maxRequestBytes: number;
  /** A longer argument is skipped where `skipsLongArguments` says so. */
  maxKeptBytes?: number;
  /** They are those of a client that has not logged in, and errors say so as Redis does. */
  unauthenticated?: boolean;
  /** Decides by the arguments before a long one, the command's name first. */
  skipsLongArguments?: (begun: Request) => boolean;
}

/** Whether a request with two arguments of these sizes, and so many bytes around them, is kept. */
export function isWithin(
  { maxBulkBytes, maxRequestBytes, maxKeptBytes = Infinity }: ParserLimits,
  keyBytes: number,
  lastBytes: number,
  otherBytes: number,
): boolean {
  const largest = Math.max(keyBytes, lastBytes);
  return largest <= maxBulkBytes && largest <= maxKeptBytes &&
    keyBytes + lastBytes + otherBytes <= maxRequestBytes;
}
