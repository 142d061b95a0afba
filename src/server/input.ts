/**
 * @module
 * The reading half of a connection: chunks of bytes through a BYOB reader, whose memory is used again; and a
 * watch on the connection while a command waits, which reads ahead to see a hang-up.
 */

import type { Traffic } from "./traffic.ts";

const SMALL_BUFFER_BYTES = 4 * 1024;
/** For a connection that has filled a small one: it sends much. */
const LARGE_BUFFER_BYTES = 64 * 1024;
/** How much is read ahead while a command waits; a hang-up behind that is seen when the command is done. */
const MAX_AHEAD_BYTES = 1024 * 1024;

/** A piece of the stream. */
export type Chunk = Uint8Array<ArrayBuffer>;

/** Owns the reader of a connection. */
export class Input {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #traffic: Traffic;
  readonly #ahead: Chunk[] = [];
  #aheadBytes = 0;
  #fetching: Promise<void> | undefined;
  #ended = false;
  #interrupted = false;
  #interruptRead: (() => void) | undefined;
  #onEnd: (() => void) | undefined;
  /** What `read` gave last; its memory is free at the next `read`. */
  #current: Chunk | undefined;
  #free: ArrayBuffer | undefined;
  #bufferBytes = SMALL_BUFFER_BYTES;

  /** Takes the reader of `readable`, for good; counts its bytes in `traffic`. */
  constructor(readable: ReadableStream<Uint8Array<ArrayBuffer>>, traffic: Traffic) {
    this.#traffic = traffic;
    this.#reader = readable.getReader({ mode: "byob" });
  }

  /** The next chunk, valid until the next call; undefined at the end or after `interrupt`. */
  async read(): Promise<Chunk | undefined> {
    if (this.#current) this.#free = this.#current.buffer;
    this.#current = undefined;
    while (this.#ahead.length === 0 && !this.#ended && !this.#interrupted) {
      await new Promise<void>((resolve) => {
        this.#interruptRead = resolve;
        void this.#fetch().then(resolve);
      });
    }
    if (this.#interrupted) return undefined;
    this.#current = this.#ahead.shift();
    this.#aheadBytes -= this.#current?.byteLength ?? 0;
    return this.#current;
  }

  /** `read` gives nothing any more; one that waits returns at once. */
  interrupt(): void {
    this.#interrupted = true;
    this.#interruptRead?.();
  }

  /**
   * Calls `onEnd` when the client hangs up. What it sends before is kept for `read`, up to a limit.
   *
   * @returns ends the watch
   */
  watch(onEnd: () => void): () => void {
    this.#onEnd = onEnd;
    void this.#readAhead();
    return () => this.#onEnd = undefined;
  }

  /** Reads and drops what comes until the client hangs up, at most for `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<"timeout">((resolve) => {
      timer = setTimeout(resolve, timeoutMs, "timeout");
    });
    while (!this.#ended) {
      this.#ahead.length = 0;
      if (await Promise.race([this.#fetch(), timeout]) === "timeout") break;
    }
    clearTimeout(timer);
  }

  async #readAhead(): Promise<void> {
    while (this.#onEnd && !this.#ended && this.#aheadBytes < MAX_AHEAD_BYTES) await this.#fetch();
    if (this.#ended) this.#onEnd?.();
  }

  /** One read, however many wait for it; its chunk goes to the end of what was read ahead. */
  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchOne().finally(() => this.#fetching = undefined);
    return this.#fetching;
  }

  async #fetchOne(): Promise<void> {
    try {
      const { value, done } = await this.#reader.read(new Uint8Array(this.#takeBuffer()));
      if (done) this.#ended = true;
      else this.#keep(value);
    } catch {
      this.#ended = true; // a connection that was reset has ended, too
    }
  }

  #keep(chunk: Chunk): void {
    const filled = chunk.byteLength === chunk.buffer.byteLength;
    this.#bufferBytes = filled ? LARGE_BUFFER_BYTES : this.#bufferBytes;
    // what is read ahead in many small pieces must not hold a buffer each
    if (this.#onEnd) {
      this.#ahead.push(chunk.slice());
      this.#free = chunk.buffer;
    } else {
      this.#ahead.push(chunk);
    }
    this.#aheadBytes += chunk.byteLength;
    this.#traffic.inputBytes += chunk.byteLength;
  }

  #takeBuffer(): ArrayBuffer {
    const free = this.#free;
    this.#free = undefined;
    return free && free.byteLength >= this.#bufferBytes ? free : new ArrayBuffer(this.#bufferBytes);
  }
}
