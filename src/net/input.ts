/**
 * The reading half of a connection: chunks of bytes, one read at a time into memory that is used again; and a
 * watch on the connection while a command waits, which reads ahead to see a hang-up.
 *
 * @module
 */

import type { ByteStream } from "./byte_stream.ts";
import { type Chunk, ReadAhead } from "./read_ahead.ts";
import type { ConnectionCounters } from "../telemetry/connection_counters.ts";

/** What an idle connection costs: a read is always pending, and the kernel wants to know where to. */
const SMALL_BUFFER_BYTES = 256;
/** For a connection that fills the ones before it: it sends much. */
export const LARGE_BUFFER_BYTES = 64 * 1024;
/** So much larger is the next buffer when one was filled. */
const GROWTH = 8;
/** How much is read ahead while a command waits, if not more is asked for; a hang-up behind it is seen later. */
const MAX_AHEAD_BYTES = 1024 * 1024;

/** Owns the reading half of a connection. */
export class Input {
  readonly #source: Pick<ByteStream, "read">;
  readonly #counters: ConnectionCounters;
  #buffer: Chunk = new Uint8Array(SMALL_BUFFER_BYTES);
  #nextBufferBytes = SMALL_BUFFER_BYTES;
  /** What `read` gave last lies in `#buffer`. */
  #bufferLent = false;
  #fetching = false;
  #ended = false;
  #interrupted = false;
  /** Gets the next chunk, or undefined at the end; whoever waits for it. */
  #onChunk: ((chunk: Chunk | undefined) => void) | undefined;
  /** What nobody has waited for, if there is any. */
  #ahead: ReadAhead | undefined;
  #aheadLimitBytes = MAX_AHEAD_BYTES;
  #onOverrun: ((aheadBytes: number) => void) | undefined;
  #onEnd: (() => void) | undefined;
  /** Asked before more is read ahead of so many bytes; a promise when that has to wait. */
  roomAhead: ((aheadBytes: number) => Promise<void> | undefined) | undefined;

  /** Takes the reading half of a connection, for good; counts its bytes in `counters`. */
  constructor(source: Pick<ByteStream, "read">, counters: ConnectionCounters) {
    this.#source = source;
    this.#counters = counters;
  }

  /** The client has hung up, or at least ended its half of the connection. */
  get ended(): boolean {
    return this.#ended;
  }

  /** How much of it was read and not asked for yet. */
  get aheadBytes(): number {
    return this.#ahead?.byteLength ?? 0;
  }

  /** The next chunk, valid until the next call; undefined at the end or after `interrupt`. */
  read(): Promise<Chunk | undefined> {
    this.#bufferLent = false;
    if (this.#interrupted) return Promise.resolve(undefined);
    const ahead = this.#ahead?.take();
    if (!ahead) return this.#next();
    if (this.#ahead!.byteLength === 0) this.#ahead = undefined;
    return Promise.resolve(ahead);
  }

  /** `read` gives nothing any more; one that waits returns at once. */
  interrupt(): void {
    this.#interrupted = true;
    this.#ahead = undefined;
    this.#hand(undefined);
  }

  /**
   * Calls `onEnd` when the client hangs up. What it sends before is kept for `read`, up to a limit.
   *
   * @returns ends the watch
   */
  watch(onEnd: () => void): () => void {
    this.#onEnd = onEnd;
    if (this.#ended) onEnd();
    else this.#fetchAhead();
    return () => this.#onEnd = undefined;
  }

  /**
   * Raises the limit of what is kept while a watch lasts, so that a hang-up behind it is seen. Calls `onOverrun`, once,
   * with how much it is when that is more.
   *
   * @returns takes it back
   */
  readFurther(limitBytes: number, onOverrun: (aheadBytes: number) => void): () => void {
    this.#aheadLimitBytes = limitBytes;
    this.#onOverrun = onOverrun;
    if (this.#onEnd) this.#fetchAhead();
    return () => {
      this.#aheadLimitBytes = MAX_AHEAD_BYTES;
      this.#onOverrun = undefined;
    };
  }

  /** Reads and drops what comes until the client hangs up, at most for `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#hand(undefined), timeoutMs);
    while (await this.#next()) this.#bufferLent = false;
    clearTimeout(timer);
  }

  /** The next chunk that comes; undefined at the end, and when the wait is ended. */
  #next(): Promise<Chunk | undefined> {
    return new Promise((resolve) => {
      if (this.#ended) return resolve(undefined);
      this.#onChunk = resolve;
      this.#fetch();
    });
  }

  #hand(chunk: Chunk | undefined): void {
    const onChunk = this.#onChunk;
    this.#onChunk = undefined;
    onChunk?.(chunk);
  }

  /** One read at a time, however many want it. */
  #fetch(): void {
    if (this.#fetching || this.#ended) return;
    this.#fetching = true;
    this.#source.read(this.#freeBuffer()).then(this.#onRead, this.#onFailure);
  }

  readonly #onRead = (byteLength: number | null): void => {
    this.#fetching = false;
    if (byteLength === null) return this.#end();
    this.#counters.inputBytes.total += byteLength;
    this.#resize(byteLength);
    const chunk = this.#buffer.subarray(0, byteLength);
    this.#bufferLent = this.#onChunk !== undefined;
    if (this.#onChunk) this.#hand(chunk);
    else this.#keep(chunk);
  };

  /** A connection that was reset has ended, too. */
  readonly #onFailure = (): void => {
    this.#fetching = false;
    this.#end();
  };

  #end(): void {
    this.#ended = true;
    this.#hand(undefined);
    this.#onEnd?.();
  }

  /** A copy: the buffer is read into again. */
  #keep(chunk: Chunk): void {
    this.#ahead ??= new ReadAhead();
    this.#ahead.add(chunk);
    if (this.#onEnd) this.#fetchAhead();
  }

  #fetchAhead(): void {
    const { aheadBytes } = this;
    const onOverrun = this.#onOverrun;
    if (onOverrun && aheadBytes > this.#aheadLimitBytes) {
      this.#onOverrun = undefined;
      onOverrun(aheadBytes);
    } else if (onOverrun || aheadBytes < this.#aheadLimitBytes) {
      const room = this.roomAhead?.(aheadBytes);
      if (!room) return this.#fetch();
      void room.then(() => {
        if (this.#onEnd) this.#fetch();
      });
    }
  }

  /** Who fills a buffer gets a larger one next; who sends little again gives it back. */
  #resize(byteLength: number): void {
    if (byteLength === this.#buffer.byteLength) {
      this.#nextBufferBytes = Math.min(GROWTH * byteLength, LARGE_BUFFER_BYTES);
    } else if (byteLength <= SMALL_BUFFER_BYTES) {
      this.#nextBufferBytes = SMALL_BUFFER_BYTES;
    }
  }

  #freeBuffer(): Chunk {
    if (this.#bufferLent || this.#buffer.byteLength !== this.#nextBufferBytes) {
      this.#buffer = new Uint8Array(this.#nextBufferBytes);
      this.#bufferLent = false;
    }
    return this.#buffer;
  }
}
