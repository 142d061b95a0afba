/**
 * Finds lines in chunks, and carries the start of a line that a chunk cuts off, whatever the line contains. Each byte is
 * read once, however the lines are cut.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */
import { LF, NO_BYTES } from "./bytes.ts";
import { ProtocolError } from "./protocol_error.ts";

/** Longest line in bytes, its newline not counted: Redis' `PROTO_INLINE_MAX_SIZE`. */
export const MAX_LINE_BYTES: number = 64 * 1024;

/** A carry buffer up to this size is kept for the next line; headers never need more. */
const KEPT_CARRY_BYTES = 64;

/** Reads one line at a time: {@linkcode bytes} from {@linkcode start} to {@linkcode end}. */
export class LineReader {
  /** Holds the line last read, from `start` to `end`; valid until the next read. */
  bytes: Uint8Array<ArrayBuffer> = NO_BYTES;
  /** Index of the line's first byte in `bytes`. */
  start: number = 0;
  /** Index of the line's newline, which is not part of it. */
  end: number = 0;

  #carry: Uint8Array<ArrayBuffer> = NO_BYTES;
  #carried = 0;

  /** Whether the line of the next `read` began in an earlier chunk. */
  get carrying(): boolean {
    return this.#carried > 0;
  }

  /** The memory of that line's start. */
  get carriedBytes(): number {
    return this.#carry.length;
  }

  /** The first byte of the line of the next `read(chunk, from)`. */
  firstByte(chunk: Uint8Array<ArrayBuffer>, from: number): number {
    return this.#carried > 0 ? this.#carry[0]! : chunk[from]!;
  }

  /**
   * Reads to the next newline.
   *
   * @param from where in `chunk` the line begins or, after a read without a newline, continues
   * @param tooBig message of the error for a line that is too long
   * @returns the position behind the newline, or undefined when the chunk ended first: its rest
   *   is carried then, and the chunk no longer needed
   * @throws {ProtocolError} for a line of more than {@linkcode MAX_LINE_BYTES}, ended or not
   */
  read(chunk: Uint8Array<ArrayBuffer>, from: number, tooBig: string): number | undefined {
    const stop = Math.min(chunk.length, from + MAX_LINE_BYTES + 1 - this.#carried);
    let at = from;
    while (at < stop && chunk[at] !== LF) at++;
    if (at === stop) {
      if (this.#carried + at - from > MAX_LINE_BYTES) throw new ProtocolError(tooBig);
      this.#keep(chunk, from, at);
      return undefined;
    }
    if (this.#carried === 0) {
      this.bytes = chunk;
      this.start = from;
      this.end = at;
    } else {
      this.#joinCarried(chunk, from, at);
    }
    return at + 1;
  }

  /** Completes a line that began in an earlier chunk. */
  #joinCarried(chunk: Uint8Array<ArrayBuffer>, from: number, to: number): void {
    this.#keep(chunk, from, to);
    this.bytes = this.#carry;
    this.start = 0;
    this.end = this.#carried;
    this.#carried = 0;
    if (this.#carry.length > KEPT_CARRY_BYTES) this.#carry = NO_BYTES;
  }

  #keep(chunk: Uint8Array<ArrayBuffer>, from: number, to: number): void {
    const needed = this.#carried + to - from;
    if (needed > this.#carry.length) {
      // Doubles, so that a long line in single bytes is not copied for each of them.
      const larger = new Uint8Array(Math.max(needed, 2 * this.#carry.length, KEPT_CARRY_BYTES));
      larger.set(this.#carry.subarray(0, this.#carried));
      this.#carry = larger;
    }
    this.#carry.set(chunk.subarray(from, to), this.#carried);
    this.#carried = needed;
  }
}
