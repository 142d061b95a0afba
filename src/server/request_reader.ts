/**
 * @module
 * What a client sends, as requests.
 */

import { type ParserLimits, type Request, RequestParser } from "../resp/request_parser.ts";
import type { Input } from "./input.ts";

/** Reads the requests of one connection. */
export class RequestReader {
  readonly #input: Input;
  readonly #parser: RequestParser;

  /** Reads them from `input`. */
  constructor(input: Input, limits: ParserLimits) {
    this.#input = input;
    this.#parser = new RequestParser(limits);
  }

  /** Waits for more of them; how many bytes have come, undefined at the end. All that `next` has given is over then. */
  async more(): Promise<number | undefined> {
    const chunk = await this.#input.read();
    if (!chunk) return undefined;
    this.#parser.push(chunk);
    return chunk.byteLength;
  }

  /**
   * The next one; undefined when it takes more bytes.
   *
   * @throws {ProtocolError} see RequestParser
   */
  next(): Request | undefined {
    return this.#parser.next();
  }
}
