/**
 * Requests that are the same as one before, but for what follows a colon in their key, and for their last argument: in a
 * pipeline of messages for one topic, all of them. What differs is found by comparing bytes, without an object for each
 * argument (see `RequestParser.readLike`).
 *
 * @module
 */

import { BytePattern } from "./byte_pattern.ts";
import { COLON } from "./bytes.ts";
import type { Request } from "./request.ts";

/** Nothing follows the key, no colon either. */
export const NO_REST: number = -1;

/** Gets the parts of a request that differ, as offsets in the chunk of the parser. */
export interface PartsReceiver {
  /**
   * A request was read.
   *
   * @param restBytes length of what follows the key and a colon; `NO_REST` where nothing follows, and then `restAt` says
   *   nothing
   */
  add(restAt: number, restBytes: number, lastAt: number, lastBytes: number): void;
}

/** What requests have in common. */
export class RequestPattern {
  /** From the `*` to the header of the last argument, where nothing follows the key. */
  readonly plain: BytePattern;
  /** The same in parts, where something does; undefined if nothing may. */
  readonly open: OpenPattern | undefined;
  /** Size of the key without what follows it. */
  readonly keyBytes: number;
  /** All words but the key and the last one. */
  readonly #words: readonly (readonly number[])[];

  /**
   * Of requests like this one.
   *
   * @param request name, key, …, last argument; its bytes are copied
   * @param key what all keys begin with
   * @param isOpen a colon and anything else may follow that
   */
  constructor(request: Request, key: Uint8Array, { isOpen }: { isOpen: boolean }) {
    this.#words = commonWords(request).map((word) => [...word]);
    const [name, ...others] = this.#words.map(bulk);
    const head = [...line(`*${request.length}`), ...name!];
    const tail = others.flat();
    this.keyBytes = key.length;
    this.plain = new BytePattern([...head, ...bulk([...key]), ...tail]);
    this.open = isOpen
      ? {
        head: new BytePattern(head),
        key: new BytePattern([...key, COLON]),
        tail: new BytePattern([...line(""), ...tail]),
      }
      : undefined;
  }

  /** Whether a request with such a key has the same other words. */
  hasWordsOf(request: Request): boolean {
    const words = commonWords(request);
    return words.length === this.#words.length &&
      words.every((word, at) => hasBytes(word, this.#words[at]!));
  }
}

/** Of requests in whose keys something follows a colon. */
export interface OpenPattern {
  /** From the `*` to the header of the key. */
  readonly head: BytePattern;
  /** What the key begins with, and the colon. */
  readonly key: BytePattern;
  /** From the CRLF of the key to the header of the last argument. */
  readonly tail: BytePattern;
}

function commonWords(request: Request): Request {
  return request.filter((_, at) => at !== 1 && at < request.length - 1);
}

function hasBytes(word: Request[number], bytes: readonly number[]): boolean {
  return word.length === bytes.length && bytes.every((byte, at) => word[at] === byte);
}

function line(text: string): number[] {
  return Array.from(`${text}\r\n`, (character) => character.charCodeAt(0));
}

function bulk(word: readonly number[]): number[] {
  return [...line(`$${word.length}`), ...word, ...line("")];
}
