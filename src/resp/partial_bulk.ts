/**
 * A bulk string that arrives in several chunks.
 *
 * @module
 */

/** The least room; a shorter bulk gets its own size. */
const FIRST_ROOM_BYTES = 4 * 1024;

/**
 * The part that has arrived. Its memory grows with this part: thousands of clients that announce large messages and never
 * send them must not reserve memory for them.
 */
export class PartialBulk {
  readonly #size: number;
  #room: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #filled = 0;

  /**
   * An empty bulk.
   *
   * @param size of the complete one in bytes, its CRLF included
   */
  constructor(size: number) {
    this.#size = size;
  }

  /** The memory it takes after `more` further bytes. */
  roomBytes(more: number): number {
    const needed = Math.min(this.#filled + more, this.#size);
    if (this.#room.length >= needed) return this.#room.length;
    return Math.min(this.#size, Math.max(2 * needed, FIRST_ROOM_BYTES));
  }

  /** The complete bulk; undefined before its last byte. */
  get whole(): Uint8Array<ArrayBuffer> | undefined {
    return this.#filled === this.#size ? this.#room : undefined;
  }

  /**
   * Copies the bulk's bytes from a chunk.
   *
   * @returns how many bytes
   */
  take(chunk: Uint8Array, position: number): number {
    const piece = chunk.subarray(position, position + this.#size - this.#filled);
    this.#makeRoom(this.roomBytes(piece.length));
    this.#room.set(piece, this.#filled);
    this.#filled += piece.length;
    return piece.length;
  }

  #makeRoom(roomBytes: number): void {
    if (this.#room.length === roomBytes) return;
    // frees the smaller buffer immediately: the garbage of many large bulks would fill the memory
    this.#room = new Uint8Array(this.#room.buffer.transfer(roomBytes));
  }

  /** Frees its memory; views of it are empty then. */
  free(): void {
    this.#room.buffer.transfer(0);
  }
}
