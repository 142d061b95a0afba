/**
 * Requests that are the same as one before, but for what follows a colon in their key, and for their last argument: in a
 * pipeline of messages for one topic, all of them. What differs is found by comparing bytes, without an object for each
 * argument (see `RequestParser.readLike`).
 *
 * @module
 */

import type { Request } from "./request.ts";

/** Gets the parts of a request that differ, as offsets in the chunk of the parser. */
export interface PartsReceiver {
  /**
   * A request was read.
   *
   * @param restBytes length of what follows the key and a colon; -1 where nothing follows, and then `restAt` says nothing
   */
  add(restAt: number, restBytes: number, lastAt: number, lastBytes: number): void;
}

/** What requests have in common. Numbers, since a typed array for each part would have memory of its own. */
export class RequestPattern {
  /** From the `*` to the header of the key. */
  readonly head: readonly number[];
  /** The key, or what it begins with. */
  readonly key: readonly number[];
  /** From the CRLF of the key to the header of the last argument. */
  readonly tail: readonly number[];
  /** Whether a colon and anything else may follow `key`. */
  readonly isOpen: boolean;
  /** All words but the key and the last one. */
  readonly #words: readonly (readonly number[])[];

  /**
   * Of requests like this one.
   *
   * @param request name, key, …, last argument; its bytes are copied
   * @param key what all keys begin with
   */
  constructor(request: Request, key: Uint8Array, { isOpen }: { isOpen: boolean }) {
    this.#words = commonWords(request).map((word) => [...word]);
    const [name, ...others] = this.#words.map(bulk);
    this.head = [...line(`*${request.length}`), ...name!];
    this.key = [...key];
    this.tail = [...line(""), ...others.flat()];
    this.isOpen = isOpen;
  }

  /** Whether a request with such a key has the same other words. */
  hasWordsOf(request: Request): boolean {
    const words = commonWords(request);
    return words.length === this.#words.length &&
      words.every((word, at) => hasBytes(word, this.#words[at]!));
  }

  /** Bytes of a request beside the parts that differ. */
  get byteLength(): number {
    return this.head.length + this.key.length + this.tail.length;
  }
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
