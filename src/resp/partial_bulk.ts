/**
 * A bulk string that comes in several chunks.
 *
 * @module
 */

/** Room at first; a shorter bulk gets what it needs. */
const FIRST_ROOM_BYTES = 4 * 1024;

/**
 * The part of it that has come. Its memory grows with that: thousands of clients that announce a large message and
 * never send it must not take memory for it.
 */
export class PartialBulk {
  readonly #size: number;
  #room: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #filled = 0;

  /** Nothing yet of a bulk of `size` bytes, its CRLF included. */
  constructor(size: number) {
    this.#size = size;
  }

  /** How much memory it takes when so many bytes more of it have come. */
  roomBytes(more: number): number {
    const needed = Math.min(this.#filled + more, this.#size);
    if (this.#room.length >= needed) return this.#room.length;
    return Math.min(this.#size, Math.max(2 * needed, FIRST_ROOM_BYTES));
  }

  /** All of it; undefined as long as something is missing. */
  get whole(): Uint8Array<ArrayBuffer> | undefined {
    return this.#filled === this.#size ? this.#room : undefined;
  }

  /** Copies what belongs to it from `position` on; how many bytes that are. */
  take(chunk: Uint8Array, position: number): number {
    const piece = chunk.subarray(position, position + this.#size - this.#filled);
    this.#makeRoom(this.roomBytes(piece.length));
    this.#room.set(piece, this.#filled);
    this.#filled += piece.length;
    return piece.length;
  }

  #makeRoom(roomBytes: number): void {
    if (this.#room.length === roomBytes) return;
    // frees the smaller one at once: of many large bulks the garbage alone would fill the memory
    this.#room = new Uint8Array(this.#room.buffer.transfer(roomBytes));
  }

  /** Frees its memory; what was made of it is empty then. */
  free(): void {
    this.#room.buffer.transfer(0);
  }
}
