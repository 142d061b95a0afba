/**
 * The reading half of a connection: one read at a time into a reused buffer. While a command waits, a watch reads ahead
 * to notice a disconnect.
 *
 * @module
 */

import type { ByteStream } from "./byte_stream.ts";
import { type Chunk, ReadAhead } from "./read_ahead.ts";
import type { ConnectionCounters } from "../telemetry/connection_counters.ts";

/** The buffer of an idle connection: a read is always pending and needs one. */
const SMALL_BUFFER_BYTES = 256;
/** The buffer of a connection that fills the smaller ones. */
export const LARGE_BUFFER_BYTES = 64 * 1024;
/** Number of small chunks in a row after which the buffer is the small one: a pipeline may end with one. */
const SMALL_CHUNKS = 2;
/** Factor by which the buffer grows when it was filled. */
const GROWTH = 8;
/** Default limit of bytes read ahead while a command waits; a disconnect behind them is noticed later. */
const MAX_AHEAD_BYTES = 1024 * 1024;

/** The memory for what is read ahead. */
export interface AheadRoom {
  /** Called before more is read behind so many bytes; returns a promise when that has to wait. */
  roomAhead(aheadBytes: number): Promise<void> | undefined;
}

/** Owns the reading half of a connection. */
export class Input {
  readonly #source: Pick<ByteStream, "read">;
  readonly #counters: ConnectionCounters;
  #buffer: Chunk = new Uint8Array(SMALL_BUFFER_BYTES);
  #nextBufferBytes = SMALL_BUFFER_BYTES;
  /** Number of small chunks since the last larger one. */
  #smallChunks = 0;
  /** The latest chunk of `read` lies in `#buffer`. */
  #bufferLent = false;
  #fetching = false;
  #ended = false;
  #failure: unknown;
  #interrupted = false;
  /** Resolves the pending `read`, with undefined at the end. */
  #onChunk: ((chunk: Chunk | undefined) => void) | undefined;
  /** Bytes read ahead, not consumed yet. */
  #ahead: ReadAhead | undefined;
  #aheadLimitBytes = MAX_AHEAD_BYTES;
  #onOverrun: ((aheadBytes: number) => void) | undefined;
  #onEnd: (() => void) | undefined;
  /** Asked before more is read ahead; nobody unless set. */
  aheadRoom: AheadRoom | undefined;

  /** Owns the reading half of a connection; counts its bytes in `counters`. */
  constructor(source: Pick<ByteStream, "read">, counters: ConnectionCounters) {
    this.#source = source;
    this.#counters = counters;
  }

  /** The client has disconnected, or at least closed its sending side. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The error that has ended the input; undefined without one. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Bytes read ahead, not consumed yet. */
  get aheadBytes(): number {
    return this.#ahead?.byteLength ?? 0;
  }

  /** Reads the next chunk, valid until the next call; undefined at the end or after `interrupt`. */
  read(): Promise<Chunk | undefined> {
    this.#bufferLent = false;
    if (this.#interrupted) return Promise.resolve(undefined);
    const ahead = this.#ahead?.take();
    if (!ahead) return this.#next();
    if (this.#ahead!.byteLength === 0) this.#ahead = undefined;
    return Promise.resolve(ahead);
  }

  /** Ends reading: a pending `read` resolves immediately, with undefined. */
  interrupt(): void {
    this.#interrupted = true;
    this.#ahead = undefined;
    this.#hand(undefined);
  }

  /**
   * Calls `onEnd` when the client disconnects. Bytes sent before that are kept for `read`, up to a limit.
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
   * Raises the limit of bytes kept during a watch, so that a disconnect behind them is noticed. Calls `onOverrun` once,
   * with their number, when there are more.
   *
   * @returns restores the default limit
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

  /** Reads and discards input until the client disconnects, for at most `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#hand(undefined), timeoutMs);
    while (await this.#next()) this.#bufferLent = false;
    clearTimeout(timer);
  }

  /** Waits for the next chunk; undefined at the end, or when the wait is interrupted. */
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

  /** Reads are never concurrent. */
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

  /** A reset ends the input, too. */
  readonly #onFailure = (failure: unknown): void => {
    this.#fetching = false;
    this.#failure = failure;
    this.#end();
  };

  #end(): void {
    this.#ended = true;
    this.#hand(undefined);
    this.#onEnd?.();
  }

  /** Copies the chunk: the buffer is reused. */
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
      const room = this.aheadRoom?.roomAhead(aheadBytes);
      if (!room) return this.#fetch();
      void room.then(() => {
        if (this.#onEnd) this.#fetch();
      });
    }
  }

  /** A filled buffer is followed by a larger one, small chunks by the small one. */
  #resize(byteLength: number): void {
    this.#smallChunks = byteLength <= SMALL_BUFFER_BYTES ? this.#smallChunks + 1 : 0;
    if (byteLength === this.#buffer.byteLength) {
      this.#nextBufferBytes = Math.min(GROWTH * byteLength, LARGE_BUFFER_BYTES);
    } else if (this.#smallChunks >= SMALL_CHUNKS) {
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
