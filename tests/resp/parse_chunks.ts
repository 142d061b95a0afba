/**
 * Runs a parser as a session does: one buffer for all reads, and each request used before the
 * next read. The buffer is filled with garbage first, so a view that outlives its chunk shows.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ProtocolError } from "../../src/resp/protocol_error.ts";
import { type ParserLimits, RequestParser } from "../../src/resp/request_parser.ts";
import { fromBytes } from "../support/wire.ts";

/** What came out: all requests, then the message of the error that ended them, if one did. */
export interface Outcome {
  /** One array a request, each argument one character a byte. */
  requests: string[][];
  /** Message of the ProtocolError. */
  error: string | undefined;
}

/** Parses `chunks` one after the other. Any error but a ProtocolError is thrown. */
export function parseChunks(chunks: Uint8Array[], limits: ParserLimits): Outcome {
  const parser = new RequestParser(limits);
  const buffer = new Uint8Array(chunks.reduce((size, chunk) => Math.max(size, chunk.length), 0));
  const requests: string[][] = [];
  for (const chunk of chunks) {
    buffer.fill(0xaa);
    buffer.set(chunk);
    parser.push(buffer.subarray(0, chunk.length));
    const read: Uint8Array[][] = [];
    const error = drain(parser, read);
    for (const request of read) requests.push(request.map(fromBytes));
    if (error !== undefined) return { requests, error: error.message };
  }
  return { requests, error: undefined };
}

/** Reads all requests of the chunk into `read`, and returns the error that ended them. */
function drain(parser: RequestParser, read: Uint8Array[][]): ProtocolError | undefined {
  try {
    for (let request = parser.next(); request; request = parser.next()) read.push(request);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    assert.throws(() => parser.next(), (again) => again === error);
    return error;
  }
}
