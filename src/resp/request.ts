/**
 * What a client asks for, and how much of it.
 *
 * @module
 */

/** A command: its name, then its arguments. Never empty. */
export type Request = Uint8Array<ArrayBuffer>[];

/** What one request may cost. Inline commands are bounded by the length of a line, 64 KiB. */
export interface ParserLimits {
  /** Longest argument in bytes. */
  maxBulkBytes: number;
  /** Most arguments of one request, its name included. */
  maxArguments: number;
  /** Most bytes in all arguments of one request together. */
  maxRequestBytes: number;
  /** Longest argument that is kept of a request of which `skipsLongArguments` says so; longer ones are skipped. */
  maxKeptBytes?: number;
  /** Decides that by the words before the argument, the request's name first. */
  skipsLongArguments?: (words: Request) => boolean;
}
