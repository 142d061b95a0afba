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

/** What requests have in common. */
export class RequestPattern {
  /** From the `*` to the header of the key. */
  readonly head: Uint8Array;
  /** The key, or what it begins with. */
  readonly key: Uint8Array;
  /** From the CRLF of the key to the header of the last argument. */
  readonly tail: Uint8Array;
  /** Whether a colon and anything else may follow `key`. */
  readonly isOpen: boolean;

  /**
   * Of requests like this one.
   *
   * @param request name, key, …, last argument; its bytes are copied
   * @param key what all keys begin with
   */
  constructor(request: Request, key: Uint8Array, { isOpen }: { isOpen: boolean }) {
    this.head = joined([line(`*${request.length}`), bulk(request[0]!)]);
    this.key = key.slice();
    this.tail = joined([line(""), ...request.slice(2, -1).map(bulk)]);
    this.isOpen = isOpen;
  }

  /** Bytes of a request beside the parts that differ. */
  get byteLength(): number {
    return this.head.byteLength + this.key.byteLength + this.tail.byteLength;
  }
}

const encoder = new TextEncoder();

function line(text: string): Uint8Array {
  return encoder.encode(`${text}\r\n`);
}

function bulk(argument: Uint8Array): Uint8Array {
  return joined([line(`$${argument.byteLength}`), argument, line("")]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
