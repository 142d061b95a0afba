/**
 * What a client has sent and nobody has asked for yet, in few large pieces, however small those were in which it came.
 *
 * @module
 */

/** A client that sends byte by byte does not cost more than that at first. */
const MIN_BLOCK_BYTES = 256;
const MAX_BLOCK_BYTES = 64 * 1024;

/** A piece of the stream. */
export type Chunk = Uint8Array<ArrayBuffer>;

interface Block {
  readonly bytes: Chunk;
  filledBytes: number;
}

/** Bytes, first in, first out. */
export class ReadAhead {
  readonly #blocks: Block[] = [];
  #byteLength = 0;

  /** How many bytes it holds. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Puts a copy behind what there is. */
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

  /** The first of it, and no longer holds that; undefined when there is nothing. */
  take(): Chunk | undefined {
    const block = this.#blocks.shift();
    if (!block) return undefined;
    this.#byteLength -= block.filledBytes;
    return block.bytes.subarray(0, block.filledBytes);
  }

  /** Each new one is as large as all before it, so that half of the memory is in use at least. */
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
