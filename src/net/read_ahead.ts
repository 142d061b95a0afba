/**
 * Bytes read ahead and not consumed yet, in few large blocks, however small the chunks were.
 *
 * @module
 */

/** The first block: a client that sends byte by byte takes no more memory. */
const MIN_BLOCK_BYTES = 256;
const MAX_BLOCK_BYTES = 64 * 1024;

/** A part of the stream. */
export type Chunk = Uint8Array<ArrayBuffer>;

interface Block {
  readonly bytes: Chunk;
  filledBytes: number;
}

/** Bytes, first in, first out. */
export class ReadAhead {
  readonly #blocks: Block[] = [];
  #byteLength = 0;

  /** Number of bytes held. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Appends a copy. */
  add(chunk: Chunk): void {
    for (let at = 0; at < chunk.byteLength;) {
      const block = this.#blockWithRoom(chunk.byteLength - at);
      const piece = chunk.subarray(at, at + block.bytes.byteLength - block.filledBytes);
      block.bytes.set(piece, block.filledBytes);
      block.filledBytes += piece.byteLength;
      this.#byteLength += piece.byteLength;
      at += piece.byteLength;
    }
  }

  /** Removes and returns the first block; undefined when empty. */
  take(): Chunk | undefined {
    const block = this.#blocks.shift();
    if (!block) return undefined;
    this.#byteLength -= block.filledBytes;
    return block.bytes.subarray(0, block.filledBytes);
  }

  /** A new block is as large as all before it, so that at least half of the memory is in use. */
  #blockWithRoom(wantedBytes: number): Block {
    const last = this.#blocks.at(-1);
    if (last && last.filledBytes < last.bytes.byteLength) return last;
    const leastBytes = Math.max(MIN_BLOCK_BYTES, wantedBytes, this.#byteLength);
    const block = {
      bytes: new Uint8Array(Math.min(leastBytes, MAX_BLOCK_BYTES)),
      filledBytes: 0,
    };
    this.#blocks.push(block);
    return block;
  }
}
