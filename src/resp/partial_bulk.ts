/**
 * @module
 * A bulk string that comes in several chunks.
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

  /** How much memory it takes. */
  get roomBytes(): number {
    return this.#room.length;
  }

  /** All of it; undefined as long as something is missing. */
  get whole(): Uint8Array<ArrayBuffer> | undefined {
    return this.#filled === this.#size ? this.#room : undefined;
  }

  /** Copies what belongs to it from `position` on; how many bytes that are. */
  take(chunk: Uint8Array, position: number): number {
    const piece = chunk.subarray(position, position + this.#size - this.#filled);
    this.#makeRoom(this.#filled + piece.length);
    this.#room.set(piece, this.#filled);
    this.#filled += piece.length;
    return piece.length;
  }

  #makeRoom(needed: number): void {
    if (this.#room.length >= needed) return;
    const larger = new Uint8Array(Math.min(this.#size, Math.max(2 * needed, FIRST_ROOM_BYTES)));
    larger.set(this.#room.subarray(0, this.#filled));
    this.#room = larger;
  }
}
