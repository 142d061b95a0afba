/**
 * Bytes that are looked for at a known place, four at a time: one by one takes four times as long.
 *
 * @module
 */

const WORD_BYTES = 4;

/** A sequence of bytes. */
export class BytePattern {
  /** Number of bytes. */
  readonly length: number;
  /** Of four bytes each, in little-endian order: numbers, since a typed array would have memory of its own. */
  readonly #words: readonly number[];
  /** The last three bytes at most. */
  readonly #rest: readonly number[];

  /** Copies the bytes. */
  constructor(bytes: readonly number[]) {
    this.length = bytes.length;
    const wholeBytes = bytes.length - bytes.length % WORD_BYTES;
    const view = new DataView(Uint8Array.from(bytes).buffer);
    this.#words = Array.from(
      { length: wholeBytes / WORD_BYTES },
      (_, word) => view.getInt32(word * WORD_BYTES, true),
    );
    this.#rest = bytes.slice(wholeBytes);
  }

  /** Whether the bytes of a view are these, from an offset on. */
  isAt(view: DataView, offset: number): boolean {
    if (offset + this.length > view.byteLength) return false;
    const [words, rest] = [this.#words, this.#rest];
    let at = offset;
    for (let index = 0; index < words.length; index++, at += WORD_BYTES) {
      if (view.getInt32(at, true) !== words[index]) return false;
    }
    for (let index = 0; index < rest.length; index++, at++) {
      if (view.getUint8(at) !== rest[index]) return false;
    }
    return true;
  }
}

/** What `isAt` looks at. */
export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
